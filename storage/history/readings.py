"""Readings: what one extractor version with one template made of one page.

Adding one never makes a version, and never changes one.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from storage.database.clock import utc_now
from storage.database.dialects import insert_new, upsert
from storage.history.edits import layout_of
from storage.history.new_reading import NewReading, ReadingKey
from storage.ledger.day_counts import Measure
from storage.models import (
    Article,
    Content,
    Reading,
    ReadingDetail,
    Version,
    VersionState,
)

_CHUNK = 10_000  # sources a statement: SQLite takes 32,766 parameters

_RECORDED: Final = aliased(Reading)

Known = dict[tuple[str, str], tuple[int, bytes]]
"""By extractor and template: the reading's id, and its fingerprint."""


def store_readings(
    session: Session, readings: Sequence[NewReading]
) -> dict[ReadingKey, tuple[int, bytes]]:
    """Keep each reading once; returns (reading id, fingerprint) by key.

    A reading that is there already stays as it is: extraction is a pure function.
    """
    if not readings:
        return {}
    contents = {reading.key: reading.content for reading in readings}
    details = {reading.key: reading.detail for reading in readings}
    _keep(session, Content, contents.values())
    _keep(session, ReadingDetail, details.values())
    known = _stored(session, readings)
    now = utc_now()
    new = {
        reading.key: {
            "input": reading.input,
            "digest": reading.digest,
            "extractor": reading.extractor,
            "template": reading.template,
            "content_digest": contents[reading.key]["digest"],
            "detail_digest": details[reading.key]["digest"],
            "recorded_at": now,
        }
        for reading in readings
        if reading.key not in known
    }
    if not new:
        return known
    key = ["input", "extractor", "template"]
    statement = upsert(session, Reading).on_conflict_do_nothing(index_elements=key)
    session.execute(statement, list(new.values()))
    return _stored(session, readings)


def _keep(
    session: Session, table: type[Content] | type[ReadingDetail], rows: Iterable[dict[str, Any]]
) -> None:
    """Keep what is not there yet, in a fixed order: two processes may keep the same."""
    by_digest = {row["digest"]: row for row in rows}
    known = set(session.scalars(select(table.digest).where(table.digest.in_(list(by_digest)))))
    new = [by_digest[digest] for digest in sorted(by_digest.keys() - known)]
    if new:
        session.execute(insert_new(session, table), new)


def _stored(
    session: Session, readings: Sequence[NewReading]
) -> dict[ReadingKey, tuple[int, bytes]]:
    rows = session.execute(
        select(
            Reading.input,
            Reading.extractor,
            Reading.template,
            Reading.id,
            Content.fingerprint,
        )
        .join(Content, Content.digest == Reading.content_digest)
        .where(Reading.input.in_({reading.input for reading in readings}))
    )
    return {
        (given, extractor, template): (identity, fingerprint)
        for given, extractor, template, identity, fingerprint in rows
        if given is not None
    }


def readings_of_versions(session: Session, version_ids: Collection[int]) -> dict[int, Known]:
    """How each version's page was read: all readings of the page that made it a version, and the
    one it is read through."""
    if not version_ids:
        return {}
    columns = (
        Reading.extractor,
        Reading.template,
        Reading.id,
        Content.fingerprint,
    )
    of_page = (
        select(Version.id, *columns)
        .join(_RECORDED, _RECORDED.id == Version.reading_id)
        .join(Reading, Reading.input == _RECORDED.input)
        .join(Content, Content.digest == Reading.content_digest)
        .where(Version.id.in_(version_ids))
    )
    best = (
        select(VersionState.version_id, *columns)
        .join(Reading, Reading.id == VersionState.best_reading)
        .join(Content, Content.digest == Reading.content_digest)
        .where(VersionState.version_id.in_(version_ids))
    )
    known: dict[int, Known] = {version_id: {} for version_id in version_ids}
    for query in (of_page, best):
        for version_id, extractor, template, identity, fingerprint in session.execute(query):
            known[version_id][extractor, template] = (identity, fingerprint)
    return known


