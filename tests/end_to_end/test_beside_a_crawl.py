"""Backups and verifications while a crawl goes on: each is of a moment, and finds it whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.models import Version
from tests.end_to_end.test_kill import known, url_of
from tests.support.command import Command, permalien
from tests.support.comparison import loose_ends
from tests.support.databases import PostgreSQLServer, fresh_database
from tests.support.newsroom import Newsroom

ARTICLES = 60
ANSWER_SECONDS = 0.05

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(adverts=False, delay=ANSWER_SECONDS) as newsroom:
        newsroom.publish_generated(ARTICLES)
        yield newsroom


def versions_of(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(Version)) or 0


def test_a_backup_is_of_one_moment(
    new_archive: Archive, newsroom: Newsroom, tmp_path: Path, postgresql: PostgreSQLServer
) -> None:
    """One that was made in the middle of it is restored to a database of each kind, too."""
    known(new_archive, newsroom)
    backups: list[Path] = []
    with Command("crawl", database=url_of(new_archive), cwd=tmp_path) as crawl:
        while crawl.running:
            path = tmp_path / f"backup-{len(backups)}.db"
            done = permalien("backup", str(path), database=url_of(new_archive), cwd=tmp_path)
            assert done.code == 0, done.err
            backups.append(path)
        assert crawl.wait().code == 0
    held = []
    for path in backups:
        copy = Archive(f"sqlite:///{path}")
        held.append(versions_of(copy))
        copy.close()
        told = permalien(
            "verify", "--no-extract", "--json", database=f"sqlite:///{path}", cwd=tmp_path
        )
        assert (told.code, told.json()["mismatches"]) == (0, [])
    assert held == sorted(held)
    assert 0 < held[-1] <= versions_of(new_archive) == ARTICLES
    assert loose_ends(new_archive) == []
    middle = next(at for at, versions in enumerate(held) if versions)
    with fresh_database(postgresql) as url:
        for target in (url, f"sqlite:///{tmp_path / 'restored.db'}"):
            restored = ("restore", str(backups[middle]), "--no-redactions")
            assert permalien(*restored, database=target, cwd=tmp_path).code == 0
            told = permalien("verify", "--json", database=target, cwd=tmp_path)
            assert (told.code, told.json()["mismatches"]) == (0, []), told
            archive = Archive(target)
            assert versions_of(archive) == held[middle]
            archive.close()


def test_a_verification_blames_nothing_that_is_being_written(
    new_archive: Archive, newsroom: Newsroom, tmp_path: Path
) -> None:
    known(new_archive, newsroom)
    times = 0
    with Command("crawl", database=url_of(new_archive), cwd=tmp_path) as crawl:
        while crawl.running:
            done = permalien("verify", "--json", database=url_of(new_archive), cwd=tmp_path)
            assert (done.code, done.json()["mismatches"]) == (0, [])
            times += 1
        assert crawl.wait().code == 0
    assert times > 1
