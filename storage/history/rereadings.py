"""Reading versions again: it only moves which reading a version is read through."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.history.edit_rows import refresh_edits
from storage.history.new_reading import NewReading
from storage.history.readings import store_readings
from storage.models import Article, Content, Reading, Version, VersionState


def record_rereadings(session: Session, readings: Sequence[tuple[int, NewReading]]) -> list[bool]:
    """Store another reading of each version id, and read the version through it.

    Returns for each whether that changed its title or text. Makes no version of any article.
    """
    stored = store_readings(session, [reading for _, reading in readings])
    version_ids = [version_id for version_id, _ in readings]
    # Locked, so that a version that is recorded meanwhile is compared with what is read now.
    session.execute(
        select(Article.id)
        .join(Version, Article.current_version_id == Version.id)
        .where(Version.id.in_(version_ids))
        .order_by(Article.id)
        .with_for_update(of=Article)
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
    return changed
