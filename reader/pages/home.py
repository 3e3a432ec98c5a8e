"""The first page: what came in, what changed, what vanished, and where nobody looked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reader.faults import N_, WrongRequest
from reader.page_request import PageRequest, page
from reader.plots import BarPlot, Counted, bar_plot
from reader.search_request import SearchRequest
from storage.query.archive_days import ArchiveDay, archive_days
from storage.query.edits import Wanted
from storage.query.event_pages import latest_events
from storage.query.now import utc_now
from storage.query.rights import hidden_sources
from storage.query.watching import count_sources, watched_since

_DAYS: Final = (30, 90, 365)
_EVENTS: Final = 12
_HEIGHT: Final = 52.0  # of a plot across the page
_NARROW: Final = 110.0  # of one beside the latest events


def home(asked: PageRequest) -> Response:
    days = asked.asked("days") or str(_DAYS[0])
    if days not in map(str, _DAYS):
        raise WrongRequest(N_("No period of %(days)s days: there are 30, 90 and 365."), days=days)
    now = utc_now()
    with asked.reading() as session:
        told = archive_days(session, until=now.date(), days=int(days))
        hidden = set(hidden_sources(session))
        events = [
            it
            for it in latest_events(session, Wanted(), limit=_EVENTS).events
            if it.source not in hidden
        ]
        sources, began = count_sources(session), watched_since(session)
    height = _NARROW if int(days) == _DAYS[0] else _HEIGHT
    return asked.render(
        "home.html",
        days=int(days),
        choices=_DAYS,
        sources=sources,
        since=began,
        found=asked.search.find(limit=0),
        totals={
            "new": sum(it.new_articles for it in told),
            "edits": sum(it.new_versions for it in told),
            "removals": sum(it.removals for it in told),
            "gaps": _gaps(told),
        },
        plots={
            "new": _plot(told, lambda it: it.new_articles, _seen, height),
            "edits": _plot(told, lambda it: it.new_versions, _edited, height),
            "removals": _plot(told, lambda it: it.removals, _removed, height),
        },
        events=events,
    )


def _plot(
    told: list[ArchiveDay],
    count: Callable[[ArchiveDay], int],
    address: Callable[[ArchiveDay], str],
    height: float,
) -> BarPlot:
    return bar_plot(
        [
            Counted(
                it.day,
                it.day + timedelta(days=1),
                count(it) if it.watched or count(it) or not it.begun else None,
                address(it),
            )
            for it in told
        ],
        height,
    )


def _gaps(told: list[ArchiveDay]) -> int:
    """The days on which nobody looked, since there was a source."""
    return sum(it.begun and not it.watched for it in told)


def _seen(day: ArchiveDay) -> str:
    return SearchRequest(query=f"seen:{day.day}", every=True, newest=True).address()


def _edited(day: ArchiveDay) -> str:
    return _events_of(day, "edit")


def _removed(day: ArchiveDay) -> str:
    return _events_of(day, "removal")


def _events_of(day: ArchiveDay, event: str) -> str:
    return f"/edits?since={day.day}&until={day.day + timedelta(days=1)}&event={event}"


ROUTES: Final[list[BaseRoute]] = [Route("/", page(home), name="home")]
