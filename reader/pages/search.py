"""Searching: what is found, by what it can be narrowed, and when it was published."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from importlib.util import find_spec
from typing import Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from reader.faults import N_, WrongRequest
from reader.page_request import PageRequest, page
from reader.plots import BarPlot, Counted, bar_plot
from reader.search_request import SearchRequest, search_request
from storage.database.errors import Refused
from storage.query.rights import hidden_sources, may_show
from storage.search.counts import Count, Interval
from storage.search.errors import BadQuery
from storage.search.options import Options
from storage.search.search import Page, Search

_HITS: Final = 20
_SHOWN: Final = 12  # values of a facet
_HEIGHT: Final = 90.0  # of the plot
_MOST_BARS: Final = 130
_ADDRESS: Final = re.compile(r"https?://\S+", re.IGNORECASE)  # which no query is
FORMATS: Final = {"jsonl": "JSON Lines", "csv": "CSV", "parquet": "Parquet", "xml": "TEI (XML)"}


def search(asked: PageRequest) -> Response:
    """The form, and what is found; everything where nothing is asked for. An article's address
    leads to the article."""
    wanted = search_request(asked.request.query_params, "cursor")
    if _ADDRESS.fullmatch(wanted.query):
        return RedirectResponse(f"/article?{urlencode({'url': wanted.query})}", 302)
    with asked.reading() as session:
        options = replace(wanted.options, without=hidden_sources(session))
    found = _found(asked.search, wanted, options, asked.asked("cursor") or None)
    with asked.reading() as session:
        allowed = may_show(session, [hit.identifier for hit in found.hits])
    plot, interval = _plot(asked.search, wanted, options) if found.total else (None, Interval.DAY)
    facets = () if found.total == 0 else asked.search.facets(wanted.whole_query, options)
    return asked.render(
        "search.html",
        wanted=wanted,
        found=found,
        allowed=allowed,
        facets=[
            (it.name, it.counts[:_SHOWN], wanted.chosen(it.name))
            for it in facets
            # What an article's state was then is not in the index.
            if not (it.name == "state" and wanted.as_of)
        ],
        plot=plot,
        interval=interval,
        is_later=bool(asked.asked("cursor")),
        formats={it: FORMATS[it] for it in FORMATS if it != "parquet" or find_spec("pyarrow")},
        python=wanted.python(asked.archive.name),
    )


def _found(search: Search, wanted: SearchRequest, options: Options, cursor: str | None) -> Page:
    try:
        return search.find(wanted.whole_query, options, limit=_HITS, cursor=cursor)
    except BadQuery:
        search.count(wanted.query)  # raises with the place in what was typed
        raise
    except Refused:
        raise WrongRequest(N_("That is no place in this search: begin again.")) from None


def _plot(
    search: Search, wanted: SearchRequest, options: Options
) -> tuple[BarPlot | None, Interval]:
    """The counts over time, and the interval that suits how long it is."""
    query = wanted.whole_query
    months = search.counts(query, options, by=Interval.MONTH).counts
    if not months:
        return None, Interval.DAY
    days = (months[-1].start - months[0].start).days + 31
    by = (
        Interval.DAY if days <= 93
        else Interval.WEEK if days <= 400
        else Interval.MONTH if days <= 3_650
        else Interval.YEAR
    )  # fmt: skip
    counts = months if by is Interval.MONTH else search.counts(query, options, by=by).counts
    return bar_plot(list(_filled(wanted, counts, by))[-_MOST_BARS:], _HEIGHT), by


def _filled(wanted: SearchRequest, counts: tuple[Count, ...], by: Interval) -> Iterator[Counted]:
    """The counts, and none between them."""
    known = {it.start: it.count for it in counts}
    start, last = counts[0].start, counts[-1].start
    while start <= last:
        end = _next(start, by)
        yield Counted(start, end, known.get(start, 0), wanted.within(start, end).address())
        start = end


def _next(start: date, by: Interval) -> date:
    match by:
        case Interval.DAY:
            return start + timedelta(days=1)
        case Interval.WEEK:
            return start + timedelta(days=7)
        case Interval.MONTH:
            return (start.replace(day=1) + timedelta(days=31)).replace(day=1)
        case Interval.YEAR:
            return date(start.year + 1, 1, 1)


ROUTES: Final[list[BaseRoute]] = [Route("/search", page(search), name="search")]
