"""Edits, removals and returns as an Atom feed (RFC 4287), of a source, an article or a search; page
by page (RFC 5005, 3).

    /feeds/edits.atom?source=example.org&kind=headline&declared=false

An entry's id stays, wherever the archive is served. The feed is not dated for conditional requests:
an import may bring edits of the past. Its ETag tells whether there is anything new.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from lxml import etree
from lxml.builder import ElementMaker
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reader.api.events import WANTED, event_page
from reader.api.operations import Values, values_of
from reader.api.parameters import Choice, Parameter, Text, Whole
from reader.faults import N_
from reader.languages import LANGUAGES, catalogue
from reader.page_request import PageRequest, page
from storage.query.edits import EditEvent, EventKind, sentences_of
from storage.query.shown import showable_events

MEDIA_TYPE: Final = "application/atom+xml"
PATH: Final = "/feeds/edits.atom"

_PARAMETERS: Final[tuple[Parameter, ...]] = (
    *WANTED,
    Whole(name="limit", least=1, most=100, default=30, about="Entries of a page."),
    Choice(
        name="lang",
        among=tuple(LANGUAGES),
        default="en",
        about="The language of what it says in words of its own.",
    ),
    Text(name="cursor", most=60, about="What `next` of the feed before names."),
)
_ATOM: Final = "http://www.w3.org/2005/Atom"
_XHTML: Final = "http://www.w3.org/1999/xhtml"
_NAMESPACE: Final = uuid.UUID("6f0b1a1e-6c1b-5d0e-9f57-0f3f5d0c7a41")
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_XML: Final = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_TOLD: Final = {
    EventKind.EDIT: N_("Edited"),
    EventKind.REMOVAL: N_("Removed"),
    EventKind.RETURN: N_("Returned"),
}
_BETWEEN: Final = N_("between %(since)s and %(until)s")
_SEEN: Final = N_("seen at %(until)s")
_WORDS: Final = N_("%(deleted)s words out, %(inserted)s in")
_NAMED: Final = {"modified-time": "modification time"}  # as the pages call it
_MOST_SENTENCES: Final = 50  # of an entry

_A: Final = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})
_H: Final = ElementMaker(namespace=_XHTML, nsmap={None: _XHTML})


Saying = Callable[[str], str]


def _saying(values: Values) -> Saying:
    """What translates into the language that is asked for."""
    return catalogue(values["lang"]).gettext


def edits(asked: PageRequest) -> Response:
    """The latest events of those that are asked for."""
    values = values_of(asked.request, _PARAMETERS)
    with asked.reading() as session:
        found = event_page(asked, session, values)
        shown = showable_events(session, found.events)
        said = _saying(values)
        entries = [_entry(asked, session, event, said, whole=whole) for event, whole in shown]
    newest = max((event.not_after for event, _ in shown), default=_NEVER)
    feed = _feed(asked, values, newest, found.cursor)
    feed.extend(entries)
    body = etree.tostring(feed, xml_declaration=True, encoding="utf-8")
    return Response(body, headers={"content-type": f"{MEDIA_TYPE}; charset=utf-8"})


def _feed(
    asked: PageRequest, values: Values, newest: datetime, cursor: str | None
) -> etree._Element:
    query = [it for it in asked.request.query_params.multi_items() if it[0] != "cursor"]
    whole = urlencode(query)
    of = ", ".join(str(values[name]) for name in ("source", "article", "q") if values[name])
    said = _saying(values)
    feed = _A.feed(
        _A.id(_urn(f"feed {urlencode(sorted(query))}")),
        _A.title(_text(f"{said(N_('Edits'))}: {of}" if of else said("Edits"))),
        _A.updated(_time(newest)),
        _A.author(_A.name("Permalien")),
        _A.generator("Permalien"),
        _link("self", asked.absolute(f"{PATH}?{asked.request.url.query}".rstrip("?")), MEDIA_TYPE),
        _link("alternate", asked.absolute("/edits"), "text/html"),
    )
    if cursor is not None:
        following = urlencode({"cursor": cursor})
        address = f"{PATH}?{whole}&{following}" if whole else f"{PATH}?{following}"
        feed.append(_link("next", asked.absolute(address), MEDIA_TYPE))
    return feed


def _entry(
    asked: PageRequest, session: Session, event: EditEvent, said: Saying, *, whole: bool
) -> etree._Element:
    version = event.to_version_id or event.from_version_id
    page_of = f"/versions/{version}"
    if event.event is EventKind.EDIT:
        page_of = f"/compare/{event.from_version_id}/{event.to_version_id}"
    when = "" if event.event is EventKind.EDIT else f" {event.not_after.isoformat()}"
    entry = _A.entry(
        _A.id(_urn(f"{event.event} {event.from_version_id} {event.to_version_id}{when}")),
        _A.title(_text(event.title_after or event.title_before or event.url)),
        _A.updated(_time(event.not_after)),
        _link("alternate", asked.absolute(page_of), "text/html"),
        _link("related", event.url),
        *(_A.category(term=term) for term in _terms(event)),
        _A.summary(_text(_summary(event, said))),
    )
    if whole and event.event is EventKind.EDIT:
        changes = list(_changes(session, event))
        if changes:
            entry.append(_A.content(_H.div(*changes), type="xhtml"))
    return entry


def _terms(event: EditEvent) -> Iterator[str]:
    yield event.event.value
    yield from (kind.value for kind in event.kinds)
    if event.declared is not None:
        yield "declared" if event.declared else "silent"


def _summary(event: EditEvent, said: Saying) -> str:
    until = f"{event.not_after:%Y-%m-%d %H:%M} UTC"
    since = event.not_before and f"{event.not_before:%Y-%m-%d %H:%M} UTC"
    when = said(_BETWEEN if since else _SEEN) % {"since": since, "until": until}
    parts = [f"{said(_TOLD[event.event])} {when}"]
    if event.kinds:
        terms = [*_terms(event)][1:]
        parts.append(", ".join(said(_NAMED.get(it, it.replace("-", " "))) for it in terms))
    if event.words_deleted or event.words_inserted:
        words = {"deleted": event.words_deleted, "inserted": event.words_inserted}
        parts.append(said(_WORDS) % words)
    return f"{event.source}: {'; '.join(parts)}."


def _changes(session: Session, event: EditEvent) -> Iterator[etree._Element]:
    """What was changed, sentence by sentence."""
    for change in sentences_of(session, event)[:_MOST_SENTENCES]:
        sides = [("del", change.before), ("ins", change.after)]
        shown = [getattr(_H, name)(_text(said)) for name, said in sides if said]
        if len(shown) == 2:
            shown[0].tail = " "
        yield _H.p(*shown)


def _link(relation: str, address: str, media_type: str | None = None) -> etree._Element:
    kind = {} if media_type is None else {"type": media_type}
    return _A.link(rel=relation, href=_text(address), **kind)


def _urn(name: str) -> str:
    return uuid.uuid5(_NAMESPACE, name).urn


def _time(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='microseconds').removesuffix('+00:00')}Z"


def _text(text: str) -> str:
    """Text without what XML 1.0 can't hold."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


ROUTES: Final[list[BaseRoute]] = [Route(PATH, page(edits), name="feed")]
