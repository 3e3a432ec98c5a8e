"""A re-extraction that is killed at any moment, and run again, comes to the same as one that was
not."""

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from storage.database.archive import Archive
from storage.models import Content, Reading, Reextraction, Version, VersionState
from tests.support.command import Command, permalien
from tests.support.databases import clear
from tests.support.stale_archive import fill

PAGES = 120
KILLS = 2  # on each database
SOAK_KILLS = int(os.environ.get("SOAK_KILLS", "10"))  # the same
LONGEST = 16.0  # seconds that it may be left alone; less where it has ended by then

soak = [pytest.mark.soak, pytest.mark.timeout(7200)]
pytestmark = pytest.mark.timeout(900)


def contents(archive: Archive) -> list[tuple[Any, ...]]:
    """How each version is read, and what was recorded of it; and all readings there are."""
    recorded = aliased(Content)
    with archive.reading() as session:
        versions = session.execute(
            select(
                Version.fetch_id,
                VersionState.retracted_at,
                Reading.extractor,
                Content.title,
                Content.text,
                recorded.text,
            )
            .join(recorded, recorded.digest == Version.recorded_content)
            .join(VersionState, VersionState.version_id == Version.id)
            .join(Reading, Reading.id == VersionState.best_reading)
            .join(Content, Content.digest == Reading.content_digest)
            .order_by(Version.fetch_id)
        ).all()
        readings = session.execute(
            select(Reading.extractor, func.count())
            .group_by(Reading.extractor)
            .order_by(Reading.extractor)
        ).all()
    return [tuple(row) for row in (*versions, *readings)]


def reextraction(archive: Archive) -> Reextraction | None:
    with archive.reading() as session:
        return session.scalar(select(Reextraction).order_by(Reextraction.id.desc()).limit(1))


@pytest.mark.parametrize("most", [KILLS, pytest.param(SOAK_KILLS, marks=soak)])
def test_killed(new_archive: Archive, tmp_path: Path, most: int) -> None:
    dice, kills, longest, came = random.Random(most), 0, LONGEST, 0
    fill(new_archive, PAGES)
    made = copy_of(new_archive)
    before = contents(new_archive)
    expected: list[tuple[Any, ...]] | None = None
    while kills < most:
        with reextracting(new_archive, tmp_path) as command:
            time.sleep(dice.uniform(0.3, longest))
            if command.running:
                command.signal_group(signal.SIGKILL)
                kills += 1
            else:
                longest = max(2.0, longest * 0.8)
            command.wait()
        row = reextraction(new_archive)
        if row is None:
            continue
        # What is on record never goes back.
        assert came <= row.done <= row.total == PAGES
        came = row.done
        if row.finished_at is not None:
            expected = check(new_archive, before, expected)
            begin_anew(new_archive, made)
            came = 0
    finish(new_archive, tmp_path)
    expected = check(new_archive, before, expected)
    finish(new_archive, tmp_path)
    assert contents(new_archive) == expected


def check(
    archive: Archive, before: list[tuple[Any, ...]], expected: list[tuple[Any, ...]] | None
) -> list[tuple[Any, ...]]:
    """What there is when a re-extraction has come to its end, the same each time."""
    row = reextraction(archive)
    assert row is not None
    assert (row.done, row.read, row.changed, row.unreadable) == (PAGES, PAGES, PAGES, 0)
    assert row.fields["text"] == PAGES
    found = contents(archive)
    assert [it[0::5] for it in found[:PAGES]] == [it[0::5] for it in before[:PAGES]]
    assert all(it[2] != "0" and "Share this" not in it[4] for it in found[:PAGES])
    assert [it[1] for it in found[PAGES:]] == [PAGES, PAGES]
    assert expected is None or found == expected
    return found


def copy_of(archive: Archive) -> bytes:
    """The archive as it is, of a SQLite one."""
    if archive.url.get_backend_name() == "postgresql":
        return b""
    with archive.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    archive.close()
    return Path(str(archive.url.database)).read_bytes()


def begin_anew(archive: Archive, made: bytes) -> None:
    """Make the archive what it was."""
    if archive.url.get_backend_name() == "postgresql":
        clear(archive)
        fill(archive, PAGES)
        return
    archive.close()
    path = Path(str(archive.url.database))
    for part in path.parent.glob(f"{path.name}-*"):
        part.unlink()
    path.write_bytes(made)


def test_interrupted(new_archive: Archive, tmp_path: Path) -> None:
    fill(new_archive, PAGES)
    with reextracting(new_archive, tmp_path) as command:
        # Before the first page it may not listen yet.
        while (under_way := reextraction(new_archive)) is None or not under_way.done:
            assert command.running
            time.sleep(0.05)
        command.send_signal(signal.SIGINT)
        done = command.wait()
    assert done.code == 130
    assert "permalien: interrupted; run it again to go on" in done.err
    finish(new_archive, tmp_path)
    row = reextraction(new_archive)
    assert row is not None
    assert (row.done, row.read) == (PAGES, PAGES)


def reextracting(archive: Archive, folder: Path) -> Command:
    url = archive.url.render_as_string(hide_password=False)
    return Command("reextract", database=url, cwd=folder)


def finish(archive: Archive, folder: Path) -> None:
    url = archive.url.render_as_string(hide_password=False)
    done = permalien("reextract", database=url, cwd=folder)
    assert done.code == 0, done.err
