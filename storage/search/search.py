"""Searching an archive.

    with Search(archive) as search:
        page = search.find("ferry -jetty", Options(sort=Sort.NEWEST))
        for hit in search.hits("title:ferr*"):
            ...

Each question first brings the index up to date, for a moment (`patience`); a `Page` says how many
changes it is behind where that did not do.
"""

import base64
import binascii
import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, Self

import tantivy
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session
from tantivy import FieldType, Query, Searcher

from storage.database.archive import Archive
from storage.database.errors import Refused
from storage.frontier.listings import published_as_listed
from storage.models import Article, Content, Reading, Source, Version, VersionState
from storage.search.compiling import Compiled, Marks, both, compile_query, number, term, unscored
from storage.search.counts import Count, Interval, counts
from storage.search.documents import microseconds
from storage.search.errors import DamagedIndex
from storage.search.fields import CURRENT, VERSION
from storage.search.follower import DAMAGED, Followed, Progress, follow, open_index
from storage.search.index import damage_told, discard
from storage.search.snippets import Snippets
from storage.search.timelines import FOREVER

PATIENCE: Final = 2.0  # seconds that a search spends on bringing the index up to date
MOST: Final = 10_000  # hits of a page
_PAGE: Final = 500  # hits that `hits` asks for at a time
_SPARE: Final = 100  # more that are ranked, so that of equals the newest come first
_DIGITS: Final = 5  # of a score, by which hits are equal


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

    `sources` are names; `since` (inclusive) and `until` (exclusive) bound the publication, or the
    first sight where that is unknown. `as_of` searches what readers could see then, and `known_by`
    what the archive had recorded by then.
    """

    sources: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    known_by: datetime | None = None
    versions: Versions = Versions.CURRENT
    sort: Sort = Sort.RELEVANCE


@dataclass(frozen=True, slots=True)
class Hit:
    """A version that matches. `snippet` has the matched words between `[` and `]`; `rank` is
    comparable within one answer alone, 0 where nothing is ranked. `first_seen_at` is the article's,
    `version_first_seen_at` the version's own. `cursor` gets what comes after it."""

    article_id: int
    source: str
    url: str
    title: str
    published_at: datetime | None
    version: int
    first_seen_at: datetime
    snippet: str
    rank: float
    version_id: int
    identifier: str
    version_first_seen_at: datetime
    language: str | None
    cursor: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what was found: `total` says how many there are, `cursor` gets the next page, None
    where there is none. The index lacks `behind` changes; `notes` are for a person."""

    hits: tuple[Hit, ...]
    total: int
    cursor: str | None
    behind: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """In order of time. The index lacks `behind` changes; `notes` are for a person."""

    counts: tuple[Count, ...]
    behind: int
    notes: tuple[str, ...] = ()


class Search:
    """Searches of one archive, of any number. Raises IndexUnavailable where the index can't be
    kept. Not to be used by two threads at a time."""

    def __init__(
        self,
        archive: Archive,
        *,
        patience: float = PATIENCE,
        progress: Progress | None = None,
    ) -> None:
        self._archive = archive
        self._patience = patience
        self._progress = progress
        self._index, self._notes = open_index(archive)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held between two questions; for symmetry with what is."""

    def find(
        self,
        query: str = "",
        options: Options | None = None,
        *,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Page:
        """A page of what matches. An empty query matches everything.

        A cursor is good for the same query and options. Newest first, pages fit together whatever
        is archived meanwhile; by relevance, while nothing is. Raises BadQuery, and Refused for a
        cursor that is none.
        """
        options = options or Options()
        try:
            return self._answer(self._ready(), query, options, limit, cursor)
        except DamagedIndex:
            self._renew()
            return self._answer(self._ready(), query, options, limit, cursor)

    def hits(self, query: str = "", options: Options | None = None) -> Iterator[Hit]:
        """Everything that matches, in order, as it was when it was asked; NEWEST takes no more time
        for the last than for the first."""
        cursor, ready = None, self._ready()
        while True:
            page = self._answer(ready, query, options or Options(), _PAGE, cursor)
            yield from page.hits
            cursor = page.cursor
            if cursor is None:
                return

    def version_ids(self, query: str = "", options: Options | None = None) -> Sequence[int]:
        """The ids of everything that matches, the newest first. Raises Refused where the index
        could not be brought up to date."""
        searcher, followed = self._ready()
        if followed.behind:
            raise Refused(f"the search index is {followed.behind:,} changes behind: try again")
        with self._archive.reading() as session:
            names = _source_ids(session)
        _, wanted = self._wanted(query, options or Options(), names)
        ids, before = array("q"), None
        with damage_told():
            while True:
                found = _Finding(searcher, self._index.schema, wanted, MOST)
                found.newest(before)
                ids.extend(found.ranks)
                if found.cursor is None:
                    return ids
                _, before = _read_cursor(found.cursor)

    def count(self, query: str = "", options: Options | None = None) -> int:
        """How many match."""
        return self.find(query, options, limit=0).total

    def counts(
        self,
        query: str = "",
        options: Options | None = None,
        *,
        by: Interval,
        by_source: bool = False,
    ) -> Counts:
        """How many match in each interval of time, of each source apart if asked for."""
        searcher, followed = self._ready()
        with self._archive.reading() as session:
            names = _source_ids(session)
        _, wanted = self._wanted(query, options or Options(), names)
        sources = {id_: name for name, id_ in names.items()} if by_source else None
        with damage_told():
            found = tuple(counts(searcher, self._index.schema, wanted, by, sources))
        return Counts(found, followed.behind, followed.notes)

    def _ready(self) -> tuple[Searcher, Followed]:
        """The index as it is now, brought up to date, and how far."""
        try:
            followed = self._follow()
        except DamagedIndex:
            self._renew()
            followed = self._follow()
        notes, self._notes = self._notes, ()
        return self._index.searcher(), Followed(followed.behind, (*notes, *followed.notes))

    def _follow(self) -> Followed:
        return follow(self._archive, self._index, patience=self._patience, progress=self._progress)

    def _renew(self) -> None:
        discard(self._index.folder)
        self._index, _ = open_index(self._archive)
        self._notes += (DAMAGED,)

    def _answer(
        self,
        ready: tuple[Searcher, Followed],
        query: str,
        options: Options,
        limit: int,
        cursor: str | None,
    ) -> Page:
        searcher, followed = ready
        with self._archive.reading() as session:
            compiled, wanted = self._wanted(query, options, _source_ids(session))
            found = _Finding(searcher, self._index.schema, wanted, min(limit, MOST))
            sort, after = _read_cursor(cursor)
            if sort is None:
                sort = options.sort if compiled.ranks else Sort.NEWEST
            with damage_told():
                if sort is Sort.NEWEST:
                    found.newest(after)
                else:
                    found.ranked(after or 0)
            hits = _hits(session, found, compiled.marks)
        return Page(hits, found.total, found.cursor, followed.behind, followed.notes)

    def _wanted(
        self, query: str, options: Options, names: dict[str, int]
    ) -> tuple[Compiled, Query]:
        """The query, and with what the options leave of it."""
        schema = self._index.schema
        compiled = compile_query(query, schema, lambda name: _named(names, name))
        return compiled, both(compiled.query, *self._filters(options, names))

    def _filters(self, options: Options, names: dict[str, int]) -> Iterator[Query]:
        schema = self._index.schema
        yield from _standing(schema, options)
        if options.sources:
            ids = [id_ for name in options.sources for id_ in _named(names, name)]
            yield (
                unscored(Query.term_set_query(schema, "source", ids))
                if ids
                else (Query.empty_query())
            )
        if options.since is not None or options.until is not None:
            since, until = options.since, options.until
            yield number(
                schema,
                "moment",
                None if since is None else microseconds(since),
                None if until is None else microseconds(until),
            )


def _standing(schema: tantivy.Schema, options: Options) -> Iterator[Query]:
    """Which versions count."""
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
                    (tantivy.Occur.Should, number(schema, "until", at + 1)),
                    (tantivy.Occur.Should, open_then),
                ]
            )
        )
        return
    if by is not None:
        yield number(schema, "known", None, by + 1)
    if options.versions is Versions.ALL:
        yield term(schema, "flag", VERSION)
    elif by is None:
        yield term(schema, "flag", CURRENT)
    else:
        yield term(schema, "flag", VERSION)
        yield number(schema, "replaced", by + 1)


