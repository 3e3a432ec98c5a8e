"""Makes of what came back for an address a check, ready to be recorded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from crawler.answers.foreign import foreign_site
from crawler.answers.outcomes import Failure, is_status, outcome_of_status
from crawler.discovery.autodiscovery import well_known
from crawler.discovery.candidates import Candidate, CandidateKind
from crawler.discovery.discover import ResponseKind, read
from crawler.discovery.errors import DiscoveryError
from crawler.fetching.retry_after import asked_to_wait
from crawler.fetching.robots import parse_rules
from crawler.middlewares.wire_headers import HEADERS as WIRE_HEADERS
from crawler.settings import ROBOTSTXT_USER_AGENT
from storage.frontier.addresses import InvalidURL, belongs, normalize, site_host
from storage.frontier.checks import Check
from storage.frontier.due import Due
from storage.frontier.enqueueing import Found
from storage.frontier.revisits import LONGEST_RETRY_AFTER
from storage.frontier.sitemaps import DEEPEST_SITEMAP
from storage.ledger.headers import Headers
from storage.models import AddressKind, Outcome, Source

LONGEST_VALIDATOR = 1_000  # characters of an ETag that is worth keeping
MOST_HEADERS = 100
LONGEST_NAME = 256
LONGEST_HEADER = 8_192
LONGEST_BODY = 2**18  # bytes of an answer that is no page: an error, a redirect, a refusal
MOST_SECTIONS = 50  # of a front page
PAGE_TYPES = {"text/html", "application/xhtml+xml", ""}

_KINDS = {
    CandidateKind.ARTICLE: AddressKind.PAGE,
    CandidateKind.SECTION: AddressKind.SECTION,
    CandidateKind.FEED: AddressKind.FEED,
    CandidateKind.SITEMAP: AddressKind.SITEMAP,
}
_LISTS = {ResponseKind.FEED, ResponseKind.SITEMAP}
_EXPECTED = {
    AddressKind.ROBOTS: {ResponseKind.ROBOTS},
    AddressKind.FEED: _LISTS,
    AddressKind.SITEMAP: _LISTS,
    AddressKind.FRONT: {ResponseKind.PAGE},
    AddressKind.SECTION: {ResponseKind.PAGE},
}


@dataclass(frozen=True, slots=True)
class Moment:
    """Which check of which run, and when. `fetched_at` is aware."""

    fetch_id: int
    run_id: int
    fetched_at: datetime


def observe_failure(
    due: Due, moment: Moment, failure: Failure, request: Request | None = None
) -> Check:
    """The check of a request that got no response."""
    check = _check(due, moment, failure.outcome)
    return replace(
        check,
        request_headers=Headers() if request is None else _headers(_pairs(request)),
        detail=failure.detail,
        retry_soon=failure.soon,
    )


def observe_trouble(due: Due, moment: Moment, failure: Failure, response: Response) -> Check:
    """The check of an answer of which nothing but its body can be recorded."""
    check = observe_failure(due, moment, failure, response.request)
    body = response.body[:LONGEST_BODY]
    cut = len(body) < len(response.body)
    return replace(check, body=body, keep=due.kind is AddressKind.PAGE, cut=cut)


def observe_response(due: Due, moment: Moment, source: Source, response: Response) -> Check:
    """The check of a response, with what a feed, a sitemap or a front page lists."""
    if not is_status(response.status):
        detail = f"no HTTP status: {str(response.status)[:30]}"
        return observe_trouble(due, moment, Failure(Outcome.FAILED, detail, soon=True), response)
    check = replace(
        _answered(due, moment, response),
        etag=_validator(response, "ETag"),
        last_modified=_validator(response, "Last-Modified"),
        milliseconds=round(1000 * response.meta.get("download_latency", 0)),
        retry_at=asked_to_wait(response, moment.fetched_at),
        guessed=any(due.url == guess.url for guess in well_known(source.url)),
    )
    if check.outcome is Outcome.MOVED:
        return _moved(check, source, response)
    if check.outcome is Outcome.UNCHANGED and not (due.etag or due.last_modified):
        # Nothing is known that could be unchanged.
        check = replace(check, outcome=Outcome.FAILED)
    if check.outcome in (Outcome.FAILED, Outcome.BLOCKED):
        return replace(check, detail=f"HTTP {response.status}{_told(check)}")
    if check.outcome is Outcome.FETCHED:
        if due.kind is AddressKind.PAGE:
            return _page(check, response)
        return _listing(check, due, source, response)
    if due.kind is AddressKind.ROBOTS and check.outcome is not Outcome.UNCHANGED:
        return replace(check, found=tuple(_well_known(source, AddressKind.SITEMAP)))
    return check


def _answered(due: Due, moment: Moment, response: Response) -> Check:
    """What is evidence of an answer, whatever it means."""
    outcome, request = outcome_of_status(response.status), response.request
    whole = outcome is Outcome.FETCHED
    body = response.body if whole else response.body[:LONGEST_BODY]
    wire = None if request is None else request.meta.get(WIRE_HEADERS)
    return replace(
        _check(due, moment, outcome),
        status=response.status,
        peer=None if response.ip_address is None else str(response.ip_address),
        request_headers=Headers() if request is None else _headers(_pairs(request)),
        headers=_headers(wire or _pairs(response)),
        body=body if whole or body else None,
        # What a feed, a sitemap or a front page lists is kept, not what it looked like.
        keep=not whole or due.kind is AddressKind.PAGE,
        cut=len(body) < len(response.body),
    )


def _told(check: Check) -> str:
    """That a server asked for more than it is given."""
    longest = check.fetched_at + LONGEST_RETRY_AFTER
    days = LONGEST_RETRY_AFTER.days
    return f": left alone for {days} days, as long as can be asked" * (check.retry_at == longest)


def _check(due: Due, moment: Moment, outcome: Outcome) -> Check:
    return Check(
        fetch_id=moment.fetch_id,
        run_id=moment.run_id,
        address_id=due.address_id,
        source_id=due.source_id,
        url=due.url,
        kind=due.kind,
        fetched_at=moment.fetched_at,
        outcome=outcome,
        hops=due.hops,
    )


def _moved(check: Check, source: Source, response: Response) -> Check:
    location = response.headers.get("Location")
    if not location:
        return replace(check, outcome=Outcome.FAILED, detail=f"HTTP {response.status} to nowhere")
    try:
        target = normalize(_as_browsers_read(location), base=response.url)
    except InvalidURL as error:
        return replace(check, detail=f"to no usable address: {error}"[:300])
    if not is_own(target, source):
        return replace(check, detail=f"to another site: {target[:300]}")
    return replace(check, detail=target, redirect=target)


def _as_browsers_read(location: bytes) -> str:
    """ASCII by RFC 9110, section 10.2.2; what else is sent is the path's UTF-8, as a rule."""
    try:
        return location.decode()
    except UnicodeDecodeError:
        return location.decode("latin-1")


