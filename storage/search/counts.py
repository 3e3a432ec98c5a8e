"""How many match in each day, week, month or year, by publication, or first sight where that is not
known; of each source apart, if asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from tantivy import Query, Schema, Searcher

from storage.search.compiling import both, term

_DAY: Final = 86_400_000_000  # microseconds
_MONDAY: Final = 4 * _DAY  # 1970-01-05
_MOST_SOURCES: Final = 65_000


class Interval(StrEnum):
    """UTC; a week begins on Monday (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Count:
    """How many match from `start` on, for one interval; `source` is None for all together."""

    start: date
    source: str | None
    count: int


def counts(
    searcher: Searcher, schema: Schema, wanted: Query, by: Interval, names: Mapping[int, str] | None
) -> Iterator[Count]:
    """In order of time, then source; none where nothing matches. `names` are of the sources, by
    id, where each is counted apart."""
    if names is None:
        yield from _counts(searcher, wanted, by, None)
        return
    buckets = {"sources": {"terms": {"field": "source", "size": _MOST_SOURCES}}}
    found = searcher.aggregate(wanted, buckets)["sources"]["buckets"]
    some = [
        it
        for source_id in sorted(int(bucket["key"]) for bucket in found)
        for it in _counts(
            searcher,
            both(wanted, term(schema, "source", source_id)),
            by,
            names.get(source_id, str(source_id)),
        )
    ]
    yield from sorted(some, key=lambda it: (it.start, it.source))


def _counts(searcher: Searcher, wanted: Query, by: Interval, source: str | None) -> Iterator[Count]:
    # Without `min_doc_count` there is a bucket for each day since the oldest.
    histogram: dict[str, Any] = {"min_doc_count": 1}
    match by:
        case Interval.DAY:
            histogram |= {"field": "moment", "interval": _DAY}
        case Interval.WEEK:
            histogram |= {"field": "moment", "interval": 7 * _DAY, "offset": _MONDAY}
        case Interval.MONTH:
            histogram |= {"field": "month", "interval": 1}
        case Interval.YEAR:
            histogram |= {"field": "month", "interval": 12}
    found = searcher.aggregate(wanted, {"times": {"histogram": histogram}})
    for bucket in found["times"]["buckets"]:
        yield Count(_start(int(bucket["key"]), by), source, int(bucket["doc_count"]))


def _start(key: int, by: Interval) -> date:
    if by in (Interval.MONTH, Interval.YEAR):
        return date(key // 12, key % 12 + 1, 1)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=key)).date()
