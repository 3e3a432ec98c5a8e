"""How far a re-extraction has come, on record: one that was stopped is taken up where it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.database.clock import utc_now
from storage.database.dialects import database_now
from storage.database.errors import Refused
from storage.ledger.runs import is_dead, named
from storage.models import Reextraction, Run


@dataclass(frozen=True, slots=True)
class Place:
    """What is done: sources before this one, and of this one the versions from `version_id` on,
    with `templates` of this digest."""

    source_id: int
    version_id: int
    templates: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How many versions there are, were passed, read, read otherwise, and not readable; how many
    changed by field; and the place, None at the beginning."""

    total: int
    done: int = 0
    read: int = 0
    changed: int = 0
    unreadable: int = 0
    fields: Mapping[str, int] = field(default_factory=dict)
    place: Place | None = None


def begin(
    session: Session, run_id: int, *, extractor: str, asked: dict[str, Any], total: int
) -> tuple[int, Progress]:
    """The re-extraction that was asked for so and has not come to its end, which is this run's
    from now on, or a new one: its id and how far it has come.

    Raises Refused while another run is at it.
    """
    latest = session.scalars(
        select(Reextraction)
        .where(Reextraction.extractor == extractor, Reextraction.finished_at.is_(None))
        .order_by(Reextraction.id.desc())
        .with_for_update()
    )
    known = next((it for it in latest if it.asked == asked), None)
    now = utc_now()
    if known is None:
        row = Reextraction(
            run_id=run_id,
            extractor=extractor,
            asked=asked,
            total=total,
            done=0,
            read=0,
            changed=0,
            unreadable=0,
            fields={},
            templates="",
            started_at=now,
            moved_at=now,
        )
        session.add(row)
        session.flush()
        return row.id, Progress(total)
    run = session.get_one(Run, known.run_id)
    if run.ended_at is None and not is_dead(run, database_now(session)):
        raise Refused(f"re-extraction {known.id} is under way: {named(run)}")
    known.run_id = run_id
    return known.id, progress_of(known)


def progress_of(row: Reextraction) -> Progress:
    """How far it has come."""
    place = None
    if row.source_id is not None and row.version_id is not None:
        place = Place(row.source_id, row.version_id, row.templates)
    return Progress(row.total, row.done, row.read, row.changed, row.unreadable, row.fields, place)


def has_come(session: Session, reextraction_id: int, progress: Progress) -> Progress | None:
    """What is on record, if that is as far as `progress`; None where it is not."""
    known = progress_of(session.get_one(Reextraction, reextraction_id))
    return known if (known.done, known.place) == (progress.done, progress.place) else None


def advance(session: Session, reextraction_id: int, progress: Progress) -> None:
    """It has come so far. Set, not added to: it may be said twice."""
    place = progress.place
    session.execute(
        update(Reextraction)
        .where(Reextraction.id == reextraction_id)
        .values(
            done=progress.done,
            read=progress.read,
            changed=progress.changed,
            unreadable=progress.unreadable,
            fields=dict(progress.fields),
            source_id=place and place.source_id,
            version_id=place and place.version_id,
            templates=place.templates if place else "",
            moved_at=utc_now(),
        )
    )


def finish(session: Session, reextraction_id: int, progress: Progress) -> None:
    """It has come to its end."""
    advance(session, reextraction_id, progress)
    session.execute(
        update(Reextraction).where(Reextraction.id == reextraction_id).values(finished_at=utc_now())
    )


@dataclass(frozen=True, slots=True)
class ReextractionRecord:
    """A re-extraction as it stands; `alive` while a run works at it."""

    id: int
    run_id: int
    extractor: str
    asked: dict[str, Any]
    progress: Progress
    alive: bool
    started_at: datetime
    moved_at: datetime
    finished_at: datetime | None


def latest_reextraction(session: Session, *, system: datetime) -> ReextractionRecord | None:
    """The one that was begun last, at `system` by the clock of heartbeats; None where there was
    none."""
    row = session.scalar(select(Reextraction).order_by(Reextraction.id.desc()).limit(1))
    if row is None:
        return None
    run = session.get_one(Run, row.run_id)
    return ReextractionRecord(
        row.id,
        row.run_id,
        row.extractor,
        row.asked,
        progress_of(row),
        run.ended_at is None and not is_dead(run, system),
        row.started_at,
        row.moved_at,
        row.finished_at,
    )