def _page(check: Check, response: Response) -> Check:
    media_type = (_header(response, "Content-Type") or "").partition(";")[0].strip().lower()
    if media_type in PAGE_TYPES:
        return check
    return replace(check, outcome=Outcome.NOT_ARTICLE, keep=False, detail=media_type[:100])


def _listing(check: Check, due: Due, source: Source, response: Response) -> Check:
    try:
        discovered = read(
            response.body,
            url=response.url,
            content_type=_header(response, "Content-Type"),
            link_header=_header(response, "Link") or "",
        )
    except DiscoveryError as error:
        return replace(check, outcome=Outcome.UNREADABLE, detail=str(error)[:300])
    if discovered.kind not in _EXPECTED[due.kind]:
        detail = f"is a {discovered.kind}, not a {due.kind}"
        return replace(check, outcome=Outcome.UNREADABLE, detail=detail)
    own = list(_own(discovered.candidates, source, due.kind))
    if not own and discovered.kind is ResponseKind.PAGE:
        content_type = {"Content-Type": _header(response, "Content-Type") or ""}
        if (site := foreign_site(response.body, response.url, content_type)) is not None:
            return replace(check, outcome=Outcome.UNREADABLE, detail=f"another site's: {site}")
    found = tuple(_wanted(due.kind, own, source))
    detail = f"lists {len(own)} addresses"
    if due.kind is AddressKind.ROBOTS:
        detail += _asked_delay(response.body)
    return _at_depth(replace(check, detail=detail), found)