class _Finding:
    """A page as the index has it: `ranks` and `cursors` by version id, in order."""

    def __init__(
        self, searcher: Searcher, schema: tantivy.Schema, wanted: Query, limit: int
    ) -> None:
        self._searcher, self._schema, self._wanted = searcher, schema, wanted
        self._limit = limit
        self.ranks: dict[int, float] = {}
        self.cursors: dict[int, str] = {}
        self.total = 0
        self.cursor: str | None = None

    def newest(self, before: int | None) -> None:
        """The newest, of those older than `before`."""
        self.total = _count(self._searcher.search(unscored(self._wanted), limit=1))
        if not self._limit:
            return
        wanted = self._wanted
        if before is not None:
            older = Query.range_query(
                self._schema, "order", FieldType.Unsigned, None, before, True, False
            )
            wanted = both(wanted, unscored(older))
        found = self._searcher.search(
            wanted, limit=self._limit + 1, count=False, order_by_field="order"
        ).hits
        shown = found[: self._limit]
        for (order, _), version_id in zip(shown, self._numbers("version_id", shown), strict=True):
            self.ranks[version_id] = 0.0
            self.cursors[version_id] = _write_cursor(Sort.NEWEST, int(order))
        if len(found) > self._limit:
            self.cursor = _write_cursor(Sort.NEWEST, int(shown[-1][0]))

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

    def _numbers(self, field: str, hits: Sequence[tuple[Any, tantivy.DocAddress]]) -> list[int]:
        addresses = [address for _, address in hits]
        found = self._searcher.fast_field_values(field, addresses) if addresses else []
        return [int(it) for it in found if it is not None]


