"""The Memento protocol (RFC 7089): any address of an article is an original resource, and its
versions are the mementos.

    /timegate/URL          to the version that stood at Accept-Datetime
    /timemap/link/URL      every version, in application/link-format; /timemap/link/2/URL goes on
    /timemap/json/URL      the same in JSON
    /stored/IDENTIFIER     a memento: reader.pages.stored_page
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reader.api.operations import json_response
from reader.faults import WrongRequest
from reader.page_request import PageRequest, page
from storage.database.errors import NotFound
from storage.query.mementos import Memento, Neighbours, mementos, original_at, seen_at
from storage.query.shown import require_metadata

LINK_FORMAT: Final = "application/link-format"
PAGE: Final = 1_000  # mementos of a page of a TimeMap

_LONGEST: Final = 2_000  # characters of a URL
_MOST_PAGES: Final = 100_000
_DATE: Final = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" \d\d:\d\d:\d\d GMT",
    re.ASCII,
)
_FORMAT: Final = "%a, %d %b %Y %H:%M:%S GMT"


def timegate(asked: PageRequest) -> Response:
    """To the memento that stood at the time that is asked for."""
    url = asked_url(asked.request, "/timegate/")
    at = read_date(asked.request.headers.get("accept-datetime"))
    with asked.reading() as session:
        original = original_at(session, url)
        found = seen_at(session, original.article_id, at)
        require_metadata(session, found.chosen.identifier)
    return Response(
        status_code=302,
        headers={
            "location": memento_address(asked, found.chosen),
            "link": ", ".join(links(asked, original.url, found, timegate=False)),
            "vary": "accept-datetime",
            "cache-control": "no-cache",
        },
    )


def timemap_of_links(asked: PageRequest) -> Response:
    """A page of the TimeMap, as links."""
    original, some, number, more = _timemap(asked, "/timemap/link/")
    lines = [_link(original, 'rel="original"')]
    lines += _map_links(asked, original, some, number, more)
    lines.append(_link(asked.absolute(f"/timegate/{original}"), 'rel="timegate"'))
    for place, it in enumerate(some):
        ends = ["first"] if place == 0 and number == 1 else []
        ends += ["last"] if place == len(some) - 1 and not more else []
        relation = " ".join([*ends, "memento"])
        lines.append(_memento_link(asked, it, relation))
    return Response(",\n".join(lines) + "\n", headers={"content-type": LINK_FORMAT})


def timemap_as_json(asked: PageRequest) -> Response:
    """A page of the TimeMap, in the form that MemGator and pywb's kin give."""
    original, some, number, more = _timemap(asked, "/timemap/json/")
    told: list[dict[str, Any]] = [
        {"datetime": f"{it.seen_at:%Y-%m-%dT%H:%M:%SZ}", "uri": memento_address(asked, it)}
        for it in some
    ]
    document: dict[str, Any] = {
        "original_uri": original,
        "self": _map_address(asked, "json", original, number),
        "timegate_uri": asked.absolute(f"/timegate/{original}"),
        "timemap_uri": {
            "link_format": _map_address(asked, "link", original, 1),
            "json_format": _map_address(asked, "json", original, 1),
        },
        "mementos": {"list": told},
    }
    if told and number == 1:
        document["mementos"]["first"] = told[0]
    if told and not more:
        document["mementos"]["last"] = told[-1]
    if more:
        document["next"] = _map_address(asked, "json", original, number + 1)
    return json_response(document)


def _timemap(asked: PageRequest, prefix: str) -> tuple[str, Sequence[Memento], int, bool]:
    """The original's URL, a page of its mementos, the page's number from 1, and whether there are
    more."""
    rest = asked_url(asked.request, prefix)
    numbered = re.match(r"([1-9][0-9]{0,5})/(.+)", rest)
    number, url = (int(numbered[1]), _repaired(numbered[2])) if numbered else (1, rest)
    if number > _MOST_PAGES:
        raise NotFound("the TimeMap has no such page")
    with asked.reading() as session:
        original = original_at(session, url)
        some, more = mementos(session, original.article_id, skip=(number - 1) * PAGE, limit=PAGE)
        if not some:
            raise NotFound("the TimeMap has no such page")
        require_metadata(session, some[0].identifier)  # they have one source, whose word it is
    return _escaped(original.url), some, number, more


