"""Addresses: one spelling a URL, one key an address, and which hosts a crawl may never reach.

`normalize` gives the spelling that is stored and requested. Whatever it changes, a browser changes
as well before it asks (WHATWG URL, section 4), or RFC 3986, section 6.2, calls the same resource;
only the tracking parameters are a rule of our own. In order:

1.  surrounding spaces and control characters go, and tabs and line breaks anywhere (WHATWG);
2.  a backslash before the query is a slash; any number of slashes after `http:` is two (WHATWG);
3.  a relative reference is resolved against `base` (RFC 3986, section 5.2);
4.  http and https alone; a user or password in the address is refused;
5.  the host is percent-decoded, mapped and encoded to A-labels (UTS 46, IDNA 2008), lower case,
    without its trailing dot; an IPv4 address in any spelling becomes four decimals, an IPv6
    address its RFC 5952 form without zone;
6.  the scheme's default port goes, other ports lose leading zeros;
7.  the fragment goes;
8.  in path and query, escaped unreserved characters are decoded, other escapes are upper case,
    whatever RFC 3986 does not allow there is escaped (as UTF-8), and so are a stray `%` and, in
    a query, an apostrophe (WHATWG);
9.  dot segments are resolved, `%2e` ones too; an empty path is `/`;
10. tracking parameters go, and parameters that are empty; an empty query goes with its `?`.

The order of the parameters that stay is the publisher's: some servers read it, so a request must
keep it. Trailing slashes and doubled slashes stay too: they may be other resources.

`address_key` is what makes two spellings one address in the archive. It leaves out the scheme, so
that an article served over http and later over https is one, and sorts the parameters by name
(parameters of one name keep their order, which often matters).

A parameter is tracking when it says how a reader came and never which page is meant. The lists:
Google Analytics' `utm_`; Firefox's query stripping list; the general lists of ClearURLs and of
AdGuard's TrackParamFilter; and the campaign parameters of Matomo, Piano (AT Internet), comScore,
Webtrekk and Adobe, which news sites put into their own feeds. Names that elsewhere choose the
page (`ref`, `source`, `from`, `id`, `cid`) are kept.
"""

import ipaddress
import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

import idna

MAX_LENGTH: Final = 2048
"""Characters of a normalised URL; the sitemap protocol's limit."""

MAX_INPUT_LENGTH: Final = 8192
"""Characters of a URL before normalisation, which may shorten it (tracking) or make it longer."""

TRACKING_PREFIXES: Final = ("utm_", "mtm_", "pk_", "at_", "ns_", "itm_", "__hs", "guce_")

_TRACKING_NAMES: Final = """
fbclid fb_action_ids fb_action_types fb_comment_id fb_ref fb_source action_object_map
action_ref_map action_type_map __tn__ igshid igsh __twitter_impression twclid ttclid li_fat_id
epik sccid taid gclid gclsrc dclid gbraid wbraid srsltid _ga _gl usqp amp_js_v yclid ysclid
ymclid _openstat msclkid guccounter rb_clickid s_kwcid s_cid ef_id wickedid mc_cid mc_eid mc_tc
mkt_tok _hsenc _hsmi hsctatracking vero_conv vero_id oly_anon_id oly_enc_id __s ml_subscriber
ml_subscriber_hash ck_subscriber_id bsft_clkid bsft_eid _bta_c _bta_tid trk_contact trk_msg
trk_module trk_sid dm_i ss_source ss_email_id _ke _kx xtor xtref wt_mc wt_zmc wtrid cmpid ftag
ncid mbid icid ocid smid smtyp
"""
TRACKING_PARAMETERS: Final = frozenset(_TRACKING_NAMES.split())

_C0_AND_SPACE: Final = "".join(map(chr, range(0x21)))
_TABS_AND_BREAKS: Final = dict.fromkeys(map(ord, "\t\n\r"))
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_ABSOLUTE: Final = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

_UNRESERVED: Final = r"A-Za-z0-9._~\-"
_UNRESERVED_CHARACTER: Final = re.compile(f"[{_UNRESERVED}]")
_NOT_IN_PATH: Final = re.compile(f"[^{_UNRESERVED}!$&'()*+,;=:@/%]+")
_NOT_IN_QUERY: Final = re.compile(f"[^{_UNRESERVED}!$&()*+,;=:@/?%]+")
_ESCAPES: Final = re.compile("(?:%[0-9A-Fa-f]{2})+|%")
_SPELLINGS: Final = tuple(
    chr(byte) if _UNRESERVED_CHARACTER.match(chr(byte)) else f"%{byte:02X}" for byte in range(256)
)

_HOST_NAME: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")

