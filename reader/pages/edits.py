"""Edits, removals and returns as a list, of all sources or of one."""

from typing import Final
from urllib.parse import urlencode

from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reader.dates import day_asked, start_of_day
from reader.faults import N_, WrongRequest
from reader.page_request import PageRequest, page
from storage.database.errors import Refused
from storage.query.edits import EventKind, Wanted
from storage.query.event_pages import EventPage, latest_events
from storage.query.rights import hidden_sources
from storage.query.watching import source_names

_MOST: Final = 100
_CHOICES: Final = 50  # sources to choose among; of more the name is typed


def edits(asked: PageRequest) -> Response:
    """The latest events of those that are asked for, a page at a time."""
    given = {name: asked.asked(name) for name in ("since", "until", "source", "event")}
    since, until = (day_asked(given[name]) for name in ("since", "until"))
    if given["event"] not in ("", *EventKind):
        message = N_("No event %(event)s: there are edit, removal and return.")
        raise WrongRequest(message, event=given["event"])
    wanted = Wanted(
        source=given["source"] or None,
        since=start_of_day(since),
        until=start_of_day(until),
        events=[EventKind(given["event"])] if given["event"] else [],
    )
    with asked.reading() as session:
        hidden = set(hidden_sources(session))
        found = _found(session, wanted, asked.asked("cursor") or None)
        names = source_names(session, _CHOICES + 1)
    return asked.render(
        "edits.html",
        given=given,
        sources=_choices(names, hidden, given["source"]),
        events=[it for it in found.events if it.source not in hidden],
        earlier=None if found.cursor is None else _earlier(given, found.cursor),
    )


def _found(session: Session, wanted: Wanted, cursor: str | None) -> EventPage:
    try:
        return latest_events(session, wanted, limit=_MOST, cursor=cursor)
    except Refused:
        raise WrongRequest(N_("That is no place in this search: begin again.")) from None


def _choices(names: list[str], hidden: set[str], given: str) -> list[str]:
    """The sources to choose among, with the one that was; none where there are too many."""
    if len(names) > _CHOICES:
        return []
    return sorted({*names, given} - hidden - {""})


def _earlier(given: dict[str, str], cursor: str) -> str:
    """Where the events are before the first of these."""
    asked = {**given, "cursor": cursor}
    return f"/edits?{urlencode({name: value for name, value in asked.items() if value})}"


ROUTES: Final[list[BaseRoute]] = [Route("/edits", page(edits), name="edits")]
