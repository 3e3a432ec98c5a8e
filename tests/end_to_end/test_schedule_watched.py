"""`permalien schedule` as it is left running: its log, its metrics, its clock."""

import json
import signal
import socket
import time
from datetime import timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from storage import schema
from storage.database.archive import Archive
from storage.database.clock import system_now, utc_now
from storage.frontier.enrolment import enrol
from tests.support.command import PATIENCE, Command, Done, permalien
from tests.support.newsroom import FEED, Newsroom

pytestmark = pytest.mark.timeout(300)


def begin(url: str, newsroom: Newsroom) -> None:
    archive = Archive(url)
    schema.ensure(archive)
    with archive.writing() as session:
        enrol(session, newsroom.url, now=utc_now(), allow_private=True, delay=0)
    archive.close()


def requests_told(port: int) -> float:
    """How many requests /metrics tells of, 0 while it is not there."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            families = text_string_to_metric_families(answer.read().decode())
            return sum(
                sample.value
                for family in families
                if family.name == "permalien_requests"
                for sample in family.samples
            )
    except URLError:
        return 0


def test_it_and_its_crawls_log_to_one_file_and_its_metrics_count_them(
    database_url: str, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = tmp_path / "schedule.log"
    options = ("--log-file", str(file), "--log-json", "--metrics-port", str(port))
    with Newsroom(adverts=False) as newsroom:
        newsroom.publish_generated(3)
        # A crawl says in its log what it does not do. The source has no delay all the same.
        newsroom.robots = "User-agent: *\nCrawl-delay: 90\n"
        begin(database_url, newsroom)
        with Command("schedule", *options, database=database_url, cwd=tmp_path) as schedule:
            deadline = time.monotonic() + PATIENCE
            while requests_told(port) < newsroom.count(FEED) + 3:
                assert schedule.running
                assert time.monotonic() < deadline
                time.sleep(0.2)
            schedule.send_signal(signal.SIGTERM)
            done = schedule.wait()
    assert done.code == 0, done.err
    events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [json.loads(line) for line in done.err.splitlines()] == events
    assert {"permalien.schedule", "crawler.middlewares.robots"} <= {it["logger"] for it in events}
    assert any("asks for 90 s" in it["message"] and it["level"] == "WARNING" for it in events)
    assert events[0]["message"].startswith("crawling what falls due in ")
    assert "pysqlite" not in events[0]["message"]
    assert events[-1]["message"] == "stopped"


@pytest.mark.parametrize("command", ["crawl", "schedule"])
def test_a_log_that_can_not_be_written_is_told_before_anything_is_done(
    command: str, tmp_path: Path
) -> None:
    file = tmp_path / "none" / "log"
    done = permalien(
        command, "--log-file", str(file), database=f"sqlite:///{tmp_path / 'a.db'}", cwd=tmp_path
    )
    assert (done.code, done.out) == (2, "")
    assert "--log-file" in done.err
    assert "No such file or directory" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_clock_that_was_a_year_ahead_for_one_crawl_costs_no_source_a_year(
    database_url: str, tmp_path: Path
) -> None:
    def crawl(rehearsal: str = "") -> Done:
        return permalien("crawl", database=database_url, cwd=tmp_path, rehearsal=rehearsal)

    with Newsroom(adverts=False) as newsroom:
        paths = newsroom.publish_generated(2)
        begin(database_url, newsroom)
        now = system_now()
        ahead = crawl(f"{(now + timedelta(days=365)).isoformat()} at {now.isoformat()} x1")
        assert ahead.code == 0, ahead.err
        assert [newsroom.count(path) for path in paths] == [1, 1]
        newsroom.forget_requests()
        after = crawl()
        assert after.code == 0, after.err
        assert newsroom.count(FEED) == 1
        assert [newsroom.count(path) for path in paths] == [1, 1]
    assert "due further ahead than any schedule sets" in after.err
    told = permalien("status", "--json", database=database_url, cwd=tmp_path)
    assert (told.code, told.json()["articles"], told.json()["due"]) == (0, 2, 0)
