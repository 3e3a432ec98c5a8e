"""A crawl that is killed at any moment loses nothing and leaves nothing half-done."""

import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copy
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.settings import PAYLOADS_VARIABLE
from storage.frontier.enrolment import enrol
from storage.ledger.payloads import digest_of, load_payload
from storage.models import Address, Frontier, Payload, Run, Source, Version
from storage.orphans import collect
from storage.query.articles import article_record
from tests.end_to_end.test_warc_kill import empty
from tests.support.command import Command, permalien
from tests.support.comparison import Contents, contents, loose_ends
from tests.support.databases import clear
from tests.support.newsroom import Newsroom
from tests.support.s3 import s3_server

__all__ = ["s3_server"]

ARTICLES = 60
ANSWER_SECONDS = 0.02
KILLS = 4  # on each database
SOAK_KILLS = int(os.environ.get("SOAK_KILLS", "300"))  # the same
KILLS_WITH_ADVERTS = 2
KILLS_WITH_A_STORE = 2  # on each database
PATIENCE = 60.0  # seconds
AS_OPERATED = {"READERS": None}  # one a core

soak = [pytest.mark.soak, pytest.mark.timeout(7200)]
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(adverts=False, delay=ANSWER_SECONDS) as newsroom:
        newsroom.publish_generated(ARTICLES)
        yield newsroom


