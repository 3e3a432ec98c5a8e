"""NewReading versions again: it only moves which reading a version is read through."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.history.edit_rows import refresh_edits
from storage.history.readings import NewReading, index_articles, store_readings
from storage.models import Article, Content, Reading, Version, VersionState


def record_rereadings(session: Session, readings: Sequence[tuple[int, NewReading]]) -> list[bool]:
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
            select(VersionState.version_id, Content.fingerprint)
            .join(Reading, Reading.id == VersionState.best_reading)
            .join(Content, Content.digest == Reading.content_digest)
            .where(VersionState.version_id.in_(version_ids))
        ).all()
    )
    preferred, changed = [], []
    for version_id, reading in readings:
        reading_id, fingerprint = stored[reading.key]
        preferred.append({"version_id": version_id, "best_reading": reading_id})
        changed.append(before.get(version_id) != fingerprint)
    session.execute(update(VersionState), preferred)
    refresh_edits(session, version_ids)
    index_articles(
        session,
        {
            current[version_id]: (reading.title, reading.text)
            for (version_id, reading), different in zip(readings, changed, strict=True)
            if different and version_id in current
        },
    )
    return changed
