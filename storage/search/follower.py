"""Bringing the index up to date with the archive, by whoever searches.

What changed since the index's position is read from the log (storage.ledger.changes), and each
article that it names is indexed as it is now. An index that is new begins at the log's beginning.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from tantivy import IndexWriter, Searcher

from storage.database.archive import Archive
from storage.ledger.changes import (
    Position,
    UnknownPosition,
    beginning,
    changes_since,
    count_since,
    parse_position,
)
from storage.models import Redaction
from storage.search.documents import documents_of
from storage.search.errors import DamagedIndex
from storage.search.index import SearchIndex, discard, folder_of

Progress = Callable[[int, int], None]
"""Told how many changes of how many are done."""

DAMAGED: Final = "the index was damaged and is made anew"

_BATCH: Final = 1_000  # changes
_LATEST_REDACTION: Final = select(func.max(Redaction.id))
_COMMIT: Final = 60.0  # seconds: what a kill may cost
_MOST_COUNTED: Final = 10_000_000
_SMALL: Final = 2_000  # changes that one thread with little memory indexes
_A_SECOND: Final = 1_000  # changes that are indexed, at least


@dataclass(frozen=True, slots=True)
class Followed:
    """How far the index follows the archive: `behind` is the number of changes that are not in it
    yet. `notes` say what a person should know, in a line each."""

    behind: int
    notes: tuple[str, ...] = ()


def open_index(archive: Archive) -> tuple[SearchIndex, tuple[str, ...]]:
    """The archive's index, and what should be told: one that was damaged is made anew."""
    folder = folder_of(archive)
    try:
        index = SearchIndex(folder)
        index.position()
    except DamagedIndex:
        discard(folder)
        return SearchIndex(folder), (DAMAGED,)
    return index, ()


def follow(
    archive: Archive,
    index: SearchIndex,
    *,
    patience: float | None = None,
    rebuild: bool = False,
    progress: Progress | None = None,
) -> Followed:
    """Bring the index up to date, for `patience` seconds at most; None for however long it takes.

    Raises TimeoutError where another process does, and patience is None.
    """
    deadline = None if patience is None else time.monotonic() + patience
    with archive.reading() as session:
        position, notes = _position(session, index, rebuild=rebuild)
        behind = count_since(session, position, at_most=_MOST_COUNTED)
        tainted = _is_tainted(session, index)
    if not behind and not rebuild and not notes and not tainted:
        return Followed(0)
    small = behind <= _SMALL
    # Another process at so much that it can't come to its end in time is not waited for.
    wait = patience if patience and behind <= patience * _A_SECOND else 0
    try:
        with index.writing(
            wait=wait, heap=30_000_000 if small else 400_000_000, threads=1 if small else 2
        ) as writer:
            return _Following(archive, index, writer, deadline, progress).follow(rebuild, notes)
    except TimeoutError:
        if patience is None:
            raise
        with archive.reading() as session:
            position, _ = _position(session, index)
            behind = count_since(session, position, at_most=_MOST_COUNTED)
        return Followed(behind, notes)


def _position(
    session: Session, index: SearchIndex, *, rebuild: bool = False
) -> tuple[Position, tuple[str, ...]]:
    followed = index.position()
    if followed is None or rebuild:
        return beginning(session), ()
    try:
        return parse_position(session, followed), ()
    except UnknownPosition:
        note = (
            "the index was another archive's, or of before this one was restored: it is made anew"
        )
        return beginning(session), (note,)


def _latest_redaction(session: Session) -> int:
    return session.scalar(_LATEST_REDACTION) or 0


def _is_tainted(session: Session, index: SearchIndex) -> bool:
    """Whether its files may have what a redaction took out since it was begun."""
    return index.position() is not None and index.redaction() < _latest_redaction(session)


class _Following:
    """One bringing up to date."""

    def __init__(
        self,
        archive: Archive,
        index: SearchIndex,
        writer: IndexWriter,
        deadline: float | None,
        progress: Progress | None,
    ) -> None:
        self._archive = archive
        self._index = index
        self._writer = writer
        self._deadline = deadline
        self._progress = progress
        self._there: Searcher | None = index.searcher()
        # Read within one snapshot an article need not be read twice.
        self._indexed: set[int] = set()

    def follow(self, rebuild: bool, notes: tuple[str, ...]) -> Followed:
        with self._archive.reading() as session:
            _hold_still(session)
            # Another process may have gone further meanwhile.
            redaction = _latest_redaction(session)
            # A document that is deleted stays in its file: after a redaction all are made anew.
            rebuild = rebuild or _is_tainted(session, self._index)
            position, foreign = _position(session, self._index, rebuild=rebuild)
            if rebuild or foreign:
                self._writer.delete_all_documents()
                self._there = None
            total = count_since(session, position, at_most=_MOST_COUNTED)
            done, committed = 0, time.monotonic()
            while True:
                some, position = changes_since(session, position, limit=_BATCH)
                self._take(session, {it.article_id for it in some if it.article_id})
                done += len(some)
                if self._progress is not None:
                    self._progress(done, total)
                now = time.monotonic()
                if len(some) < _BATCH or (self._deadline is not None and now > self._deadline):
                    break
                if now - committed > _COMMIT:
                    self._index.commit(self._writer, str(position), redaction)
                    committed = now
            self._index.commit(self._writer, str(position), redaction)
        return Followed(total - done, notes)

    def _take(self, session: Session, article_ids: set[int]) -> None:
        wanted = sorted(article_ids - self._indexed)
        self._indexed.update(wanted)
        for article_id in wanted:
            if self._there is not None and self._there.doc_freq("article", article_id):
                self._writer.delete_documents_by_term("article", article_id)
        for document in documents_of(session, wanted):
            self._writer.add_document(document)


def _hold_still(session: Session) -> None:
    """Let the session see the archive as it is now, whatever is written meanwhile."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
