"""An article's versions and what happened between them, as a time line shows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Content, Reading, Version, VersionState
from storage.query.edits import EditEvent, Wanted
from storage.query.event_pages import latest_events

MOST: Final = 200
"""Versions, and events, of a time line: the latest."""


@dataclass(frozen=True, slots=True)
class VersionMark:
    """A version on a time line; readers could see it at both times."""

    version: int
    version_id: str
    title: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """Both in the order of time, without versions that were retracted; `cut` says that there are
    versions before the first of these."""

    versions: tuple[VersionMark, ...]
    events: tuple[EditEvent, ...]
    cut: bool


def timeline(session: Session, article_id: int) -> Timeline:
    """The time line of an article."""
    rows = session.execute(
        select(
            VersionState.number,
            Version.identifier,
            Content.title,
            Version.first_seen_at,
            VersionState.last_seen_at,
        )
        .join(Version, Version.id == VersionState.version_id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .join(Content, Content.digest == Reading.content_digest)
        .where(VersionState.article_id == article_id, VersionState.retracted_at.is_(None))
        .order_by(VersionState.number.desc())
        .limit(MOST + 1)
    ).all()
    marks = [VersionMark(*row) for row in rows[:MOST]]
    found = latest_events(session, Wanted(article=str(article_id)), limit=MOST).events
    return Timeline(tuple(reversed(marks)), found[::-1], cut=len(rows) > MOST)
