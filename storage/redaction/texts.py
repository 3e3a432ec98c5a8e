"""Contents and what else readings made of pages, redacted; what refers to them follows."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new
from storage.models import Content, Reading, ReadingDetail, Version, VersionState
from storage.redaction.erasing import Eraser
from storage.redaction.pages import Moved, parts

_OF_A_READING: Final = {Content: Reading.content_digest, ReadingDetail: Reading.detail_digest}


def contents_of(session: Session, version_ids: Collection[int]) -> set[bytes]:
    """The contents of these versions: as recorded, and as they are read best."""
    found: set[bytes] = set()
    for some in parts(version_ids):
        found |= set(session.scalars(select(Version.recorded_content).where(Version.id.in_(some))))
        found |= set(
            session.scalars(
                select(Reading.content_digest)
                .join(VersionState, VersionState.best_reading == Reading.id)
                .where(VersionState.version_id.in_(some))
            )
        )
    return found


def of_readings(
    session: Session, table: type[Content] | type[ReadingDetail], pages: Collection[bytes]
) -> set[bytes]:
    """The contents, or details, of the readings of these pages."""
    column = _OF_A_READING[table]
    return {
        it
        for some in parts(pages)
        for it in session.scalars(select(column).where(Reading.digest.in_(some)).distinct())
    }


def redact_rows(
    session: Session,
    eraser: Eraser,
    table: type[Content] | type[ReadingDetail],
    digests: Collection[bytes],
) -> Moved:
    """Keep each content, or detail, as it may be kept; what moved. Rows of before still stand."""
    moved: Moved = {}
    for some in parts(digests):
        rows = {}
        there: Iterable[Content | ReadingDetail] = session.scalars(
            select(table).where(table.digest.in_(some))
        )
        for it in there:
            kept = eraser.content(it) if isinstance(it, Content) else eraser.detail(it)
            if kept["digest"] != it.digest:
                moved[it.digest] = kept["digest"]
                rows[kept["digest"]] = kept
        if rows:
            session.execute(insert_new(session, table), list(rows.values()))
        session.expunge_all()
    return moved


def move_contents(session: Session, moved: Moved, only: Collection[int] | None) -> None:
    """Let readings, versions and edits refer to contents as they are now: all of them, or `only`
    these versions and what is read of their pages."""
    for old, new in moved.items():
        readings = [Reading.content_digest == old]
        versions = [Version.recorded_content == old]
        if only is not None:
            readings.append(Reading.id.in_(_readings_of(only)))
            versions.append(Version.id.in_(list(only)))
        session.execute(update(Reading).where(*readings).values(content_digest=new))
        session.execute(update(Version).where(*versions).values(recorded_content=new))


def move_details(session: Session, moved: Moved, pages: Collection[bytes]) -> None:
    """Let all readings of these pages refer to details as they are now."""
    for old, new in moved.items():
        for some in parts(pages):
            of_them = update(Reading).where(Reading.detail_digest == old, Reading.digest.in_(some))
            session.execute(of_them.values(detail_digest=new))


def _readings_of(version_ids: Collection[int]) -> Any:
    """The readings of these versions' pages as they are now, and those they are read through."""
    ids = list(version_ids)
    pages = select(Version.digest).where(Version.id.in_(ids))
    best = select(VersionState.best_reading).where(VersionState.version_id.in_(ids))
    return select(Reading.id).where(or_(Reading.digest.in_(pages), Reading.id.in_(best)))


def drop_rows(
    session: Session, table: type[Content] | type[ReadingDetail], digests: Collection[bytes]
) -> list[bytes]:
    """Delete those to which nothing refers any more; those that others have too."""
    used: set[bytes] = set()
    for some in parts(digests):
        used |= set(
            session.scalars(
                select(_OF_A_READING[table]).where(_OF_A_READING[table].in_(some)).distinct()
            )
        )
        if table is Content:
            recorded = select(Version.recorded_content).where(Version.recorded_content.in_(some))
            used |= set(session.scalars(recorded.distinct()))
        gone = [it for it in some if it not in used]
        session.execute(delete(table).where(table.digest.in_(gone)))
    return sorted(used)


def versions_with(session: Session, pages: Moved, contents: Moved, details: Moved) -> list[int]:
    """The versions of which something is other than it was, by the digests of before."""
    found: set[int] = set()
    for some in parts(pages):
        found |= set(session.scalars(select(Version.id).where(Version.digest.in_(some))))
    for some in parts(contents):
        found |= set(session.scalars(select(Version.id).where(Version.recorded_content.in_(some))))
        found |= _read_through(session, Reading.content_digest.in_(some))
    for some in parts(details):
        found |= _read_through(session, Reading.detail_digest.in_(some))
    return sorted(found)


def _read_through(session: Session, among: Any) -> set[int]:
    query = select(VersionState.version_id).join(Reading, Reading.id == VersionState.best_reading)
    return set(session.scalars(query.where(among)))
