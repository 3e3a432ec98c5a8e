"""Extractions: what one extractor version with one site profile made of one payload.

Adding one never makes a version, and never changes one: it only moves which extraction a version
is read through.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new, upsert
from storage.database.words import search_words
from storage.ledger.day_counts import Measure
from storage.models import Article, Extraction, SearchDocument, Version, VersionState

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as an extractor read it from one payload, ready to be stored.

    `profile` is the digest of the site profile that was applied, empty for none. `paragraphs` are
    [kind, text] and `removed` [reason, text] pairs. Times are aware.
    """

    digest: bytes
    extractor: str
    profile: str
    title: str
    text: str
    authors: list[str] = field(default_factory=list)
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None
    paragraphs: list[list[str]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    removed: list[list[str]] = field(default_factory=list)

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of what an edit would change: title and text, in NFC, spaces run together."""
        words = (
            _SPACES.sub(" ", unicodedata.normalize("NFC", part)).strip()
            for part in (self.title, self.text)
        )
        return hashlib.sha256("\n".join(words).encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Text:
    """What a version says. `paragraphs` are the text's."""

    title: str
    paragraphs: tuple[str, ...]
    published_at: datetime | None
    modified_at: datetime | None

    @property
    def words(self) -> int:
        return sum(len(paragraph.split()) for paragraph in self.paragraphs)


ExtractionKey = tuple[bytes, str, str]
"""(payload digest, extractor version, profile digest)"""


def store_readings(
    session: Session, readings: Sequence[Reading]
) -> dict[ExtractionKey, tuple[int, bytes]]:
    """Keep each reading once; returns (extraction id, fingerprint) by (digest, extractor, profile).

    A reading that is there already stays as it is: extraction is a pure function.
    """
    if not readings:
        return {}
    session.execute(
        insert_new(session, Extraction),
        [
            {
                "digest": reading.digest,
                "extractor": reading.extractor,
                "profile": reading.profile,
                "fingerprint": reading.fingerprint,
                "title": reading.title,
                "text": reading.text,
                "authors": reading.authors,
                "published_at": reading.published_at,
                "modified_at": reading.modified_at,
                "language": reading.language,
                "paragraphs": reading.paragraphs,
                "details": {**reading.details, "canonical_url": reading.canonical_url},
                "removed": reading.removed,
            }
            for reading in readings
        ],
    )
    rows = session.execute(
        select(
            Extraction.digest,
            Extraction.extractor,
            Extraction.profile,
            Extraction.id,
            Extraction.fingerprint,
        ).where(Extraction.digest.in_([reading.digest for reading in readings]))
    )
    return {
        (digest, extractor, profile): (identity, fingerprint)
        for digest, extractor, profile, identity, fingerprint in rows
    }


def texts_of(session: Session, wanted: Sequence[tuple[int | None, Reading]]) -> list[Text | None]:
    """What each version says, as the extractor and the profile of the reading beside it read it,
    or as it is read where they have not; None for no version."""
    texts: list[Text | None] = []
    for version_id, reading in wanted:
        alike = (Extraction.extractor == reading.extractor) & (
            Extraction.profile == reading.profile
        )
        extraction = session.scalar(
            select(Extraction)
            .join(Version, Version.digest == Extraction.digest)
            .join(VersionState, VersionState.version_id == Version.id)
            .where(Version.id == version_id, alike | (Extraction.id == VersionState.extraction_id))
            .order_by(alike.desc())
            .limit(1)
        )
        texts.append(None if extraction is None else text_of(extraction))
    return texts


def text_of(read: Reading | Extraction) -> Text:
    """What a reading says, to be compared with another."""
    paragraphs = tuple(text for _, text in read.paragraphs)
    return Text(read.title, paragraphs, read.published_at, read.modified_at)


def measures_of_reading(reading: Reading) -> Iterator[tuple[Measure, int]]:
    """What a reading that gave an article adds to the counts of its day."""
    yield Measure.READINGS, 1
    yield Measure.UNDATED, int(reading.published_at is None)
    yield Measure.CHARACTERS, len(reading.text)
    yield Measure.REMOVED_CHARACTERS, sum(len(text) for _, text in reading.removed)


def index_articles(session: Session, articles: Mapping[int, tuple[str, str]]) -> None:
    """Let searches find each article id by the words of its title and text."""
    if not articles:
        return
    dialect = session.get_bind().dialect.name
    insert = upsert(session, SearchDocument)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["article_id"], set_={"words": insert.excluded.words}
        ),
        [
            {"article_id": article_id, "words": search_words(title, text, dialect)}
            for article_id, (title, text) in articles.items()
        ],
    )


def record_rereadings(session: Session, readings: Sequence[tuple[int, Reading]]) -> list[bool]:
    """Store another reading of each version id, and read the version through it, in searches too.

    Returns for each whether that changed its title or text. Makes no version of any article.
    """
    stored = store_readings(session, [reading for _, reading in readings])
    version_ids = [version_id for version_id, _ in readings]
    # Locked, so that no newer version's words are written over by an older one's.
    current = dict(
        session.execute(
            select(Version.id, Article.id)
            .join(Article, Article.current_version_id == Version.id)
            .where(Version.id.in_(version_ids))
            .order_by(Article.id)
            .with_for_update(of=Article)
        ).all()
    )
    before = dict(
        session.execute(
            select(VersionState.version_id, Extraction.fingerprint)
            .join(Extraction, Extraction.id == VersionState.extraction_id)
            .where(VersionState.version_id.in_(version_ids))
        ).all()
    )
    preferred, changed = [], []
    for version_id, reading in readings:
        extraction_id, fingerprint = stored[reading.digest, reading.extractor, reading.profile]
        preferred.append({"version_id": version_id, "extraction_id": extraction_id})
        changed.append(before.get(version_id) != fingerprint)
    session.execute(update(VersionState), preferred)
    index_articles(
        session,
        {
            current[version_id]: (reading.title, reading.text)
            for (version_id, reading), different in zip(readings, changed, strict=True)
            if different and version_id in current
        },
    )
    return changed


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Which versions: `current` ones alone, first seen from `since` on and before `until`."""

    current: bool = False
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StaleVersion:
    """A version that another extractor or profile read, and the fetch that brought its page."""

    version_id: int
    fetch_id: int


def stale_versions(
    session: Session,
    source_id: int,
    *,
    extractor: str,
    profile: str,
    among: VersionRange,
    before: int | None = None,
    limit: int,
) -> list[StaleVersion]:
    """The source's versions not read by this extractor with this profile, the newest first.

    `before` is the version id that the last page of results ended with.
    """
    query = (
        select(Version.id, Version.fetch_id)
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Article, Article.id == VersionState.article_id)
        .join(Extraction, Extraction.id == VersionState.extraction_id)
        .where(
            Article.source_id == source_id,
            (Extraction.extractor != extractor) | (Extraction.profile != profile),
        )
        .order_by(Version.id.desc())
        .limit(limit)
    )
    if among.current:
        query = query.where(Article.current_version_id == Version.id)
    if among.since is not None:
        query = query.where(Version.first_seen_at >= among.since)
    if among.until is not None:
        query = query.where(Version.first_seen_at < among.until)
    if before is not None:
        query = query.where(Version.id < before)
    return [StaleVersion(*row) for row in session.execute(query)]
