"""Versioning: decides what is an edit, and keeps every version.

An edit is decided between two readings by the same extractor with the same profile, against the
version that is shown now and no older one: A -> B -> A is three versions. The version and the
pointer that makes it current move in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, or_, select, update
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
from storage.profiles import sample_page
from storage.sightings import record_removal, record_sighting


@dataclass(frozen=True, slots=True)
class Captured:
    """A page that was captured and has now been read; `outline` is for the site profile.

    `baseline_unreadable` says that today's extractor finds no article in an earlier version's
    capture, so that only the reading that it has is there to compare with.
    """

    observation_id: int
    address_id: int
    observed_at: datetime
    reading: Reading
    outline: tuple[str, ...] = ()
    baseline_unreadable: bool = False


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
    """Nothing was recorded: that version must first be read by the same extractor and profile.
    Read the capture of `observation_id`, record it with
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
    """Put on record that these pages are no articles. Idempotent.

    The next check fetches and reads them again, whether or not their bytes are the same.
    """
    for verdict in verdicts:
        first = _clear_pending(
            session,
            verdict.address_id,
            verdict.observation_id,
            digest=None,
            etag=None,
            last_modified=None,
            due_at=revisits.after_verdict(verdict.outcome, verdict.observed_at),
        )
        if not first:
            continue
        _conclude(session, verdict.observation_id, verdict.outcome, None, verdict.detail)
        if verdict.outcome is Outcome.NOT_FOUND:
            record_removal(
                session,
                verdict.address_id,
                ArticleState.NOT_FOUND,
                observation_id=verdict.observation_id,
            )
    return [None] * len(verdicts)


def _record(
    session: Session, page: Captured, stored: dict[ExtractionKey, tuple[int, bytes]]
) -> Recorded | NeedsBaseline:
    before = _recorded_before(session, page)
    if before is not None:
        return before
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
    version_id = _version_shown(session, article, page, fingerprint)
    if isinstance(version_id, NeedsBaseline):
        return version_id
    if version_id is not None:
        change, times = Change.UNCHANGED, {}
    else:
        new = article.current_version_id is None
        change = Change.NEW_ARTICLE if new else Change.NEW_VERSION
        times = _changed(page, change)
        version_id = _add_version(session, article, page, extraction_id)
    record_sighting(
        session, version_id, observation_id=page.observation_id, seen_at=page.observed_at
    )
    outcome = Outcome.UNCHANGED if change is Change.UNCHANGED else Outcome.FETCHED
    _conclude(session, page.observation_id, outcome, version_id, None)
    _clear_pending(session, page.address_id, page.observation_id, version_id=version_id, **times)
    if page.outline:
        sample_page(session, address, page.outline)
    return Recorded(change, article.id, version_id)


def _recorded_before(session: Session, page: Captured) -> Recorded | None:
    version = session.scalar(
        select(Version)
        .join(Observation, Observation.version_id == Version.id)
        .where(Observation.id == page.observation_id)
    )
    if version is None:
        return None
    if version.observation_id != page.observation_id:
        change = Change.UNCHANGED
    else:
        change = Change.NEW_ARTICLE if version.number == 1 else Change.NEW_VERSION
    return Recorded(change, version.article_id, version.id)


def _version_shown(
    session: Session, article: Article, page: Captured, fingerprint: bytes
) -> int | NeedsBaseline | None:
    """The version that the page shows: the current one, or the one this address showed before.

    None where it shows neither, and so an edit. Of two addresses that serve different wordings
    at the same time each is compared with its own, or they would edit each other at every check.
    """
    own = select(Frontier.version_id).where(Frontier.address_id == page.address_id)
    candidates = session.scalars(
        select(Version)
        .where(
            Version.article_id == article.id,
            or_(Version.id == article.current_version_id, Version.id.in_(own)),
        )
        .order_by(Version.number.desc())
    ).all()
    for version in candidates:
        baseline = _fingerprint(session, version.digest, page.reading)
        if baseline is None and page.baseline_unreadable:
            baseline = _preferred_fingerprint(session, version.id)
        if baseline is None:
            return NeedsBaseline(version.id, version.observation_id)
        if baseline == fingerprint:
            return version.id
    return None


def _preferred_fingerprint(session: Session, version_id: int) -> bytes | None:
    return session.scalar(
        select(Extraction.fingerprint)
        .join(VersionState, VersionState.extraction_id == Extraction.id)
        .where(VersionState.version_id == version_id)
    )


def _fingerprint(session: Session, digest: bytes, like: Reading) -> bytes | None:
    return session.scalar(
        select(Extraction.fingerprint).where(
            Extraction.digest == digest,
            Extraction.extractor == like.extractor,
            Extraction.profile == like.profile,
        )
    )


def _add_version(session: Session, article: Article, page: Captured, extraction_id: int) -> int:
    latest = session.scalar(
        select(func.max(Version.number)).where(Version.article_id == article.id)
    )
    version = Version(
        article_id=article.id,
        number=(latest or 0) + 1,
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
    session: Session, address_id: int, observation_id: int, **values: object
) -> bool:
    """Mark the capture as read, with these values in the frontier; False if it was before."""
    cleared = session.scalar(
        update(Frontier)
        .where(Frontier.address_id == address_id, Frontier.pending_observation_id == observation_id)
        .values(pending_observation_id=None, **values)
        .returning(Frontier.address_id)
    )
    return cleared is not None
