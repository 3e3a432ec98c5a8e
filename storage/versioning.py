"""Versioning: decides what is an edit, and keeps every version.

An edit is decided between two readings by the same extractor with the same profile, against the
article's current version only: A -> B -> A is three versions. The version and the pointer that
makes it current move in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import revisits
from storage.extractions import (
    ExtractionKey,
    Reading,
    index_article,
    store_readings,
)
from storage.identity import resolve
from storage.models import (
    Address,
    Article,
    ArticleState,
    Extraction,
    Frontier,
    Observation,
    Outcome,
    Version,
    VersionState,
)


@dataclass(frozen=True, slots=True)
class Captured:
    """A page that was captured and has now been read."""

    observation_id: int
    address_id: int
    observed_at: datetime
    reading: Reading


class Change(StrEnum):
    """What a reading meant for the archive."""

    NEW_ARTICLE = "new article"
    NEW_VERSION = "new version"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Recorded:
    """`change` and the version that was seen."""

    change: Change
    article_id: int
    version_id: int


@dataclass(frozen=True, slots=True)
class NeedsBaseline:
    """Nothing was recorded: the current version must first be read by the same extractor and
    profile. Read the capture of `observation_id`, record it with
    storage.extractions.record_rereadings, and come again."""

    version_id: int
    observation_id: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A captured page that is no article: `outcome` says what it is, `detail` why."""

    observation_id: int
    address_id: int
    observed_at: datetime
    outcome: Outcome
    detail: str | None


def record_articles(session: Session, pages: Sequence[Captured]) -> list[Recorded | NeedsBaseline]:
    """Compare each page with its article's current version; keep what is new, in order.

    Idempotent: a page that was recorded before is recorded as it was.
    """
    stored = store_readings(session, [page.reading for page in pages])
    return [_record(session, page, stored) for page in pages]


def record_verdicts(session: Session, verdicts: Sequence[Verdict]) -> list[None]:
    """Put on record that these pages are no articles."""
    for verdict in verdicts:
        _conclude(session, verdict.observation_id, verdict.outcome, None, verdict.detail)
        _clear_pending(
            session,
            verdict.address_id,
            verdict.observation_id,
            due_at=revisits.after_verdict(verdict.outcome, verdict.observed_at),
        )
        if verdict.outcome is Outcome.NOT_FOUND:
            article_id = session.scalar(
                select(Address.article_id).where(Address.id == verdict.address_id)
            )
            session.execute(
                update(Article)
                .where(Article.id == article_id, Article.state != ArticleState.NOT_FOUND)
                .values(state=ArticleState.NOT_FOUND, state_observation_id=verdict.observation_id)
            )
    return [None] * len(verdicts)


def _record(
    session: Session, page: Captured, stored: dict[ExtractionKey, tuple[int, bytes]]
) -> Recorded | NeedsBaseline:
    reading = page.reading
    extraction_id, fingerprint = stored[reading.digest, reading.extractor, reading.profile]
    address = session.get_one(Address, page.address_id)
    article = resolve(
        session,
        address,
        canonical_url=reading.canonical_url,
        title=reading.title,
        text=reading.text,
        observation_id=page.observation_id,
        observed_at=page.observed_at,
    )
    # Two processes may hold pages of one article; the second waits here for the first's version.
    session.refresh(article, with_for_update=True)
    current = (
        session.get_one(Version, article.current_version_id)
        if article.current_version_id is not None
        else None
    )
    if current is None:
        change = Change.NEW_ARTICLE
    elif current.observation_id == page.observation_id:
        return Recorded(Change.UNCHANGED, article.id, current.id)
    else:
        baseline = _fingerprint(session, current.digest, reading)
        if baseline is None:
            return NeedsBaseline(current.id, current.observation_id)
        change = Change.UNCHANGED if baseline == fingerprint else Change.NEW_VERSION
    if current is not None and change is Change.UNCHANGED:
        version_id = current.id
        _see_again(session, version_id, page.observed_at)
    else:
        number = current.number + 1 if current is not None else 1
        version_id = _add_version(session, article, page, number, extraction_id)
    if article.state is not ArticleState.LIVE:
        article.state, article.state_observation_id = ArticleState.LIVE, page.observation_id
    outcome = Outcome.UNCHANGED if change is Change.UNCHANGED else Outcome.FETCHED
    _conclude(session, page.observation_id, outcome, version_id, None)
    if change is Change.UNCHANGED:
        _clear_pending(session, page.address_id, page.observation_id)
    else:
        _clear_pending(session, page.address_id, page.observation_id, **_changed(page, change))
    return Recorded(change, article.id, version_id)


def _fingerprint(session: Session, digest: bytes, like: Reading) -> bytes | None:
    return session.scalar(
        select(Extraction.fingerprint).where(
            Extraction.digest == digest,
            Extraction.extractor == like.extractor,
            Extraction.profile == like.profile,
        )
    )


def _add_version(
    session: Session, article: Article, page: Captured, number: int, extraction_id: int
) -> int:
    version = Version(
        article_id=article.id,
        number=number,
        digest=page.reading.digest,
        extraction_id=extraction_id,
        observation_id=page.observation_id,
        first_seen_at=page.observed_at,
    )
    session.add(version)
    session.flush()
    session.add(
        VersionState(
            version_id=version.id, extraction_id=extraction_id, last_seen_at=page.observed_at
        )
    )
    article.current_version_id = version.id
    session.flush()
    index_article(session, article.id, extraction_id)
    return version.id


def _see_again(session: Session, version_id: int, seen_at: datetime) -> None:
    session.execute(
        update(VersionState)
        .where(VersionState.version_id == version_id, VersionState.last_seen_at < seen_at)
        .values(last_seen_at=seen_at)
    )


def _conclude(
    session: Session,
    observation_id: int,
    outcome: Outcome,
    version_id: int | None,
    detail: str | None,
) -> None:
    session.execute(
        update(Observation)
        .where(Observation.id == observation_id)
        .values(outcome=outcome, version_id=version_id, detail=detail)
    )


def _changed(page: Captured, change: Change) -> dict[str, datetime]:
    """The frontier's times after a change; a new article has been as it is since it came out."""
    changed_at = page.observed_at
    published_at = page.reading.published_at
    if change is Change.NEW_ARTICLE and published_at is not None:
        changed_at = min(changed_at, published_at)
    due_at = revisits.after_change(checked_at=page.observed_at, changed_at=changed_at)
    return {"changed_at": changed_at, "due_at": due_at}


def _clear_pending(
    session: Session, address_id: int, observation_id: int, **times: datetime
) -> None:
    session.execute(
        update(Frontier)
        .where(Frontier.address_id == address_id, Frontier.pending_observation_id == observation_id)
        .values(pending_observation_id=None, **times)
    )
