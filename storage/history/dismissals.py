"""Dismissal: an article that proves to be none leaves the views, with its reason; and comes back.

What one page alone was taken for, the other pages of its site may correct. A dismissed article
keeps its rows, its versions and its identifiers, and is still fetched, ever more seldom. A finding
says why it was dismissed, a later one why it was wrong to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.frontier import revisits
from storage.frontier.due import make_due
from storage.ledger.findings import NewFinding, record_findings
from storage.models import (
    Address,
    Article,
    Finding,
    Frontier,
    Meaning,
    Outcome,
    Version,
    VersionState,
)


@dataclass(frozen=True, slots=True)
class Dismissal:
    """What kind of page an article proved to be, and why."""

    article_id: int
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Readmission:
    """A dismissed article is one after all."""

    article_id: int
    reason: str


def record_dismissals(session: Session, dismissals: Sequence[Dismissal], now: datetime) -> None:
    """Let these articles leave the views. Idempotent."""
    for it in dismissals:
        article = _locked(session, it.article_id)
        if article.dismissed_as is not None:
            continue
        article.dismissed_as = f"{it.kind}: {it.reason}"
        findings = [
            NewFinding(
                version.fetch_id,
                Outcome.NOT_ARTICLE,
                Meaning.RETRACTED,
                article_id=article.id,
                version_id=version.id,
                reason=article.dismissed_as,
            )
            for version in _versions(session, article)
        ]
        record_findings(session, findings)
        session.execute(
            update(Frontier)
            .where(Frontier.address_id.in_(_addresses(session, article)))
            .values(due_at=revisits.after_non_article(Outcome.NOT_ARTICLE, now))
            .execution_options(synchronize_session=False)
        )


def record_readmissions(
    session: Session, readmissions: Sequence[Readmission], now: datetime
) -> None:
    """Let these articles come back. Idempotent."""
    for it in readmissions:
        article = _locked(session, it.article_id)
        if article.dismissed_as is None:
            continue
        versions = _versions(session, article)
        before = _before_dismissal(session, [version.fetch_id for version in versions])
        findings = [
            NewFinding(
                version.fetch_id,
                was.outcome,
                was.meaning,
                article_id=article.id,
                version_id=version.id,
                reason=it.reason,
            )
            for version in versions
            if (was := before.get(version.fetch_id)) is not None
        ]
        record_findings(session, findings)
        article.dismissed_as = None
        make_due(session, _addresses(session, article), now=now)


def _locked(session: Session, article_id: int) -> Article:
    return session.get_one(Article, article_id, with_for_update=True, populate_existing=True)


def _versions(session: Session, article: Article) -> Sequence[Version]:
    """The versions in the article's history."""
    wanted = select(Version).join(VersionState, VersionState.version_id == Version.id)
    return session.scalars(wanted.where(VersionState.article_id == article.id)).all()


def _before_dismissal(session: Session, fetch_ids: Sequence[int]) -> dict[int, Finding]:
    """What these fetches meant before, the last that was found of each."""
    rows = session.scalars(
        select(Finding)
        .where(Finding.fetch_id.in_(fetch_ids), Finding.outcome != Outcome.NOT_ARTICLE)
        .order_by(Finding.fetch_id, Finding.number)
    )
    return {finding.fetch_id: finding for finding in rows}


def _addresses(session: Session, article: Article) -> list[int]:
    return [*session.scalars(select(Address.id).where(Address.article_id == article.id))]
