"""Edits as events, and removals and returns beside them: what the view `edits` has, narrowed."""

from collections.abc import Collection, Generator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, ColumnClause, Select, column, select, table
from sqlalchemy.orm import Session

from storage.database.types import UtcDateTime
from storage.frontier.sources import find_source
from storage.history.edits import EditKind, text_of
from storage.history.lookup import find_article, find_version
from storage.history.sentences import SentenceChange, changed_sentences
from storage.models import Content, Edit

__all__ = ["EditEvent", "EditKind", "EventKind", "Wanted", "edit_events", "sentences_of"]


class EventKind(StrEnum):
    """What happened to an article."""

    EDIT = "edit"
    REMOVAL = "removal"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class EditEvent:
    """An edit, removal or return; it happened after `not_before`, the last check that saw the
    article without, and no later than `not_after`, the first that saw it with.

    What an event of its kind does not have is None; `kinds` are an edit's, in their order.
    """

    event: EventKind
    source: str
    article_id: int
    url: str
    from_version: int | None
    to_version: int | None
    from_version_id: str | None
    to_version_id: str | None
    not_before: datetime | None
    not_after: datetime
    kinds: tuple[EditKind, ...]
    declared: bool | None
    alternating: bool | None
    words_deleted: int | None
    words_inserted: int | None
    title_before: str | None
    title_after: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: of the `source` and `article` (as find_article takes it), first seen from
    `since` on and before `until`, of these events, of every one of these kinds, and `declared` or
    not."""

    source: str | None = None
    article: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    events: Collection[EventKind] = ()
    kinds: Collection[EditKind] = ()
    declared: bool | None = None


_FLAGS: dict[EditKind, ColumnClause[bool]] = {
    kind: column(kind.value.replace("-", "_"), Boolean()) for kind in EditKind
}
_TIMES = ("not_before", "not_after")
_TRUTHS = ("declared", "alternating")
_NAMES = [name for name in EditEvent.__dataclass_fields__ if name not in ("kinds", *_TIMES)]
_VIEW = table(
    "edits",
    *(column(name) for name in _NAMES),
    *(column(name, UtcDateTime()) for name in _TIMES),
    *_FLAGS.values(),
    column("fetch_id"),
)


def edit_events(session: Session, wanted: Wanted) -> Generator[EditEvent, None, None]:
    """The events, in the order they were first seen.

    Streamed: to be read, or closed, within the session. Raises NotFound for a source or an article
    that is not there."""
    query = _query(session, wanted).order_by(_VIEW.c.not_after, _VIEW.c.fetch_id)
    with session.execute(query, execution_options={"yield_per": 500}) as rows:
        yield from map(_event, rows)


def _query(session: Session, wanted: Wanted) -> Select[Any]:
    view = _VIEW.c
    query = select(_VIEW)
    if wanted.source is not None:
        query = query.where(view.source == find_source(session, wanted.source).name)
    if wanted.article is not None:
        query = query.where(view.article_id == find_article(session, wanted.article).id)
    if wanted.since is not None:
        query = query.where(view.not_after >= wanted.since)
    if wanted.until is not None:
        query = query.where(view.not_after < wanted.until)
    if wanted.events:
        query = query.where(view.event.in_([it.value for it in wanted.events]))
    for kind in wanted.kinds:
        query = query.where(_FLAGS[kind].is_(True))
    if wanted.declared is not None:
        query = query.where(view.declared.is_(wanted.declared))
    return query


def _event(row: Any) -> EditEvent:
    given = row._mapping
    flags = {kind: given[flag.name] for kind, flag in _FLAGS.items()}
    truth = {name: None if given[name] is None else bool(given[name]) for name in _TRUTHS}
    values = {name: given[name] for name in (*_NAMES, *_TIMES)}
    values["event"] = EventKind(given["event"])
    return EditEvent(**values | truth, kinds=tuple(kind for kind in EditKind if flags[kind]))


def sentences_of(session: Session, event: EditEvent) -> list[SentenceChange]:
    """What an edit changed, sentence by sentence; of a removal or a return nothing."""
    if event.event is not EventKind.EDIT or event.to_version_id is None:
        return []
    version_id = find_version(session, event.to_version_id).version_id
    edit = session.get_one(Edit, version_id)
    old, new = (session.get_one(Content, digest) for digest in (edit.from_content, edit.to_content))
    return changed_sentences(
        *(text_of(title=it.title, paragraphs=it.paragraphs) for it in (old, new))
    )
