"""Reads a simulated year's pages again, all of them, and tells what that moved."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from crawler.extraction import EXTRACTOR_VERSION
from crawler.reading.reextraction import Wanted
from crawler.reading.reextraction_run import reextract
from storage.database.archive import Archive
from storage.models import (
    Content,
    Edit,
    Finding,
    Reading,
    ReadingDetail,
    Source,
    Template,
    Version,
    VersionState,
)
from tests.simulation.judgement import story_of_versions
from tests.simulation.truth import Story, Year

OLDER = "0+older"  # an extractor that is no more
_MADE = (Version, VersionState, Reading, ReadingDetail, Content, Edit, Finding, Template)


@dataclass(slots=True)
class Reextraction:
    """What two re-extractions of all pages came to.

    versions            that the archive has; `read` of them were read again
    moved               whose recorded content is not the same, byte for byte
    furniture           words in best readings that the publisher did not write, before
    furniture_after     the same, after the first re-extraction
    furnished           versions of which the best reading has such words that it had not
    again               what the second made or changed, by table: rows
    """

    versions: int = 0
    read: int = 0
    furniture: int = 0
    furniture_after: int = 0
    moved: list[str] = field(default_factory=list)
    furnished: list[str] = field(default_factory=list)
    again: dict[str, int] = field(default_factory=dict)


def reextract_twice(year: Year, archive: Archive, origins: Sequence[str]) -> Reextraction:
    """Say that an older extractor read the archive, and read all of it with today's, twice."""
    grow_old(archive)
    with archive.reading() as session:
        stories = story_of_versions(year, session, origins)
        recorded, foreign = _recorded(session), _foreign_words(session, stories)
    done = Reextraction(versions=len(recorded), furniture=_total(foreign))
    done.read = _reextract(archive)
    with archive.reading() as session:
        after, foreign_after = _recorded(session), _foreign_words(session, stories)
        rows = _rows(session)
    done.furniture_after = _total(foreign_after)
    done.moved = [it for it in recorded if after[it] != recorded[it]]
    done.furnished = [
        f"{it}: {' '.join(came.elements())}"
        for it, words in foreign_after.items()
        if (came := words - foreign[it])
    ]
    _reextract(archive)
    with archive.reading() as session:
        again = _rows(session)
    done.again = {table: len(again[table] ^ rows[table]) for table in rows}
    return done


def grow_old(archive: Archive) -> None:
    """Make all readings those of another extractor, past the guard that no reading changes."""
    with archive.writing() as session:
        guard = None
        if archive.url.get_backend_name() == "sqlite":
            named = text("SELECT sql FROM sqlite_master WHERE name = 'reading_is_immutable'")
            guard = session.scalar(named)
            session.execute(text("DROP TRIGGER reading_is_immutable"))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        older = text("UPDATE reading SET extractor = :older WHERE extractor = :today")
        session.execute(older, {"older": OLDER, "today": EXTRACTOR_VERSION})
        if guard is not None:
            session.execute(text(guard))


def _reextract(archive: Archive) -> int:
    with archive.reading() as session:
        sources = list(session.scalars(select(Source.id).order_by(Source.id)))
    ended = reextract(archive, Wanted(sources), asked={}, told=lambda _now, _changes: None)
    if ended.error is not None:
        raise ended.error
    return ended.progress.read


def _recorded(session: Session) -> dict[str, bytes]:
    """Of each version by its identifier a digest of all that was recorded as its content."""
    rows = session.execute(
        select(Version.identifier, *Content.__table__.columns).join(
            Content, Content.digest == Version.recorded_content
        )
    )
    return {identifier: _digest(content) for identifier, *content in rows}


def _foreign_words(session: Session, stories: dict[str, Story]) -> dict[str, Counter[str]]:
    """Of each version's best reading the words that its publisher never wrote in the article."""
    rows = session.execute(
        select(Version.identifier, Content.text)
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .join(Content, Content.digest == Reading.content_digest)
    )
    return {
        identifier: Counter(_foreign(read, stories[identifier]))
        for identifier, read in rows
        if identifier in stories
    }


def _foreign(read: str, story: Story) -> Iterator[str]:
    written = {line for edition in story.editions for line in edition.wording.text.split("\n")}
    for line in read.split("\n"):
        teaser = line.removesuffix("…").rstrip()  # what a wall leaves of a paragraph
        if line not in written and not any(it.startswith(teaser) for it in written):
            yield from line.split()


def _total(words: dict[str, Counter[str]]) -> int:
    return sum(it.total() for it in words.values())


def _rows(session: Session) -> dict[str, set[bytes]]:
    """A digest of each row of the tables that a re-extraction could write."""
    return {
        model.__tablename__: {_digest(row) for row in session.execute(select(model.__table__))}
        for model in _MADE
    }


def _digest(row: Sequence[object]) -> bytes:
    return sha256(repr(list(row)).encode()).digest()
