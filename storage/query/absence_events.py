"""Removals and returns of articles, told from their checks as the view `absences` does it: of few
articles, without a look at all that were ever removed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from storage.ledger.findings import of_fetch
from storage.ledger.spans import Span, span_of
from storage.models import (
    Address,
    Article,
    Content,
    Fetch,
    Finding,
    Meaning,
    Outcome,
    Reading,
    Source,
    Version,
    VersionState,
)
from storage.query.edits import EditEvent, EventKind

RANKS: Final = {kind: rank for rank, kind in enumerate(EventKind)}

Place = tuple[datetime, int, int]
"""Of an event in the order of time: its `not_after`, the fetch that saw it, and its kind's rank,
since one fetch may see an article that is back and edited."""

_SIGHTINGS: Final = frozenset(
    {Meaning.NEW, Meaning.EDITED, Meaning.UNCHANGED, Meaning.RETURNED, Meaning.RETRACTED}
)
_AWAY: Final = frozenset({Outcome.GONE, Outcome.NOT_FOUND, Outcome.MOVED})


@dataclass(slots=True)
class _Absence:
    """As the view `absences` has it: the fetches that saw an article last, saw it gone first and
    last, and saw it back."""

    gone: Any
    before: Any = None
    away: Any = None
    back: Any = None


def absence_events(
    session: Session, article_ids: Sequence[int]
) -> Iterator[tuple[Place, EditEvent]]:
    """Every removal and return of these articles."""
    if not article_ids:
        return
    span = span_of(session, article_ids)
    absences = list(_absences_of(session.execute(_select_checks(article_ids, span))))
    named = {row.version_id for it in absences for row in (it.before, it.back) if row is not None}
    shown = {row.id: row for row in session.execute(_select_versions(sorted(named)))}
    for it in absences:
        if it.before is not None and it.before.version_id in shown:
            yield _event(EventKind.REMOVAL, shown[it.before.version_id], it.before, it.gone)
        if it.back is not None and it.back.version_id in shown:
            yield _event(EventKind.RETURN, shown[it.back.version_id], it.away, it.back)


def _absences_of(checks: Iterable[Any]) -> Iterator[_Absence]:
    """Of checks by article, in the order of time."""
    for _, rows in groupby(checks, key=lambda row: row.article_id):
        before, absence = None, None
        for row in rows:
            if row.version_id is not None and row.meaning in _SIGHTINGS:
                before = row
                if absence is not None:
                    absence.back = row
                    yield absence
                    absence = None
                continue
            if absence is None and row.meaning is Meaning.REMOVED:
                absence = _Absence(row, before)
            if absence is not None and row.outcome in _AWAY:
                absence.away = row
        if absence is not None:
            yield absence


def _select_checks(article_ids: Sequence[int], span: Span) -> Select[Any]:
    query: Any = (
        select(
            Address.article_id,
            Finding.fetch_id,
            Fetch.fetched_at,
            Finding.meaning,
            Finding.outcome,
            Finding.version_id,
        )
        .join(Fetch, Fetch.address_id == Address.id)
        .join(Finding, of_fetch(span))
        .where(Address.article_id.in_(article_ids))
        .order_by(Address.article_id, Fetch.id)
    )
    return query  # type: ignore[no-any-return]


def _select_versions(version_ids: Sequence[int]) -> Select[Any]:
    """What stands of these versions: of one that is retracted, the one before it that stands."""
    saw, other = aliased(VersionState), aliased(VersionState)
    standing = (
        select(func.max(other.number))
        .where(
            other.article_id == saw.article_id,
            other.number <= saw.number,
            other.retracted_at.is_(None),
        )
        .scalar_subquery()
    )
    query: Any = (
        select(
            saw.version_id.label("id"),
            Version.identifier,
            VersionState.number,
            Article.id.label("article_id"),
            Article.url,
            Source.name.label("source"),
            Content.title,
        )
        .select_from(saw)
        .join(
            VersionState,
            and_(VersionState.article_id == saw.article_id, VersionState.number == standing),
        )
        .join(Version, Version.id == VersionState.version_id)
        .join(Article, Article.id == VersionState.article_id)
        .join(Source, Source.id == Article.source_id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .join(Content, Content.digest == Reading.content_digest)
        .where(saw.version_id.in_(version_ids), Article.dismissed_as.is_(None))
    )
    return query  # type: ignore[no-any-return]


def _event(kind: EventKind, of: Any, before: Any, after: Any) -> tuple[Place, EditEvent]:
    removed = kind is EventKind.REMOVAL
    event = EditEvent(
        event=kind,
        source=of.source,
        article_id=of.article_id,
        url=of.url,
        from_version=of.number if removed else None,
        to_version=None if removed else of.number,
        from_version_id=of.identifier if removed else None,
        to_version_id=None if removed else of.identifier,
        not_before=None if before is None else before.fetched_at,
        not_after=after.fetched_at,
        kinds=(),
        declared=None,
        alternating=None,
        words_deleted=None,
        words_inserted=None,
        title_before=of.title if removed else None,
        title_after=None if removed else of.title,
        confidence=None,
    )
    return (after.fetched_at, after.fetch_id, RANKS[kind]), event
