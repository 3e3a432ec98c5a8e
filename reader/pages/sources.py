"""The sources: how each was watched, and all that was learned of one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reader.calendar_plot import calendar
from reader.page_request import PageRequest, page
from storage.database.errors import NotFound
from storage.query.edit_delays import Delay, edit_delays
from storage.query.edits import Wanted
from storage.query.event_pages import latest_events
from storage.query.layouts import learned_site
from storage.query.now import utc_now
from storage.query.rights import hidden_sources
from storage.query.watching import (
    WatchedSource,
    count_articles,
    watched_source,
    watched_sources,
)

_STRIP: Final = 30  # days
_YEAR: Final = 366  # days
_EVENTS: Final = 10


def sources(asked: PageRequest) -> Response:
    """The sources by name, a page of them at a time."""
    with asked.reading() as session:
        found, more = watched_sources(
            session,
            now=utc_now(),
            days=_STRIP,
            after=asked.asked("after"),
            beginning=asked.asked("name"),
        )
        hidden = set(hidden_sources(session))
    shown = [it for it in found if it.name not in hidden]
    return asked.render(
        "sources.html",
        rows=[_row(it) for it in shown],
        beginning=asked.asked("name"),
        days=_STRIP,
        after=found[-1].name if more else None,
    )


def source(asked: PageRequest) -> Response:
    """One source."""
    name = asked.request.path_params["name"]
    now = utc_now()
    with asked.reading() as session:
        if name in hidden_sources(session):
            raise NotFound(f"no source {name}")
        found = watched_source(session, name, now=now, days=_YEAR)
        delays = edit_delays(session, found.id)
        events = latest_events(session, Wanted(source=found.name), limit=_EVENTS).events
        learned = learned_site(session, found.id)
        articles = count_articles(session, found.id)
    return asked.render(
        "source.html",
        source=found,
        articles=articles,
        calendar=calendar(found.told.days),
        recent=found.told.days[-14:][::-1],
        delays=delays,
        most_delayed=_most(delays),
        events=events,
        learned=learned,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A source in the list: its days in a word each, and how many there are of each."""

    source: WatchedSource
    states: tuple[str, ...]
    counts: Counter[str]
    new: int
    edits: int


def _row(source: WatchedSource) -> _Row:
    days = source.told.days
    states = tuple(day.state.value for day in days)
    return _Row(
        source,
        states,
        Counter(states),
        sum(day.counts["articles"] for day in days),
        sum(day.counts["edits"] for day in days),
    )


def _most(delays: Sequence[Delay]) -> int:
    return max((it.edits for it in delays), default=0)


ROUTES: Final[list[BaseRoute]] = [
    Route("/sources", page(sources), name="sources"),
    Route("/sources/{name}", page(source), name="source"),
]
