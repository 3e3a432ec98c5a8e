"""Edits, removals and returns as a list, of all sources or of one."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reader.dates import day_asked, start_of_day
from reader.faults import N_, WrongRequest
from reader.page_request import PageRequest, page
from storage.query.edits import EventKind, Wanted, edit_events
from storage.query.now import utc_now
from storage.query.rights import hidden_sources

_MOST: Final = 100
_PERIOD: Final = timedelta(days=30)


def edits(asked: PageRequest) -> Response:
    """The latest events of those that are asked for; without days, of the last thirty."""
    given = {name: asked.asked(name) for name in ("since", "until", "source", "event")}
    since, until = (day_asked(given[name]) for name in ("since", "until"))
    if given["event"] not in ("", *EventKind):
        message = N_("No event %(event)s: there are edit, removal and return.")
        raise WrongRequest(message, event=given["event"])
    begin = start_of_day(since) or (start_of_day(until) or utc_now()) - _PERIOD
    wanted = Wanted(
        source=given["source"] or None,
        since=begin,
        until=start_of_day(until),
        events=[EventKind(given["event"])] if given["event"] else [],
    )
    with asked.reading() as session:
        hidden = set(hidden_sources(session))
        found = list(edit_events(session, wanted, _MOST + 1))
    shown = [it for it in found[-_MOST:] if it.source not in hidden]
    return asked.render(
        "edits.html",
        given=given,
        begin=begin,
        events=shown[::-1],
        earlier=_earlier(given, shown[0].not_after.date()) if len(found) > _MOST else None,
    )


def _earlier(given: dict[str, str], before: object) -> str:
    """Where the events are before the first of these."""
    asked = {**given, "since": "", "until": str(before)}
    return f"/edits?{urlencode({name: value for name, value in asked.items() if value})}"


ROUTES: Final[list[BaseRoute]] = [Route("/edits", page(edits), name="edits")]
