"""What other runs hold is waited for, and said once."""

from datetime import timedelta

import pytest

from crawler.sessions.waiting import Waiting
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.sources import lease_sources, release_sources
from storage.ledger.runs import start_run
from tests.support.scheduling import add

HOSTS = 5


def held(archive: Archive) -> tuple[int, int, list[int]]:
    """A run, another one, and the sources that the other holds."""
    ids = [add(archive, f"paper-{number}.example") for number in range(HOSTS)]
    with archive.writing() as session:
        runs = [start_run(session, software="test", settings={}, now=utc_now()) for _ in range(2)]
        lease_sources(session, runs[1], now=utc_now(), limit=HOSTS, only=None)
    return runs[0], runs[1], ids


def look(archive: Archive, waiting: Waiting, *, aloud: bool = True) -> list[int]:
    with archive.reading() as session:
        return waiting.look(session, linger=timedelta(0), only=None, rested={}, aloud=aloud)


def test_each_is_told_once_and_of_many_the_first(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    run_id, other, ids = held(archive)
    waiting = Waiting(run_id)
    with caplog.at_level("INFO", "crawler.sessions.waiting"):
        assert sorted(look(archive, waiting)) == ids
        told = list(caplog.messages)
        assert sorted(look(archive, waiting)) == ids
    assert caplog.messages == told
    named, more, advice = told[:3], told[3], told[4]
    assert [it.split(":")[0] for it in named] == [
        f"waiting for paper-{n}.example" for n in range(3)
    ]
    assert all(f"run {other} " in it and it.endswith("is crawling it") for it in named)
    assert more == "waiting for 2 more sources that other runs hold"
    assert advice.startswith("Ctrl-C")
    assert len(told) == 5


def test_nothing_is_told_unless_aloud(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    run_id, _, ids = held(archive)
    with caplog.at_level("INFO", "crawler.sessions.waiting"):
        assert sorted(look(archive, Waiting(run_id), aloud=False)) == ids
    assert caplog.messages == []


def test_a_source_is_told_again_when_yet_another_run_has_it(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    run_id, other, ids = held(archive)
    waiting = Waiting(run_id)
    look(archive, waiting)
    with archive.writing() as session:
        third = start_run(session, software="test", settings={}, now=utc_now())
        release_sources(session, other, dict.fromkeys(ids[:1]))
        lease_sources(session, third, now=utc_now(), limit=1, only=ids[:1])
    caplog.clear()  # an earlier test may have had this logger told more
    with caplog.at_level("INFO", "crawler.sessions.waiting"):
        look(archive, waiting)
    assert [it.split(" (")[0] for it in caplog.messages[:-1]] == [
        f"waiting for paper-0.example: run {third}"
    ]
