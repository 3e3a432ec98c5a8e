"""Edits made again: each row of `edit` is what its two versions give."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.history.edit_rows import rows_of_edits
from storage.models import Article, Edit, Reading, Version, VersionState
from storage.verification.check import Check, Done, count
from storage.verification.report import DERIVED, RESTORE_MISSING, Report
from storage.verification.scope import Scope

_CHUNK: Final = 100  # articles at a time
_MOST: Final = 500  # versions in doubt that are looked up
_DOUBTED: Final = (
    "article",
    "version",
    "version_state",
    "reading",
    "reading_detail",
    "content",
    "finding",
)


def _rows(session: Session, scope: Scope) -> int:
    return count(session, select(Article.id).where(scope.of_articles()))


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    after = 0
    query = select(Article.id, Article.source_id).where(scope.of_articles()).order_by(Article.id)
    while rows := session.execute(query.where(Article.id > after).limit(_CHUNK)).all():
        sources = {row.id: row.source_id for row in rows}
        trusted = set(sources) - _doubted(session, report, list(sources))
        if trusted:
            _check(session, report, {it: sources[it] for it in trusted})
        after = rows[-1].id
        session.expunge_all()
        done(len(rows))


def _doubted(session: Session, report: Report, ids: Sequence[int]) -> set[int]:
    """Those of the articles of which something is blamed that edits are made of."""
    if not report.lacks(*_DOUBTED):
        return set()
    rows = session.execute(
        select(
            VersionState.article_id,
            VersionState.version_id,
            VersionState.best_reading,
            Reading.id.label("reading"),
            Reading.content_digest,
            Reading.detail_digest,
        )
        .join(Version, Version.id == VersionState.version_id)
        # Edits are compared as one extractor read both, which is not always the best.
        .outerjoin(
            Reading,
            or_(Reading.digest == Version.digest, Reading.id == VersionState.best_reading),
        )
        .where(VersionState.article_id.in_(ids))
    )
    found = {it for it in ids if report.doubts("article", it)}
    found |= articles_of(session, report.doubted("version", "version_state")[:_MOST])
    for row in rows:
        if (
            report.doubts("version", row.version_id)
            or report.doubts("version_state", row.version_id)
            or report.doubts("reading", row.best_reading, row.reading)
            or report.doubts("content", row.content_digest)
            or report.doubts("reading_detail", row.detail_digest)
        ):
            found.add(row.article_id)
    return found & set(ids)


def articles_of(session: Session, version_ids: Sequence[int]) -> set[int]:
    """The articles that these versions were made in, and those that they stand in."""
    born = select(Version.article_id).where(Version.id.in_(version_ids))
    stand = select(VersionState.article_id).where(VersionState.version_id.in_(version_ids))
    return set(session.scalars(born.union(stand)))


def _check(session: Session, report: Report, sources: dict[int, int]) -> None:
    of_article = dict(
        session.execute(
            select(VersionState.version_id, VersionState.article_id).where(
                VersionState.article_id.in_(sources)
            )
        ).all()
    )
    expected = {row["version_id"]: row for row in rows_of_edits(session, list(sources))}
    there = {
        row.version_id: row
        for row in session.scalars(
            select(Edit)
            .join(VersionState, VersionState.version_id == Edit.version_id)
            .where(VersionState.article_id.in_(sources))
        )
    }
    for version_id in sorted(expected.keys() | there.keys()):
        wanted, row = expected.get(version_id), there.get(version_id)
        if row is None:
            told = f"the edit that made version {version_id}"
            report.add("edit", version_id, expected=told, found="none", advice=RESTORE_MISSING)
        elif wanted is None:
            told = f"no edit that made version {version_id}"
            report.add("edit", version_id, expected=told, found="one", advice=DERIVED)
        elif not report.doubts("content", wanted["from_content"], wanted["to_content"]):
            _compare(report, row, wanted | {"source_id": sources[of_article[version_id]]})


def _compare(report: Report, row: Edit, wanted: dict[str, Any]) -> None:
    other = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if other:
        expected = ", ".join(f"{name} {_told(value)}" for name, value in other.items())
        found = ", ".join(f"{name} {_told(getattr(row, name))}" for name in other)
        report.add("edit", row.version_id, expected=expected, found=found, advice=DERIVED)


def _told(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


CHECK: Final = Check("edits", 2.0, _rows, _run)
