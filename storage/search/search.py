"""Searching an archive.

    with Search(archive) as search:
        page = search.find("ferry -jetty", Options(sort=Sort.NEWEST))
        for hit in search.hits("title:ferr*"):
            ...

Each question first brings the index up to date, for a moment (`patience`); a `Page` says how many
changes it is behind where that did not do.
"""

from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session
from tantivy import Occur, Query, Searcher

from storage.database.archive import Archive
from storage.database.errors import Refused
from storage.frontier.listings import published_as_listed
from storage.models import Article, Content, Reading, Source, Version, VersionState
from storage.search.compiling import Compiled, both, compile_query, number, unscored
from storage.search.counts import Count, Interval, counts
from storage.search.documents import microseconds
from storage.search.errors import DamagedIndex
from storage.search.facets import Facet, facets
from storage.search.finding import Finding, read_cursor
from storage.search.follower import DAMAGED, Followed, Progress, follow, open_index
from storage.search.index import damage_told, discard
from storage.search.options import Options, Sort, Versions, standing
from storage.search.snippets import BRACKETS, Snippets

PATIENCE: Final = 2.0  # seconds that a search spends on bringing the index up to date
MOST: Final = 10_000  # hits of a page
_PAGE: Final = 500  # hits that `hits` asks for at a time


@dataclass(frozen=True, slots=True)
class Hit:
    """A version that matches. `version_id` is its permanent identifier, and so is `identifier`.
    `snippet` has the matched words between brackets; `rank` is comparable within one answer alone,
    0 where nothing is ranked. `first_seen_at` is the article's, `version_first_seen_at` the
    version's own. `cursor` gets what comes after it."""

    article_id: int
    source: str
    url: str
    title: str
    published_at: datetime | None
    version: int
    first_seen_at: datetime
    snippet: str
    rank: float
    version_id: str
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
    kept. Not to be used by two threads at a time. `brackets` are put around what matches in a
    hit's snippet."""

    def __init__(
        self,
        archive: Archive,
        *,
        patience: float = PATIENCE,
        progress: Progress | None = None,
        brackets: tuple[str, str] = BRACKETS,
    ) -> None:
        self._archive = archive
        self._brackets = brackets
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
            _, wanted = self._wanted(query, options or Options(), _Sources(session))
        ids, before = array("q"), None
        with damage_told():
            while True:
                found = Finding(searcher, self._index.schema, wanted, MOST)
                found.newest(before)
                ids.extend(found.ranks)
                if found.cursor is None:
                    return ids
                _, before = read_cursor(found.cursor)

    def versions_among(self, query: str, article_ids: Collection[int]) -> set[int]:
        """The ids of the versions of these articles that match, not current ones too; of articles
        with so many that there are more than MOST, the newest."""
        searcher, _ = self._ready()
        options = Options(versions=Versions.ALL)
        with self._archive.reading() as session:
            _, wanted = self._wanted(query, options, _Sources(session))
        schema = self._index.schema
        among = Query.term_set_query(schema, "article", sorted(article_ids))
        with damage_told():
            found = Finding(searcher, schema, both(wanted, unscored(among)), MOST)
            found.newest(None)
        return set(found.ranks)

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
            known = _Sources(session)
            _, wanted = self._wanted(query, options or Options(), known)
            sources = known.names() if by_source else None
        with damage_told():
            found = tuple(counts(searcher, self._index.schema, wanted, by, sources))
        return Counts(found, followed.behind, followed.notes)

    def facets(self, query: str = "", options: Options | None = None) -> tuple[Facet, ...]:
        """How many match of each source, language, state and kind of edit."""
        searcher, _ = self._ready()
        with self._archive.reading() as session:
            sources = _Sources(session)
            _, wanted = self._wanted(query, options or Options(), sources)
            names = sources.names()
        with damage_told():
            return tuple(facets(searcher, wanted, names))

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
            compiled, wanted = self._wanted(query, options, _Sources(session))
            found = Finding(searcher, self._index.schema, wanted, min(limit, MOST))
            sort, after = read_cursor(cursor)
            if sort is None:
                sort = options.sort if compiled.ranks else Sort.NEWEST
            with damage_told():
                if sort is Sort.NEWEST:
                    found.newest(after)
                else:
                    found.ranked(after or 0)
            hits = _hits(session, found, Snippets(compiled.marks, self._brackets))
        return Page(hits, found.total, found.cursor, followed.behind, followed.notes)

    def _wanted(self, query: str, options: Options, sources: "_Sources") -> tuple[Compiled, Query]:
        """The query, and with what the options leave of it."""
        filters = list(self._filters(options, sources))
        compiled = compile_query(query, self._index.schema, sources.named, filters)
        return compiled, both(compiled.query, *filters)

    def _filters(self, options: Options, sources: "_Sources") -> Iterator[Query]:
        schema = self._index.schema
        yield from standing(schema, options)
        if options.sources:
            ids = [id_ for name in options.sources for id_ in sources.named(name)]
            yield (
                unscored(Query.term_set_query(schema, "source", ids))
                if ids
                else (Query.empty_query())
            )
        if left_out := [id_ for name in options.without for id_ in sources.called(name)]:
            of_them = Query.term_set_query(schema, "source", left_out)
            yield unscored(
                Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, of_them)])
            )
        if options.since is not None or options.until is not None:
            since, until = options.since, options.until
            yield number(
                schema,
                "moment",
                None if since is None else microseconds(since),
                None if until is None else microseconds(until),
            )


class _Sources:
    """The archive's sources, which are read once one is asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _ids(self) -> dict[str, int]:
        return dict(self._session.execute(_SOURCES).all())

    def names(self) -> dict[int, str]:
        """By id."""
        return {id_: name for name, id_ in self._ids.items()}

    def called(self, name: str) -> list[int]:
        """The id of the source of that very name, if there is one."""
        return [self._ids[name]] if name in self._ids else []

    def named(self, name: str) -> list[int]:
        """The ids of the sources of a name in any case, or that begin with what is before `*`."""
        wanted = name.lower()
        if wanted.endswith("*"):
            return [id_ for known, id_ in self._ids.items() if known.startswith(wanted[:-1])]
        return self.called(wanted)


def _hits(session: Session, found: Finding, snippets: Snippets) -> tuple[Hit, ...]:
    """What the archive has of these versions now, in their order."""
    rows = {row.version_id: row for row in session.execute(_SHOWN, {"ids": list(found.ranks)})}
    return tuple(
        _hit(row, rank, found.cursors[version_id], snippets.of(row.text, row.language))
        for version_id, rank in found.ranks.items()
        if (row := rows.get(version_id)) is not None
    )


def _hit(row: Row[*tuple[Any, ...]], rank: float, cursor: str, snippet: str) -> Hit:
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
        version_id=row.identifier,
        identifier=row.identifier,
        version_first_seen_at=row.version_first_seen_at,
        language=row.language,
        cursor=cursor,
    )


_SOURCES: Final = select(Source.name, Source.id)
_SHOWN: Final = (
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
        func.coalesce(Content.published_at, published_as_listed()).label("published_at"),
    )
    .join(Version, Version.id == VersionState.version_id)
    .join(Article, Article.id == VersionState.article_id)
    .join(Source, Source.id == Article.source_id)
    .join(Reading, Reading.id == VersionState.best_reading)
    .join(Content, Content.digest == Reading.content_digest)
    .where(VersionState.version_id.in_(bindparam("ids", expanding=True)))
)