def read_alike(
    old: Known, new: Known, best: tuple[tuple[str, str], tuple[str, str]]
) -> tuple[str, str] | None:
    """The extractor and template that two versions are to be compared by, the latest that has read
    both; None where the best reading of each is to be taken. So it is, too, where their layouts
    differ and only without a template both were read: all their furniture would differ."""
    old_best, new_best = best
    if old_best == new_best:
        return old_best
    latest = max(old.keys() & new.keys(), key=lambda key: new[key], default=None)
    if latest is not None and not latest[1] and old_best[0] == new_best[0]:
        layouts = layout_of(old_best[1]), layout_of(new_best[1])
        if all(layouts) and layouts[0] != layouts[1]:
            return None
    return latest


def measures_of_reading(reading: NewReading) -> Iterator[tuple[Measure, int]]:
    """What a reading that gave an article adds to the counts of its day."""
    yield Measure.READINGS, 1
    yield Measure.UNDATED, int(reading.published_at is None)
    yield Measure.CHARACTERS, len(reading.text)
    yield Measure.REMOVED_CHARACTERS, sum(len(text) for _, text in reading.removed)


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Which versions: `current` ones alone, first seen from `since` on and before `until`, `only`
    those of these ids."""

    current: bool = False
    since: datetime | None = None
    until: datetime | None = None
    only: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class ReadVersion:
    """A version, the fetch that brought its page, and by which extractor and template it is read
    best."""

    version_id: int
    fetch_id: int
    fetched_at: datetime
    extractor: str
    template: str


def read_versions(
    session: Session,
    source_id: int,
    *,
    among: VersionRange,
    before: int | None = None,
    limit: int,
) -> list[ReadVersion]:
    """The source's versions, the newest first; `before` is the version id that the last page of
    results ended with."""
    query = (
        select(
            Version.id,
            Version.fetch_id,
            Version.first_seen_at,
            Reading.extractor,
            Reading.template,
        )
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Article, Article.id == VersionState.article_id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .where(Article.source_id == source_id, *_are_among(among))
        .order_by(Version.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Version.id < before)
    return [ReadVersion(*row) for row in session.execute(query)]


def count_versions(session: Session, source_ids: Sequence[int], among: VersionRange) -> int:
    """How many versions these sources have."""
    query = (
        select(func.count())
        .select_from(Version)
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Article, Article.id == VersionState.article_id)
        .where(*_are_among(among))
    )
    return sum(
        session.scalar(query.where(Article.source_id.in_(source_ids[start : start + _CHUNK]))) or 0
        for start in range(0, len(source_ids), _CHUNK)
    )


def sample_of_versions(
    session: Session, source_ids: Sequence[int], among: VersionRange, most: int
) -> tuple[list[int], VersionRange]:
    """So many of these sources' versions, the same each time in every copy of the archive: those
    whose permanent identifiers, which are digests, come first. Returns their sources too."""
    query = (
        select(Version.identifier, Version.id, Article.source_id)
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Article, Article.id == VersionState.article_id)
        .where(*_are_among(among))
        .order_by(Version.identifier)
        .limit(most)
    )
    found: list[Any] = []
    for start in range(0, len(source_ids), _CHUNK):
        some = Article.source_id.in_(source_ids[start : start + _CHUNK])
        found = sorted([*found, *session.execute(query.where(some))])[:most]
    only = frozenset(version_id for _, version_id, _ in found)
    return sorted({source_id for _, _, source_id in found}), replace(among, only=only)


def _are_among(among: VersionRange) -> Iterator[ColumnElement[bool]]:
    if among.current:
        yield Article.current_version_id == Version.id
    if among.since is not None:
        yield Version.first_seen_at >= among.since
    if among.until is not None:
        yield Version.first_seen_at < among.until
    if among.only is not None:
        yield Version.id.in_(among.only)
