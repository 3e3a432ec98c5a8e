"""One archive, open to be read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from permalien.records import Article, Edit, Fetch, Hit, OwnReading, Page, Source, Version
from permalien.results import Results

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from storage.query.selection import Selection

Record = TypeVar("Record", bound=Version)

Day = date | datetime
"""A day (UTC), or an aware time."""

Names = str | Sequence[str]
"""One name, or several of which any will do."""


def open(archive: str | os.PathLike[str] | None = None) -> Archive:
    """Open an archive to read it: an SQLite file, `sqlite:///FILE` or `postgresql://…`; without
    one, PERMALIEN_DATABASE_URL's, or else permalien.db in the working directory.

    Nothing is created, brought up to date or written. Raises ArchiveNotCreated where there is no
    archive, ArchiveOutdated or ArchiveTooNew where its schema is not this Permalien's,
    BadDatabaseURL for what is no address of a database, and ArchiveUnavailable where it does not
    answer; each says what to do.
    """
    from storage.query.opening import open_read_only

    return Archive(open_read_only(archive))


class Archive:
    """An archive, open to be read; to be closed, as `with` does.

    The filters are the same everywhere: `source` (a name or several), `language` (`fr` asks for
    French of any country), `state`, `since` (inclusive) and `until` (exclusive, both of the time
    of publication, or of first sight where that is not known), `as_of` (what readers could see at
    the end of that day, or at that time) and `known_by` (what the archive had recorded by then,
    with texts as they were recorded). Raises ValueError for a time without a zone.
    """

    def __init__(self, archive: Any) -> None:
        self._archive = archive
        self._closed = False

    def close(self) -> None:
        """Let go of the database. Nothing can be asked any more."""
        self._closed = True
        self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<permalien.Archive {self._archive.name}{' (closed)' if self._closed else ''}>"

    def sources(self) -> Results[Source]:
        """Every source, by name."""
        from storage.query.fields import SOURCE_FIELDS
        from storage.query.source_rows import source_rows

        return Results(partial(self._stream, source_rows), Source, SOURCE_FIELDS)

    def articles(
        self,
        *,
        source: Names = (),
        since: Day | None = None,
        until: Day | None = None,
        language: Names = (),
        state: Names = (),
        search: str = "",
        as_of: Day | None = None,
        known_by: Day | None = None,
        as_recorded: bool = False,
    ) -> Results[Article]:
        """Articles in their current version, or in the one that stood `as_of` a time; then what
        had been taken away is left out unless `state` asks for it. By their number."""
        return self._versions(
            Article, source, since, until, language, state, search, as_of, known_by, as_recorded
        )

    def versions(
        self,
        article: str | int | None = None,
        *,
        source: Names = (),
        since: Day | None = None,
        until: Day | None = None,
        language: Names = (),
        state: Names = (),
        search: str = "",
        as_of: Day | None = None,
        known_by: Day | None = None,
        as_recorded: bool = False,
        retracted: bool = False,
    ) -> Results[Version]:
        """Every version of every article, or of one, by number of article and version; with
        `retracted` those too that turned out to be no edits. Raises NotFound for an article that
        is not there."""
        return self._versions(
            Version,
            source,
            since,
            until,
            language,
            state,
            search,
            as_of,
            known_by,
            as_recorded,
            article,
            retracted=retracted,
        )

    def article(self, name: str | int) -> Article:
        """The article at that URL, in any spelling, or of that number. Raises NotFound."""
        from storage.query.selection import Selection

        wanted = Selection(article_ids=(self._article_id(name),))
        (article,) = self._results(Article, wanted)
        return article

    def version(self, identifier: str) -> Version:
        """The version with that permanent identifier, a retracted one too. Raises NotFound."""
        with self._reading() as session:
            from storage.history.lookup import find_version

            state = find_version(session, identifier)
        versions = self.versions(state.article_id, retracted=True)
        (version,) = (it for it in versions if it.version == state.number)
        return version

    def text_as_of(self, article: str | int, when: Day) -> str | None:
        """What readers of the article could read at the end of that day, or at that time; None
        where the archive had not seen it yet or it had been taken away. Raises NotFound."""
        from storage.query.selection import Selection, end_of

        wanted = Selection(article_ids=(self._article_id(article),), as_of=end_of(when))
        stood = self._results(Article, wanted).first()
        return None if stood is None else stood.text

    def search(
        self,
        query: str,
        *,
        source: Names = (),
        since: Day | None = None,
        until: Day | None = None,
        as_of: Day | None = None,
        known_by: Day | None = None,
        all_versions: bool = False,
        newest: bool = False,
    ) -> Results[Hit]:
        """What the query (docs/search.md) finds in current versions, or in every one; best first,
        or newest first. Raises BadQuery, which points at the place, for one that is wrong.

        Needs an index beside the archive or in the user's cache, which is brought up to date. For
        whole articles say `archive.articles(search=query)`."""
        from storage.query.fields import HIT_FIELDS
        from storage.query.hit_rows import count_hits, hit_rows
        from storage.query.selection import end_of, start_of
        from storage.search.options import Options, Sort, Versions

        options = Options(
            sources=_names(source),
            since=None if since is None else start_of(since),
            until=None if until is None else start_of(until),
            as_of=None if as_of is None else end_of(as_of),
            known_by=None if known_by is None else end_of(known_by),
            versions=Versions.ALL if all_versions else Versions.CURRENT,
            sort=Sort.NEWEST if newest else Sort.RELEVANCE,
        )

        def rows() -> Iterator[Sequence[Any]]:
            self._require_open()
            yield from hit_rows(self._archive, query, options)

        return Results(rows, Hit, HIT_FIELDS, lambda: count_hits(self._archive, query, options))

    def edits(
        self,
        article: str | int | None = None,
        *,
        source: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        event: Names = (),
        kind: Names = (),
        declared: bool | None = None,
    ) -> Results[Edit]:
        """Edits, and removals and returns beside them, in the order they were first seen: of all
        articles, of a source's or of one; seen `since` (inclusive) and `until` (exclusive) these
        times; of every one of these kinds; `declared` by the publisher, or silent (False)."""
        from storage.history.edits import EditKind
        from storage.query.edit_rows import edit_rows
        from storage.query.edits import EventKind, Wanted
        from storage.query.fields import EDIT_FIELDS
        from storage.query.selection import start_of

        wanted = Wanted(
            source=source,
            article=None if article is None else str(article),
            since=None if since is None else start_of(since),
            until=None if until is None else start_of(until),
            events=[EventKind(it) for it in _known(event, EventKind, "event")],
            kinds=[EditKind(it) for it in _known(kind, EditKind, "kind of edit")],
            declared=declared,
        )
        rows = partial(edit_rows, wanted=wanted)
        return Results(partial(self._stream, rows), Edit, EDIT_FIELDS)

    def own_readings(
        self,
        *,
        extractor: str | None = None,
        source: str | None = None,
        version: str | None = None,
    ) -> Results[OwnReading]:
        """What extractors of one's own read (`permalien reextract --extractor`): one of them, of a
        source, of a version by its identifier. No other method tells anything of them."""
        from storage.query.fields import OWN_READING_FIELDS
        from storage.query.own_reading_rows import own_reading_rows

        rows = partial(own_reading_rows, extractor=extractor, source=source, version_id=version)
        return Results(partial(self._stream, rows), OwnReading, OWN_READING_FIELDS)

    def page(self, name: str | int) -> Page:
        """The stored page of a version (its identifier), of a fetch (its id) or of an article's
        current version. Raises NotFound."""
        from storage.query.stored_page import page_record

        with self._reading() as session:
            it = page_record(session, str(name))
        return Page(
            it.fetch_id, it.url, it.fetched_at, it.status, tuple(it.headers), it.sha256, it.cut,
            it.body,
        )  # fmt: skip

    def fetches(
        self,
        article: str | int | None = None,
        *,
        source: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
    ) -> Results[Fetch]:
        """Every request, in the order of time, with what it found: of all, of a source, or of an
        article's addresses; made `since` (inclusive) and `until` (exclusive) these times."""
        from storage.query.fetch_rows import fetch_rows
        from storage.query.fields import FETCH_FIELDS
        from storage.query.selection import start_of

        rows = partial(
            fetch_rows,
            source=source,
            article_id=None if article is None else self._article_id(article),
            since=None if since is None else start_of(since),
            until=None if until is None else start_of(until),
        )
        return Results(partial(self._stream, rows), Fetch, FETCH_FIELDS)

    def _versions(
        self,
        record: type[Record],
        source: Names,
        since: Day | None,
        until: Day | None,
        language: Names,
        state: Names,
        search: str,
        as_of: Day | None,
        known_by: Day | None,
        as_recorded: bool,
        article: str | int | None = None,
        *,
        retracted: bool = False,
    ) -> Results[Record]:
        from storage.query.selection import Selection, end_of, start_of

        return self._results(
            record,
            Selection(
                search=search,
                sources=_names(source),
                since=None if since is None else start_of(since),
                until=None if until is None else start_of(until),
                languages=_names(language),
                states=_states(state),
                as_of=None if as_of is None else end_of(as_of),
                known_by=None if known_by is None else end_of(known_by),
                as_recorded=as_recorded,
                retracted=retracted,
                all_versions=record is Version,
                article_ids=None if article is None else (self._article_id(article),),
            ),
        )

    def _results(self, record: type[Record], selection: Selection) -> Results[Record]:
        from storage.query.fields import VERSION_FIELDS
        from storage.query.version_rows import count_version_rows, version_rows

        def rows() -> Iterator[Sequence[Any]]:
            self._require_open()
            matched = None
            if selection.search:
                from storage.query.matching import matching_versions

                matched = matching_versions(self._archive, selection)
            with self._reading() as session:
                yield from version_rows(session, selection, matched)

        def count() -> int:
            if selection.in_the_past or selection.search:
                return sum(1 for _ in rows())
            with self._reading() as session:
                return count_version_rows(session, selection)

        return Results(rows, record, VERSION_FIELDS, count)

    def _article_id(self, name: str | int) -> int:
        with self._reading() as session:
            from storage.history.lookup import find_article

            return find_article(session, str(name)).id

    def _stream(
        self, rows: Callable[[Session], Iterator[Sequence[Any]]]
    ) -> Iterator[Sequence[Any]]:
        with self._reading() as session:
            yield from rows(session)

    def _reading(self) -> Any:
        self._require_open()
        return self._archive.reading()

    def _require_open(self) -> None:
        if self._closed:
            raise ValueError("the archive is closed")


def _names(given: Names) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _states(given: Names) -> tuple[str, ...]:
    from storage.models import ArticleState

    return _known(given, ArticleState, "state")


def _known(given: Names, among: type[StrEnum], what: str) -> tuple[str, ...]:
    names = _names(given)
    if unknown := set(names) - set(among):
        raise ValueError(f"no {what} {min(unknown)!r}: there are {', '.join(among)}")
    return names
