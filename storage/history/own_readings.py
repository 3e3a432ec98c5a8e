"""Readings of extractors that are not ours: kept beside ours, and never what a version says."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new
from storage.history.may_be_kept import readings_kept
from storage.history.new_reading import NewReading
from storage.history.readings import store_readings
from storage.models import OwnReading, Version

_CHUNK = 10_000  # versions a statement: SQLite takes 32,766 parameters


def record_own_readings(session: Session, readings: Sequence[tuple[int, NewReading]]) -> None:
    """Keep each reading of a version id beside others of that version, once, without what a
    redaction keeps away. The version is read through the reading that it was read through before.
    """
    if not readings:
        return
    version_ids = [version_id for version_id, _ in readings]
    fetches = select(Version.id, Version.fetch_id).where(Version.id.in_(version_ids))
    fetch_ids = dict(session.execute(fetches).all())
    kept = readings_kept(session, [(fetch_ids[it], reading) for it, reading in readings])
    stored = store_readings(session, kept)
    rows = [
        {
            "extractor": reading.extractor,
            "version_id": version_id,
            "reading_id": stored[reading.key][0],
        }
        for version_id, reading in sorted(zip(version_ids, kept, strict=True), key=lambda it: it[0])
    ]
    session.execute(insert_new(session, OwnReading), rows)


def read_by(session: Session, extractor: str, version_ids: Sequence[int]) -> set[int]:
    """Those of these versions of which that extractor made a reading."""
    found: set[int] = set()
    for start in range(0, len(version_ids), _CHUNK):
        found.update(
            session.scalars(
                select(OwnReading.version_id).where(
                    OwnReading.extractor == extractor,
                    OwnReading.version_id.in_(version_ids[start : start + _CHUNK]),
                )
            )
        )
    return found
