"""Which addresses are one site's to be polite to: the registered domain.

By the public suffix list that comes with tldextract, its private part included: sites of one
hosting service (a.github.io, b.github.io) are apart. Nothing is downloaded.
"""

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from storage.frontier.addresses import is_local

if TYPE_CHECKING:
    from tldextract import TLDExtract


def registered_domain(url: str) -> str:
    """The domain of a normalised URL that somebody registered, whatever the subdomain and port.

    A public IP address stands for itself, and so does a host that is a public suffix. Of local
    names and addresses each port is a site of its own: they are machines of the operator's.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_local(host):
        return parts.netloc
    if ":" in host or host.rpartition(".")[2].isdigit():
        return host
    found = _suffix_list().extract_str(host)
    if not found.suffix:
        # The list's own rule for a suffix that it does not name: the last label is one.
        return ".".join(host.split(".")[-2:])
    return found.top_domain_under_public_suffix or host


def is_public_suffix(url: str) -> bool:
    """Whether the host of a normalised URL is one below which everybody registers names of their
    own (com, co.uk, github.io), so that it is no one's site."""
    host = urlsplit(url).hostname or ""
    return host == _suffix_list().extract_str(host).suffix


@cache
def _suffix_list() -> "TLDExtract":
    # It takes a quarter of a second, which a search need not wait for.
    from tldextract import TLDExtract

    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)
