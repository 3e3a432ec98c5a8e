"""A re-extraction on a Dask cluster of real processes: a worker that is killed loses nothing, nor
does the scheduler."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import schema
from storage.database.archive import Archive
from storage.models import Reading, Reextraction
from tests.support.command import Command
from tests.support.dask_cluster import Cluster, cluster
from tests.support.databases import PostgreSQLServer, fresh_database
from tests.support.stale_archive import fill

PAGES = 240
SIZE = 60_000  # bytes of a page, so that there is time to kill somebody

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def stale(postgresql: PostgreSQLServer) -> Iterator[Archive]:
    with fresh_database(postgresql) as url:
        archive = Archive(url)
        schema.upgrade(archive)
        fill(archive, PAGES, size=SIZE)
        yield archive
        archive.close()


def reextracting(archive: Archive, at: Cluster) -> Command:
    url = archive.url.render_as_string(hide_password=False)
    return Command("reextract", "--dask", at.address, "--json", database=url, cwd=at.folder)


def progress(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.max(Reextraction.done))) or 0


def wait_for(archive: Archive, done: int, command: Command) -> None:
    while progress(archive) < done:
        assert command.running, command.wait()
        time.sleep(0.05)


def test_whoever_is_killed_nothing_is_lost(stale: Archive, tmp_path: Path) -> None:
    with cluster(tmp_path, workers=2) as first, reextracting(stale, first) as command:
        wait_for(stale, 1, command)
        first.kill_worker()
        wait_for(stale, PAGES // 3, command)
        first.kill_scheduler()
        done = command.wait()
        assert done.code == 1, (done, (tmp_path / "dask_worker.log").read_text()[-2000:])
        assert done.err.splitlines()[-1] == (
            f"permalien: the Dask scheduler at {first.address} is gone; run it again to go on"
        )
    reached = progress(stale)
    assert PAGES // 3 <= reached < PAGES
    with cluster(tmp_path, workers=1) as second, reextracting(stale, second) as command:
        done = command.wait()
        assert done.code == 0, done.err
    told = done.json()
    assert (told["done"], told["read"], told["changed"]) == (PAGES, PAGES, PAGES)
    with stale.reading() as session:
        counts = session.execute(
            select(Reading.extractor, func.count()).group_by(Reading.extractor)
        ).all()
    assert [count for _, count in counts] == [PAGES, PAGES]
