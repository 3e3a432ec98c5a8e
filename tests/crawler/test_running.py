"""One crawl from beginning to end, in a process of its own, as Twisted's reactor wants it."""

import json
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import select

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enrolment import enrol
from storage.models import Run, RunEnd

RUN = """
import json, sys
from crawler import running
from crawler.middlewares.private_addresses import PRIVATE_HOSTS
from crawler.spiders.news import NewsSpider
from storage.database.archive import Archive

{before}

if __name__ == "__main__":
    done = running.run_crawl(Archive(sys.argv[1]), request={{"asked": "by a test"}})
    print(json.dumps([done.run_id, done.how.value, str(done.error), done.tally.requests]))
"""
FAILS = """
async def start(self):
    self.crawl.fail(OSError({words}))
    return
    yield

NewsSpider.start = start
"""
HOSTS = FAILS.format(words="str(self.crawler.settings.getlist(PRIVATE_HOSTS))")


def run(archive: Archive, before: str = "") -> list[Any]:
    """What the summary says: the run, its end, its error and how many requests it made."""
    url = archive.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(before=before), url],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


def of_run(archive: Archive) -> Run:
    with archive.reading() as session:
        return session.scalars(select(Run)).one()


def test_where_nothing_is_due_the_run_is_finished_and_on_record(archive: Archive) -> None:
    summary = run(archive)
    on_record = of_run(archive)
    assert summary == [on_record.id, RunEnd.FINISHED.value, "None", 0]
    assert on_record.ended_at is not None
    assert on_record.ended_how is RunEnd.FINISHED
    assert on_record.settings == {"asked": "by a test"}


def test_what_stopped_it_is_told_and_on_record(archive: Archive) -> None:
    run_id, how, error, _ = run(archive, FAILS.format(words="'no power'"))
    on_record = of_run(archive)
    assert (run_id, how, error) == (on_record.id, RunEnd.FAILED.value, "no power")
    assert on_record.ended_how is RunEnd.FAILED
    assert on_record.counts["error"] == "no power"


@pytest.mark.parametrize("allowed", [True, False])
def test_hosts_of_private_networks_may_be_asked_where_their_source_says_so(
    archive: Archive, allowed: bool
) -> None:
    with archive.writing() as session:
        enrol(session, "http://127.0.0.1:9/", now=utc_now(), allow_private=allowed)
        session.flush()
    assert run(archive, HOSTS)[2] == str(["127.0.0.1:9"] if allowed else [])