def _asked_delay(body: bytes) -> str:
    """What a robots.txt asks for between two requests, and what of that it gets."""
    rules = parse_rules(body, ROBOTSTXT_USER_AGENT)
    if not rules.crawl_delay:
        return ""
    got = "" if rules.delay == rules.crawl_delay else f", gets {rules.delay:g}"
    return f"; asks for {rules.crawl_delay:g} s between two requests{got}"


def _wanted(kind: AddressKind, own: list[Found], source: Source) -> Iterator[Found]:
    """What of the listed addresses is to be fetched, and where to look if nothing is listed."""
    match kind:
        case AddressKind.ROBOTS:
            yield from own or _well_known(source, AddressKind.SITEMAP)
        case AddressKind.FRONT:
            sections = [item for item in own if item.kind is AddressKind.SECTION]
            yield from (item for item in own if item.kind is not AddressKind.SECTION)
            yield from sections[:MOST_SECTIONS]
            if not any(item.kind is AddressKind.FEED for item in own):
                yield from _well_known(source, AddressKind.FEED)
        case AddressKind.SECTION:
            yield from (item for item in own if item.kind is not AddressKind.SECTION)
        case _:
            # What a feed or a sitemap lists is a page, whatever its address looks like.
            for item in own:
                section = item.kind is AddressKind.SECTION
                yield replace(item, kind=AddressKind.PAGE) if section else item


def _at_depth(check: Check, found: tuple[Found, ...]) -> Check:
    """A sitemap names others, which are one deeper, but for those that are too deep."""
    depth = check.hops + 1
    if check.kind is not AddressKind.SITEMAP:
        return replace(check, found=found)
    sitemaps = sum(item.kind is AddressKind.SITEMAP for item in found)
    if depth > DEEPEST_SITEMAP and sitemaps:
        rest = tuple(item for item in found if item.kind is not AddressKind.SITEMAP)
        told = f"{check.detail}; left out {sitemaps:,} sitemaps, too many indexes deep"
        return replace(check, found=rest, detail=told)
    deeper = (replace(it, hops=depth) if it.kind is AddressKind.SITEMAP else it for it in found)
    return replace(check, found=tuple(deeper))


def _well_known(source: Source, kind: AddressKind) -> Iterator[Found]:
    found = _own(well_known(source.url), source, AddressKind.FRONT)
    return (item for item in found if item.kind is kind)


def _own(candidates: Iterable[Candidate], source: Source, listing: AddressKind) -> Iterator[Found]:
    for item in candidates:
        if is_own(item.url, source):
            yield Found(
                item.url,
                _KINDS[item.kind],
                published_at=item.published_at,
                modified_at=item.modified_at,
                hints=_hints(item, listing),
            )


def _hints(item: Candidate, listing: AddressKind) -> dict[str, str] | None:
    hints = {"title": item.title, "guid": item.guid, "listed_url": item.listed_url}
    if item.published_at is not None:
        hints |= {"published_at": item.published_at.isoformat(), "published_in": listing.value}
    if item.modified_at is not None:
        hints |= {"modified_at": item.modified_at.isoformat(), "modified_in": listing.value}
    given = {name: value for name, value in hints.items() if value}
    return given or None


def is_own(url: str, source: Source) -> bool:
    """Whether a normalised URL is on one of the source's own hosts: its own, with or without
    `www.`, any subdomain, at the port the source has; or one that an operator gave it."""
    mine, other = urlsplit(source.url), urlsplit(url)
    if mine.port == other.port and belongs(other.hostname or "", site_host(mine.hostname or "")):
        return True
    return any(belongs(site_host(other.netloc), host.name) for host in source.hosts)


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1")


def _validator(response: Response, name: str) -> str | None:
    value = _header(response, name)
    return value if value is not None and len(value) <= LONGEST_VALIDATOR else None


def _pairs(message: Request | Response) -> Iterator[tuple[bytes, bytes]]:
    return ((name, value) for name, values in message.headers.items() for value in values)


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    return Headers.of(
        (name.decode("latin-1")[:LONGEST_NAME], value.decode("latin-1")[:LONGEST_HEADER])
        for name, value in islice(pairs, MOST_HEADERS)
    )
