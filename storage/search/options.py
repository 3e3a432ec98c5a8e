"""What is searched, and in which order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tantivy import Occur, Query, Schema

from storage.search.compiling import number, term, unscored
from storage.search.documents import microseconds
from storage.search.fields import CURRENT, HELD, VERSION
from storage.search.timelines import FOREVER


class Sort(StrEnum):
    """RELEVANCE where there is a word to go by; NEWEST by publication, or else by first sight."""

    RELEVANCE = "relevance"
    NEWEST = "newest"


class Versions(StrEnum):
    """Which versions are searched: the one of each article that is current, or every one."""

    CURRENT = "current"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Options:
    """What is searched. Times are aware.

    `sources` are names, `without` those of sources that are left out; `since` (inclusive) and
    `until` (exclusive) bound the publication, or the first sight where that is unknown. `as_of`
    searches what readers could see then, and `known_by` what the archive had recorded by then.
    """

    sources: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    known_by: datetime | None = None
    versions: Versions = Versions.CURRENT
    sort: Sort = Sort.RELEVANCE


def standing(schema: Schema, options: Options) -> Iterator[Query]:
    """What leaves the versions that count."""
    at = None if options.as_of is None else microseconds(options.as_of)
    by = None if options.known_by is None else microseconds(options.known_by)
    if at is not None:
        yield number(schema, "since", None, at + 1)
        if by is None:
            yield number(schema, "until", at + 1)
            yield number(schema, "known_until", FOREVER)
            return
        yield number(schema, "known", None, by + 1)
        yield number(schema, "known_until", by + 1)
        open_then = number(schema, "until_known", by + 1)
        yield unscored(
            Query.boolean_query(
                [
                    (Occur.Should, number(schema, "until", at + 1)),
                    (Occur.Should, open_then),
                ]
            )
        )
        return
    if by is None:
        yield term(schema, "flag", VERSION if options.versions is Versions.ALL else CURRENT)
        return
    yield term(schema, "flag", HELD)
    yield number(schema, "known", None, by + 1)
    until = "known_until" if options.versions is Versions.ALL else "replaced"
    yield number(schema, until, by + 1)