def _map_links(
    asked: PageRequest, original: str, some: Sequence[Memento], number: int, more: bool
) -> Iterator[str]:
    span = f'from="{written(some[0].seen_at)}"; until="{written(some[-1].seen_at)}"'
    kind = f'type="{LINK_FORMAT}"'
    yield _link(_map_address(asked, "link", original, number), f'rel="self"; {kind}; {span}')
    others = [number - 1] if number > 1 else []
    others += [number + 1] if more else []
    for other in others:
        yield _link(_map_address(asked, "link", original, other), f'rel="timemap"; {kind}')


def links(
    asked: PageRequest, original: str, found: Neighbours, *, timegate: bool = True
) -> Iterator[str]:
    """The links that tell a memento's, or a TimeGate's, place among the others."""
    original = _escaped(original)
    yield _link(original, 'rel="original"')
    if timegate:
        yield _link(asked.absolute(f"/timegate/{original}"), 'rel="timegate"')
    span = f'from="{written(found.first.seen_at)}"; until="{written(found.last.seen_at)}"'
    for kind, media_type in (("link", LINK_FORMAT), ("json", "application/json")):
        address = _map_address(asked, kind, original, 1)
        yield _link(address, f'rel="timemap"; type="{media_type}"; {span}')
    relations: dict[Memento, list[str]] = {}
    for name, it in (
        ("first", found.first),
        ("prev", found.before),
        ("", found.chosen),
        ("next", found.after),
        ("last", found.last),
    ):
        if it is not None:
            relations.setdefault(it, []).append(name)
    for it, names in relations.items():
        yield _memento_link(asked, it, " ".join([*filter(None, names), "memento"]))


def memento_headers(asked: PageRequest, original: str, found: Neighbours) -> dict[str, str]:
    """The headers by which a memento tells what it is."""
    return {
        "memento-datetime": written(found.chosen.seen_at),
        "link": ", ".join(links(asked, original, found)),
    }


def memento_address(asked: PageRequest, memento: Memento) -> str:
    """Where a memento is."""
    return asked.absolute(f"/stored/{memento.identifier}")


def written(moment: datetime) -> str:
    """A time as HTTP writes it, to the second before."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def read_date(text: str | None) -> datetime | None:
    """An Accept-Datetime; None for none. Raises WrongRequest for what is no date of RFC 1123."""
    if text is None:
        return None
    plain = text.strip()
    try:
        if _DATE.fullmatch(plain) is None:
            raise ValueError
        at = datetime.strptime(plain, _FORMAT).replace(tzinfo=UTC)
        if written(at) != plain:
            raise ValueError
    except ValueError:
        raise WrongRequest(
            "Accept-Datetime is no date, as Sun, 01 Mar 2026 08:00:00 GMT: %(given)s",
            given=plain[:100],
        ) from None
    return at


def asked_url(request: Request, prefix: str) -> str:
    """The URL that follows `prefix` in the address, as it was sent, its query string too. Raises
    WrongRequest for one that is too long, or none."""
    sent = (request.scope.get("raw_path") or quote(request.scope["path"]).encode()).decode(
        "latin-1"
    )
    url = sent.partition(prefix)[2]
    if request.url.query:
        url += f"?{request.url.query}"
    if not url or len(url) > _LONGEST:
        raise WrongRequest("say which page: its URL, of 2,000 characters at most")
    return _repaired(url)


def _repaired(url: str) -> str:
    """A URL as it was meant, that was escaped as a whole, or lost a slash on its way."""
    if re.match(r"https?%3a", url, re.IGNORECASE):
        url = unquote(url)
    return re.sub(r"^(https?):/+", r"\1://", url, flags=re.IGNORECASE)


def _map_address(asked: PageRequest, kind: str, original: str, number: int) -> str:
    page_number = f"{number}/" if number > 1 else ""
    return asked.absolute(f"/timemap/{kind}/{page_number}{original}")


def _memento_link(asked: PageRequest, memento: Memento, relation: str) -> str:
    seen = written(memento.seen_at)
    return _link(memento_address(asked, memento), f'rel="{relation}"; datetime="{seen}"')


def _link(address: str, attributes: str) -> str:
    return f"<{address}>; {attributes}"


def _escaped(url: str) -> str:
    """A URL that nothing can end before its end, in a header or a link."""
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]-._")


ROUTES: Final[list[BaseRoute]] = [
    Route("/timegate/{url:path}", page(timegate), name="timegate"),
    Route("/timemap/link/{url:path}", page(timemap_of_links), name="timemap-link"),
    Route("/timemap/json/{url:path}", page(timemap_as_json), name="timemap-json"),
]