@pytest.fixture(scope="module")
def undisturbed(
    newsroom: Newsroom, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Contents:
    folder = tmp_path_factory.mktemp("undisturbed")
    archive = Archive(f"sqlite:///{copy(sqlite_template, folder / 'archive.db')}")
    crawl_to_the_end(archive, newsroom, folder)
    held = contents(archive)
    archive.close()
    assert len(held["articles"]) == ARTICLES
    return held


@pytest.mark.parametrize("most", [KILLS, pytest.param(SOAK_KILLS, marks=soak)])
def test_killed_on_sqlite(
    newsroom: Newsroom, undisturbed: Contents, tmp_path: Path, sqlite_template: Path, most: int
) -> None:
    dice, kills = random.Random(1), 0
    while kills < most:
        archive = Archive(f"sqlite:///{copy(sqlite_template, tmp_path / f'{kills}.db')}")
        kills += kill_again_and_again(archive, newsroom, tmp_path, dice, most - kills)
        assert contents(archive) == undisturbed
        archive.close()


@pytest.mark.parametrize("most", [KILLS, pytest.param(SOAK_KILLS, marks=soak)])
def test_killed_on_postgresql(
    newsroom: Newsroom,
    undisturbed: Contents,
    tmp_path: Path,
    postgresql_archive: Archive,
    most: int,
) -> None:
    dice, kills = random.Random(2), 0
    while kills < most:
        clear(postgresql_archive)
        kills += kill_again_and_again(postgresql_archive, newsroom, tmp_path, dice, most - kills)
        assert contents(postgresql_archive) == undisturbed


def test_killed_while_every_page_shows_another_advert(
    tmp_path: Path, sqlite_template: Path
) -> None:
    with Newsroom(adverts=True, delay=ANSWER_SECONDS) as newsroom:
        newsroom.publish_generated(ARTICLES)
        calm = Archive(f"sqlite:///{copy(sqlite_template, tmp_path / 'calm.db')}")
        crawl_to_the_end(calm, newsroom, tmp_path)
        killed = Archive(f"sqlite:///{copy(sqlite_template, tmp_path / 'killed.db')}")
        kill_again_and_again(killed, newsroom, tmp_path, random.Random(3), KILLS_WITH_ADVERTS)
        assert contents(killed, bytes_vary=True) == contents(calm, bytes_vary=True)
        for archive in (calm, killed):
            archive.close()


@pytest.mark.parametrize(
    ("most", "kind"),
    [
        (KILLS_WITH_A_STORE, "file"),
        pytest.param(SOAK_KILLS // 3, "file", marks=soak),
        pytest.param(SOAK_KILLS // 3, "s3", marks=soak),
    ],
)
def test_killed_while_payloads_go_to_a_store(
    newsroom: Newsroom,
    undisturbed: Contents,
    archive: Archive,
    sqlite_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    most: int,
    kind: str,
) -> None:
    place = (tmp_path / "payloads").as_uri()
    if kind == "s3":
        request.getfixturevalue("s3_server")
        place = f"s3://archive/{tmp_path.name}"
    monkeypatch.setenv(PAYLOADS_VARIABLE, place)
    dice, kills = random.Random(4), 0
    while kills < most:
        empty(archive, sqlite_template)
        kills += kill_again_and_again(archive, newsroom, tmp_path, dice, most - kills)
        assert contents(archive) == undisturbed
        for _ in range(2):  # and what the killed left goes, and no more
            with archive.reading() as session:
                rows = session.execute(select(Payload.digest, Payload.object_digest)).all()
                assert all(it.object_digest is not None for it in rows)
                assert all(digest_of(load_payload(session, it.digest)) == it.digest for it in rows)
            collected = collect(archive, grace=timedelta())
        assert (collected.objects, collected.orphans) == (len(rows), 0)


def test_killed_while_edits_wait_to_be_judged(new_archive: Archive, tmp_path: Path) -> None:
    archive = new_archive
    with Newsroom(delay=ANSWER_SECONDS) as newsroom:
        paths = newsroom.publish_generated(ARTICLES)
        crawl_to_the_end(archive, newsroom, tmp_path)
        edited = paths[::6]
        for number, path in enumerate(edited):
            newsroom.edit(path, title=f"The board thinks again, file {number} shows")
        newsroom.forget_requests()
        with Command(
            "crawl", "--recheck", database=url_of(archive), cwd=tmp_path, settings=AS_OPERATED
        ) as crawl:
            wait_for_captures(archive, crawl, len(edited) // 2)
            crawl.signal_group(signal.SIGKILL)
            crawl.wait()
        waiting = captures(archive)
        assert 0 < len(waiting) < len(edited), "another moment was meant"
        assert version_count(archive) == ARTICLES

        crawl_to_the_end(archive, newsroom, tmp_path)
        assert version_count(archive) == ARTICLES + len(edited)
        for path in edited:
            with archive.reading() as session:
                shown = article_record(session, f"{newsroom.url}{path}")
            assert (shown.versions, shown.shown.text) == (2, newsroom.text(path))
        asked = [newsroom.count(urlsplit(url).path, status=200) for url in waiting]
        assert asked == [1] * len(waiting), "what was captured is not asked for again"
    archive.close()


def crawl_to_the_end(archive: Archive, newsroom: Newsroom, folder: Path) -> None:
    """The first of an archive's crawls, or one that goes on where others were killed."""
    known(archive, newsroom)
    done = permalien("crawl", database=url_of(archive), cwd=folder)
    assert done.code == 0, done.err
    assert loose_ends(archive) == []


def kill_again_and_again(
    archive: Archive, newsroom: Newsroom, folder: Path, dice: random.Random, most: int
) -> int:
    """Kill crawls at random moments until one gets to its end first, and run one more; returns
    how many were killed."""
    known(archive, newsroom)
    killed = 0
    while killed < most:
        with Command("crawl", database=url_of(archive), cwd=folder, settings=AS_OPERATED) as crawl:
            wait_for_run(archive, crawl, runs=killed + 1)
            # An undisturbed run takes some five seconds here, of which the pages take two.
            time.sleep(dice.uniform(0, 4) if killed else dice.uniform(0.5, 2.5))
            if not crawl.running:
                break
            crawl.signal_group(signal.SIGKILL)
            crawl.wait()
        killed += 1
    crawl_to_the_end(archive, newsroom, folder)
    return killed


def wait_for_run(archive: Archive, crawl: Command, *, runs: int) -> None:
    """Until the command's run is on record."""
    deadline = time.monotonic() + PATIENCE
    while crawl.running and time.monotonic() < deadline:
        if run_count(archive) >= runs:
            return
        time.sleep(0.02)
    assert run_count(archive) >= runs, "the crawl never began"


def wait_for_captures(archive: Archive, crawl: Command, count: int) -> None:
    """Until so many captures wait to be read or judged."""
    deadline = time.monotonic() + PATIENCE
    while crawl.running and time.monotonic() < deadline and len(captures(archive)) < count:
        time.sleep(0.02)


def captures(archive: Archive) -> list[str]:
    """The addresses whose captures wait to be read or judged."""
    with archive.reading() as session:
        pending = Frontier.pending_fetch_id.is_not(None)
        return list(session.scalars(select(Address.url).join(Frontier).where(pending)))


def version_count(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(Version)) or 0


def run_count(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(Run)) or 0


def known(archive: Archive, newsroom: Newsroom) -> None:
    """Make the site a source, once."""
    with archive.writing() as session:
        if session.scalar(select(func.count()).select_from(Source)) == 0:
            enrol(session, newsroom.url, now=utc_now(), allow_private=True, delay=0)


def url_of(archive: Archive) -> str:
    return archive.url.render_as_string(hide_password=False)
