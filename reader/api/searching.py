"""Search and its counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, TypedDict

from reader.api.operations import Operation, Values
from reader.api.parameters import Choice, Flag, Parameter, Text, When, Whole
from reader.faults import WrongRequest
from reader.formats import BRACKETS
from reader.page_request import PageRequest
from storage.database.errors import Refused
from storage.query.rights import hidden_sources
from storage.query.shown import showable_hits
from storage.search.counts import Count, Interval
from storage.search.options import Options, Sort, Versions
from storage.search.search import Hit

_PLAIN_BRACKETS: Final = str.maketrans(dict(zip(BRACKETS, "[]", strict=True)))
_QUERY: Final = Text(
    name="q",
    least=0,
    most=1_000,
    default="",
    about="As docs/search.md has it; everything, where it is empty.",
    example="title:ferry -jetty",
)
_NARROWING: Final[tuple[Parameter, ...]] = (
    _QUERY,
    Text(name="source", most=253, many=True, about="Only of this source; of several, of any."),
    When(name="since", about="Published then or later; first seen, where no date is known."),
    When(name="until", about="Published before, likewise."),
    When(name="as_of", end=True, about="What readers could see then, at the end of a day."),
    When(name="known_by", end=True, about="What the archive had recorded by then."),
    Choice(
        name="versions",
        among=tuple(Versions),
        default=Versions.CURRENT.value,
        about="The current version of each article, or every version.",
    ),
)


class SearchDocument(TypedDict):
    """Hits, best first or newest first, of `total`; what may not be shown is left out. `cursor`
    gets those that follow, null where there are none. The index is `behind` so many changes;
    `notes` are for a person."""

    hits: list[Hit]
    total: int
    cursor: str | None
    behind: int
    notes: list[str]


class CountsDocument(TypedDict):
    """How many match in each interval, in the order of time; those in which none do are left
    out."""

    counts: list[Count]
    behind: int
    notes: list[str]


def search(asked: PageRequest, values: Values) -> SearchDocument:
    """A page of what a query finds."""
    with _refusing_cursors():
        found = asked.search.find(
            values["q"],
            _options(asked, values, Sort(values["sort"])),
            limit=values["limit"],
            cursor=values["cursor"],
        )
    with asked.reading() as session:
        hits = [_in_brackets(it) for it in showable_hits(session, found.hits)]
    return {
        "hits": hits,
        "total": found.total,
        "cursor": found.cursor,
        "behind": found.behind,
        "notes": list(found.notes),
    }


def counts(asked: PageRequest, values: Values) -> CountsDocument:
    """How many a query finds in each interval."""
    found = asked.search.counts(
        values["q"],
        _options(asked, values, Sort.RELEVANCE),
        by=Interval(values["interval"]),
        by_source=values["by_source"],
    )
    return {
        "counts": list(found.counts),
        "behind": found.behind,
        "notes": list(found.notes),
    }


def _in_brackets(hit: Hit) -> Hit:
    """The hit as the command prints it."""
    return replace(hit, snippet=hit.snippet.translate(_PLAIN_BRACKETS))


def _options(asked: PageRequest, values: Values, sort: Sort) -> Options:
    with asked.reading() as session:
        hidden = hidden_sources(session)
    return Options(
        without=hidden,
        sources=values["source"],
        since=values["since"],
        until=values["until"],
        as_of=values["as_of"],
        known_by=values["known_by"],
        versions=Versions(values["versions"]),
        sort=sort,
    )


@contextmanager
def _refusing_cursors() -> Iterator[None]:
    try:
        yield
    except Refused as error:
        raise WrongRequest("%(what)s", what=str(error)) from error


OPERATIONS: Final = (
    Operation(
        path="/api/search",
        name="search",
        about="Find articles by their words.",
        answer=search,
        result=SearchDocument,
        parameters=(
            *_NARROWING,
            Choice(
                name="sort",
                among=tuple(Sort),
                default=Sort.RELEVANCE.value,
                about="Best first, or newest first.",
            ),
            Whole(name="limit", least=1, most=500, default=20, about="Hits of a page."),
            Text(name="cursor", most=200, about="The `cursor` of the answer, or hit, before."),
        ),
    ),
    Operation(
        path="/api/counts",
        name="counts",
        about="Count articles over time.",
        answer=counts,
        result=CountsDocument,
        parameters=(
            *_NARROWING,
            Choice(
                name="interval",
                among=tuple(Interval),
                default=Interval.DAY.value,
                about="A week begins on Monday.",
            ),
            Flag(name="by_source", default=False, about="Each source apart."),
        ),
    ),
)
