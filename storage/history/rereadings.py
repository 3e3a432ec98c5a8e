"""Reading versions again: it moves which reading a version is read through, and so which versions
stand."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.history.may_be_kept import readings_kept
from storage.history.new_reading import NewReading
from storage.history.readings import store_readings
from storage.history.retractions import settle_versions
from storage.models import Article, Content, Reading, Version, VersionState


def record_rereadings(session: Session, readings: Sequence[tuple[int, NewReading]]) -> list[bool]:
    """Store another reading of each version id, and read the version through it.

    Returns for each whether that changed its title or text. Makes no version of any article; one
    that now reads as the version before it is retracted, and one that does not any more stands.
    """
    version_ids = [version_id for version_id, _ in readings]
    fetches = select(Version.id, Version.fetch_id).where(Version.id.in_(version_ids))
    fetch_ids = dict(session.execute(fetches).all())
    kept = readings_kept(session, [(fetch_ids[it], reading) for it, reading in readings])
    readings = list(zip(version_ids, kept, strict=True))
    stored = store_readings(session, kept)
    # Locked, so that a version that is recorded meanwhile is compared with what is read now.
    session.execute(
        select(Article.id)
        .join(VersionState, VersionState.article_id == Article.id)
        .where(VersionState.version_id.in_(version_ids))
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
    settle_versions(session, version_ids)
    return changed
