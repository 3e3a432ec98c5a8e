"""What other readings of versions change: which fields, from what to what."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.history.new_reading import NewReading
from storage.models import Article, Content, Reading, Source, VersionState

FIELDS = ("title", "text", "authors", "published_at", "modified_at", "language")


@dataclass(frozen=True, slots=True)
class ReadingChange:
    """A version whose page would be read otherwise: by field, what it says and what it would."""

    source: str
    url: str
    version: int
    fields: dict[str, tuple[object, object]]


def reading_changes(
    session: Session, readings: Sequence[tuple[int, NewReading]]
) -> list[ReadingChange]:
    """Those of these version ids whose best reading says something else than the reading beside
    each, in their order."""
    known = {
        row.version_id: row
        for row in session.execute(
            select(
                VersionState.version_id,
                VersionState.number,
                Article.url,
                Source.name,
                *(getattr(Content, field) for field in FIELDS),
            )
            .join(Article, Article.id == VersionState.article_id)
            .join(Source, Source.id == Article.source_id)
            .join(Reading, Reading.id == VersionState.best_reading)
            .join(Content, Content.digest == Reading.content_digest)
            .where(VersionState.version_id.in_([version_id for version_id, _ in readings]))
        )
    }
    changes = []
    for version_id, reading in readings:
        before = known[version_id]
        fields = _fields(before, reading)
        if fields:
            changes.append(ReadingChange(before.name, before.url, before.number, fields))
    return changes


def _fields(before: object, reading: NewReading) -> dict[str, tuple[object, object]]:
    fields = [field for field in FIELDS if field not in reading.left_out]
    if all(getattr(before, field) == getattr(reading, field) for field in fields):
        return {}
    said = reading.content  # its texts as they are stored
    pairs = {field: (getattr(before, field), said[field]) for field in fields}
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}