_LOCAL_DOMAINS: Final = (".localhost", ".local", ".internal", ".localdomain", ".home.arpa")
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_SPECIAL_NETWORKS: Final = tuple(
    # In IANA's registries, and not yet in the ipaddress module of every Python that runs this.
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20"))
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")


class InvalidURL(ValueError):
    """This text is no address that can be crawled; the message says what would be one."""


def normalize(url: str, *, base: str | None = None, tracking: bool = False) -> str:
    """The one spelling of a URL, by the rules at the top of this module.

    With `tracking` its tracking parameters stay: the spelling for a server that answers to no
    other. Idempotent. Relative references need `base`, itself an absolute http or https URL.
    Raises InvalidURL, and nothing else for any text.
    """
    scheme, host, port, path, query = _split(url, base)
    if ":" in host:
        host = f"[{host}]"
    kept = "&".join(
        part for part in query.split("&") if part and (tracking or not _is_tracking(part))
    )
    normalized = f"{scheme}://{host}{port}{path}" + (f"?{kept}" if kept else "")
    if len(normalized) > MAX_LENGTH:
        raise InvalidURL(f"{_shown(url)} is longer than {MAX_LENGTH:,} characters")
    return normalized


def address_key(url: str) -> str:
    """What two URLs of one address have in common: `//host/path?query`, parameters by name.

    Raises InvalidURL.
    """
    _, _, rest = normalize(url).partition(":")
    path, mark, query = rest.partition("?")
    return path + mark + "&".join(sorted(query.split("&"), key=_parameter_name))


def host_of(url: str) -> str:
    """The host of a URL as `normalize` spells it; an IPv6 address without brackets.

    Raises InvalidURL.
    """
    return _split(url, None)[1]


def site_host(host: str) -> str:
    """The host without a leading `www.`, which names the same site."""
    bare = host.removeprefix("www.")
    return bare if "." in bare else host


def is_front_page(url: str) -> bool:
    """Whether a normalised URL names the front page of its host."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def belongs(host: str, base_host: str) -> bool:
    """Whether `host` is `base_host` or one of its subdomains; both as `host_of` gives them."""
    return host == base_host or host.endswith(f".{base_host}")


def is_local(host: str) -> bool:
    """Whether a host, in any spelling a resolver accepts, is one the public web doesn't have.

    True for addresses that `is_private_address` calls private, for names reserved for local use
    (RFC 6761, 6762, 8375; ICANN's .internal) and names of a single label, and for what is no host
    at all: a request to it can't be known to be safe. A public name may still resolve to a
    private address; that is for `is_private_address` to say of each address it resolves to.
    """
    literal = host.strip(_C0_AND_SPACE).removeprefix("[").removesuffix("]")
    if ":" in literal:
        return is_private_address(literal)
    try:
        name = _canonical_host(host)
    except InvalidURL:
        return True
    if _is_ip_address(name):
        return is_private_address(name)
    return "." not in name or f".{name}".endswith(_LOCAL_DOMAINS)


def is_private_address(ip: str) -> bool:
    """Whether an IP address is one that only this machine or its network reaches.

    Loopback, private, link-local, shared (CGNAT), multicast, reserved, unspecified and
    documentation addresses (the IANA special-purpose registries), and IPv6 addresses that lead to
    such an IPv4 one: mapped, compatible, 6to4, Teredo, NAT64. True for what is no IP address.
    """
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return True
    if isinstance(address, ipaddress.IPv6Address) and (embedded := _embedded_ipv4(address)):
        return any(map(_is_special, embedded))
    return _is_special(address)


def _split(url: str, base: str | None) -> tuple[str, str, str, str, str]:
    """Scheme, host, port with its colon, path and query: all of `normalize` but for tracking."""
    match = _ABSOLUTE.match(_absolute(url, base))
    if match is None:
        raise InvalidURL(f"{_shown(url)} can't be read: write https://example.org/path")
    scheme, authority, path, query = match.groups(default="")
    if "@" in authority:
        raise InvalidURL(f"{_shown(url)} holds a user name or password: leave it out")
    host_end = authority.find(":", authority.rfind("]") + 1)
    host, port = authority, ""
    if host_end != -1:
        host = authority[:host_end]
        port = _canonical_port(authority[host_end + 1 :], scheme)
    return (
        scheme,
        _canonical_host(host),
        port,
        _without_dot_segments(_requote(path, _NOT_IN_PATH)),
        _requote(query, _NOT_IN_QUERY),
    )


def _absolute(url: str, base: str | None) -> str:
    """The text as `scheme://rest`, the scheme in lower case and no slash at the rest's start."""
    if len(url) > MAX_INPUT_LENGTH:
        raise InvalidURL(f"{_shown(url)} is longer than {MAX_INPUT_LENGTH:,} characters")
    text = _SURROGATE.sub("\ufffd", url.strip(_C0_AND_SPACE).translate(_TABS_AND_BREAKS))
    if "\\" in text:
        before, mark, after = re.split(r"([?#]|\Z)", text, maxsplit=1)
        text = before.replace("\\", "/") + mark + after
    root = None if base is None else _absolute(base, None)
    if match := _SCHEME.match(text):
        scheme, text = match[1].lower(), text[match.end() :]
        if scheme not in _DEFAULT_PORTS:
            raise InvalidURL(f"{_shown(url)} is neither http nor https: write https://…")
        if text.startswith("/") or root is None or not root.startswith(f"{scheme}:"):
            return f"{scheme}://{text.lstrip('/')}"
    if root is None:
        raise InvalidURL(f"{_shown(url)} has no scheme: write https:// before the host")
    if text.startswith("//"):
        return f"{root.partition(':')[0]}://{text.lstrip('/')}"
    return _resolve(root, text)


def _resolve(root: str, reference: str) -> str:
    """A reference without scheme and host, and the URL it is relative to, as one URL.

    RFC 3986, section 5.2.2; not urllib's urljoin, which merges doubled slashes and loses a
    trailing semicolon.
    """
    match = _ABSOLUTE.match(root)
    if match is None:
        raise InvalidURL(f"{_shown(root)} can't be read: write https://example.org/path")
    if reference.startswith("/"):
        return root[: match.end(2)] + reference
    if reference.startswith("?"):
        return root[: match.end(3)] + reference
    if not reference or reference.startswith("#"):
        return match[0]
    directory = root[: max(match.end(2), root.rfind("/", match.end(2), match.end(3)))]
    return f"{directory}/{reference}"


def _canonical_port(port: str, scheme: str) -> str:
    if not port:
        return ""
    if not (port.isascii() and port.isdigit() and 0 < int(port[:9]) < 65536 and len(port) < 10):
        raise InvalidURL(f"{_shown(port)} is no port: write a number from 1 to 65535, or none")
    return "" if int(port) == _DEFAULT_PORTS[scheme] else f":{int(port)}"


@lru_cache(maxsize=4096)
def _canonical_host(host: str) -> str:
    """A host in lower-case A-labels, or an IP address in its one form, without brackets."""
    if host.startswith("[") and host.endswith("]") and "%" not in host:
        try:
            return str(ipaddress.IPv6Address(host[1:-1]))
        except ValueError as error:
            raise InvalidURL(f"{_shown(host)} is no IPv6 address") from error
    name = host
    try:
        if "%" in name:
            # What is no UTF-8 is in no host name either.
            name = unquote_to_bytes(name).decode(errors="replace")
        if not name.isascii():
            name = idna.encode(name[:1024], uts46=True).decode()
    except UnicodeError as error:
        raise InvalidURL(f"{_shown(host)} is no host name: {error}") from error
    name = name.lower().removesuffix(".")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return _canonical_ipv4(name)
    if not _HOST_NAME.fullmatch(name):
        raise InvalidURL(f"{_shown(host)} is no host name: write one like example.org")
    return name


def _canonical_ipv4(name: str) -> str:
    """Four decimals from the one to four decimal, octal or hexadecimal numbers of inet_aton."""
    parts = name.split(".", maxsplit=4)
    try:
        *octets, rest = map(_number, parts)
        if len(parts) > 4 or max(octets, default=0) > 255 or rest >= 256 ** (4 - len(octets)):
            raise ValueError
    except ValueError as error:
        raise InvalidURL(f"{_shown(name)} is neither a host name nor an IPv4 address") from error
    value = sum(octet << (24 - 8 * place) for place, octet in enumerate(octets)) + rest
    return str(ipaddress.IPv4Address(value))


def _number(digits: str) -> int:
    if not _NUMBER.fullmatch(digits):
        raise ValueError
    if digits.startswith("0x"):
        return int(digits[2:] or "0", 16)
    return int(digits, 8 if digits.startswith("0") else 10)


def _requote(text: str, not_allowed: re.Pattern[str]) -> str:
    if "%" in text:
        text = _ESCAPES.sub(_canonical_escapes, text)
    return not_allowed.sub(lambda match: f"%{match[0].encode().hex('%').upper()}", text)


def _canonical_escapes(match: re.Match[str]) -> str:
    escapes = match[0].upper()
    if escapes == "%":
        return "%25"
    characters = bytes.fromhex(escapes.replace("%", "")).decode("latin-1")
    if not _UNRESERVED_CHARACTER.search(characters):
        return escapes
    return "".join(_SPELLINGS[ord(character)] for character in characters)


def _without_dot_segments(path: str) -> str:
    """A path's "." and ".." resolved (RFC 3986, section 5.2.4); "/" for an empty path."""
    if "/." not in path:
        return path or "/"
    segments = path.split("/")[1:]
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _parameter_name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _is_tracking(parameter: str) -> bool:
    name = _parameter_name(parameter).lower()
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _is_ip_address(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdigit()


def _embedded_ipv4(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    if address.teredo is not None:
        return address.teredo
    if address in _NAT64 or (address in _IPV4_COMPATIBLE and int(address) > 0xFFFF):
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    embedded = address.ipv4_mapped or address.sixtofour
    return () if embedded is None else (embedded,)


def _is_special(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_UNICAST:
        return True
    return (
        not address.is_global
        or address.is_multicast
        or address.is_reserved
        or any(address in network for network in _SPECIAL_NETWORKS)
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 120 else f"{text[:117]}…")