def _count(result: tantivy.SearchResult) -> int:
    return int(result.count)  # type: ignore[attr-defined]  # which its stubs leave out


def _write_cursor(sort: Sort, place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort.value, place]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> tuple[Sort | None, int | None]:
    if cursor is None:
        return None, None
    try:
        sort, place = json.loads(base64.urlsafe_b64decode(f"{cursor}==="))
        if not isinstance(place, int) or not 0 <= place < 2**64:
            raise ValueError
        return Sort(sort), place
    except (ValueError, TypeError, binascii.Error):
        raise Refused(f"{cursor!r} is no cursor of a search") from None


def _source_ids(session: Session) -> dict[str, int]:
    return dict(session.execute(select(Source.name, Source.id)).all())


def _named(names: dict[str, int], name: str) -> list[int]:
    wanted = name.lower()
    if wanted.endswith("*"):
        return [id_ for known, id_ in names.items() if known.startswith(wanted[:-1])]
    return [id_ for known, id_ in names.items() if known == wanted]


def _hits(session: Session, found: _Finding, marks: Marks) -> tuple[Hit, ...]:
    """What the archive has of these versions now, in their order."""
    rows = {row.version_id: row for row in session.execute(_shown(list(found.ranks)))}
    snippets = Snippets(marks)
    return tuple(
        _hit(row, rank, found.cursors[version_id], snippets.of(row.text, row.language))
        for version_id, rank in found.ranks.items()
        if (row := rows.get(version_id)) is not None
    )


def _shown(version_ids: list[int]) -> Select[*tuple[Any, ...]]:
    published_at = func.coalesce(Content.published_at, published_as_listed())
    return (
        select(
            VersionState.version_id,
            VersionState.number,
            Version.identifier,
            Version.first_seen_at.label("version_first_seen_at"),
            Article.id,
            Article.url,
            Article.first_seen_at,
            Source.name,
            Content.title,
            Content.text,
            Content.language,
            published_at.label("published_at"),
        )
        .join(Version, Version.id == VersionState.version_id)
        .join(Article, Article.id == VersionState.article_id)
        .join(Source, Source.id == Article.source_id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .join(Content, Content.digest == Reading.content_digest)
        .where(VersionState.version_id.in_(version_ids))
    )


def _hit(row: Row[Any], rank: float, cursor: str, snippet: str) -> Hit:
    return Hit(
        article_id=row.id,
        source=row.name,
        url=row.url,
        title=row.title,
        published_at=row.published_at,
        version=row.number,
        first_seen_at=row.first_seen_at,
        snippet=snippet,
        rank=rank,
        version_id=row.version_id,
        identifier=row.identifier,
        version_first_seen_at=row.version_first_seen_at,
        language=row.language,
        cursor=cursor,
    )
