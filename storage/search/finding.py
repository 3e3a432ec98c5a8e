"""A page of what the index finds, and the cursors that part pages."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, Final

from tantivy import DocAddress, FieldType, Query, Schema, Searcher, SearchResult

from storage.database.errors import Refused
from storage.search.compiling import both, unscored
from storage.search.options import Sort

DEEPEST: Final = 100_000
"""The place of the last hit by relevance that a page may follow; newest first goes on for ever."""

_SPARE: Final = 100  # more that are ranked, so that of equals the newest come first
_DIGITS: Final = 5  # of a score, by which hits are equal


class Finding:
    """A page as the index has it: `ranks` and `cursors` by version id, in order."""

    def __init__(self, searcher: Searcher, schema: Schema, wanted: Query, limit: int) -> None:
        self._searcher, self._schema, self._wanted = searcher, schema, wanted
        self._limit = limit
        self.ranks: dict[int, float] = {}
        self.cursors: dict[int, str] = {}
        self.total = 0
        self.cursor: str | None = None

    def newest(self, before: int | None) -> None:
        """The newest, of those older than `before`."""
        counted = self._in_order(self._wanted, count=True)
        self.total = _count(counted)
        found = counted.hits
        if before is not None:
            older = Query.range_query(
                self._schema, "order", FieldType.Unsigned, None, before, True, False
            )
            found = self._in_order(both(self._wanted, unscored(older)), count=False).hits
        shown = found[: self._limit]
        for (order, _), version_id in zip(shown, self._numbers("version_id", shown), strict=True):
            self.ranks[version_id] = 0.0
            self.cursors[version_id] = _write_cursor(Sort.NEWEST, int(order))
        if shown and len(found) > self._limit:
            self.cursor = _write_cursor(Sort.NEWEST, int(shown[-1][0]))

    def _in_order(self, wanted: Query, *, count: bool) -> SearchResult:
        """The newest, and one more."""
        return self._searcher.search(
            wanted, limit=self._limit + 1, count=count, order_by_field="order"
        )

    def ranked(self, start: int) -> None:
        """The best, without the first `start`."""
        end = start + self._limit
        found = self._searcher.search(self._wanted, limit=end + _SPARE, count=True)
        self.total = _count(found)
        scores = [round(float(score), _DIGITS) for score, _ in found.hits]
        if len(set(scores)) == 1 and self.total > len(scores):
            # None is better than another: the newest of all, not of these.
            self.newest(None)
            return
        orders, ids = (self._numbers(name, found.hits) for name in ("order", "version_id"))
        ranked = sorted(zip(scores, orders, ids, strict=True), key=lambda it: (-it[0], -it[1]))
        for place, (score, _, version_id) in enumerate(ranked[start:end], start=start + 1):
            self.ranks[version_id] = score
            self.cursors[version_id] = _write_cursor(Sort.RELEVANCE, place)
        if self._limit and end < self.total:
            self.cursor = _write_cursor(Sort.RELEVANCE, end)

    def _numbers(self, field: str, hits: Sequence[tuple[Any, DocAddress]]) -> list[int]:
        addresses = [address for _, address in hits]
        found = self._searcher.fast_field_values(field, addresses) if addresses else []
        return [int(it) for it in found if it is not None]


def _count(result: SearchResult) -> int:
    return int(result.count)  # type: ignore[attr-defined]  # which its stubs leave out


def _write_cursor(sort: Sort, place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort.value, place]).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> tuple[Sort | None, int | None]:
    if cursor is None:
        return None, None
    try:
        sort, place = json.loads(base64.urlsafe_b64decode(f"{cursor}==="))
        if not isinstance(place, int) or not 0 <= place < 2**64:
            raise ValueError
        if Sort(sort) is Sort.RELEVANCE and place > DEEPEST:
            raise Refused(f"after {DEEPEST:,} hits, go on with the newest first")
        return Sort(sort), place
    except (ValueError, TypeError, binascii.Error):
        raise Refused(f"{cursor!r} is no cursor of a search") from None
