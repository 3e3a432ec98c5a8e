"""How many match of each source, language, state and kind of edit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tantivy import Query, Searcher

MOST: Final = 50
"""Values of a facet that are counted, those that most match."""

_FIELDS: Final = {"source": "source", "lang": "language", "state": "state", "change": "change"}


@dataclass(frozen=True, slots=True)
class Facet:
    """`name` is a field of the query language, and `counts` are by its values, most first."""

    name: str
    counts: tuple[tuple[str, int], ...]


def facets(searcher: Searcher, wanted: Query, names: Mapping[int, str]) -> Iterator[Facet]:
    """One of each field, in a fixed order; `names` are of the sources, by id."""
    asked = {name: {"terms": {"field": field, "size": MOST}} for name, field in _FIELDS.items()}
    found = searcher.aggregate(wanted, asked)
    for name in _FIELDS:
        buckets = [(str(it["key"]), int(it["doc_count"])) for it in found[name]["buckets"]]
        if name == "source":
            buckets = [(names[int(key)], count) for key, count in buckets if int(key) in names]
        kept = [(value, count) for value, count in buckets if value]
        yield Facet(name, tuple(sorted(kept, key=lambda it: (-it[1], it[0]))))
