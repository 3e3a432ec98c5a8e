"""Crawlers that come, go and are killed, and what the sites saw: `make soak`."""

import random
import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enrolment import enrol
from tests.end_to_end.test_politeness import shortest_gap
from tests.support.command import Command
from tests.support.newsroom import Newsroom

DELAY = 0.5
ROUNDS = 20

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_each_domain_s_delay_is_kept_whoever_comes_and_is_killed(
    postgresql_archive: Archive, tmp_path: Path, seed: int
) -> None:
    chance, names = random.Random(seed), {}
    with Newsroom(adverts=False) as one, Newsroom(adverts=False) as two:
        with postgresql_archive.writing() as session:
            for room, domain in ((one, "one.example"), (two, "two.example")):
                room.publish_generated(4)
                port = room.url.rpartition(":")[2]
                for host in (f"{name}.{domain}" for name in "abc"):
                    names[host] = "127.0.0.1"
                    url = f"http://{host}:{port}/"
                    enrol(session, url, now=utc_now(), allow_private=True, delay=DELAY)
        url = postgresql_archive.url.render_as_string(hide_password=False)
        where: dict[str, Any] = {"database": url, "cwd": tmp_path, "names": names}
        with ExitStack() as stack:
            crawls = []
            for _ in range(3):
                crawls.append(stack.enter_context(Command("crawl", **where)))
                time.sleep(chance.uniform(0, 3))
            killed = chance.choice(crawls)
            killed.signal_group(signal.SIGKILL)
            crawls.append(stack.enter_context(Command("crawl", **where)))
            codes = [crawl.wait().code for crawl in crawls if crawl is not killed]
        assert codes == [0, 0, 0]
    for room in (one, two):
        # The delay is kept where requests are sent: one that a busy machine holds up on its way
        # comes nearer to the next.
        assert shortest_gap(room) >= DELAY * 0.7
        assert len({visit.headers["host"] for visit in room.requests}) == 3
