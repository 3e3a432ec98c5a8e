import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.extensions.progress import Rate, named
from tests.support.command import permalien
from tests.support.environment import environment
from tests.support.newsroom import Newsroom

pytestmark = pytest.mark.timeout(200)

CONTROL = re.compile(r"\x1b\[")
CRAWL = ("crawl", "--allow-private", "--delay", "0")


def test_a_bar_on_a_terminal(tmp_path: Path) -> None:
    with Newsroom(delay=0.1) as newsroom:
        newsroom.publish_generated(20)
        shown = on_a_terminal([*CRAWL, newsroom.url], tmp_path)
    assert CONTROL.search(shown)
    counts = [tuple(map(int, pair)) for pair in re.findall(r"(\d+)/(\d+)", shown)]
    assert counts
    assert all(done <= known for done, known in counts)
    assert max(done for done, _ in counts) > 5
    host = newsroom.url.removeprefix("http://")
    assert re.search(rf"{host}: \d+ articles, 0 new versions", shown)
    assert re.search(r"\d+ a minute, \d+ (s|min|h) to go", shown)


def test_plain_lines_elsewhere(tmp_path: Path) -> None:
    with Newsroom(delay=0.5) as newsroom:
        newsroom.publish_generated(40)
        done = permalien(
            *CRAWL,
            newsroom.url,
            database=f"sqlite:///{tmp_path / 'a.db'}",
            cwd=tmp_path,
        )
    assert done.code == 0, done.err
    assert not CONTROL.search(done.err + done.out)
    lines = [line for line in done.err.splitlines() if "crawler.extensions.progress" in line]
    assert lines
    host = newsroom.url.removeprefix("http://")
    shape = rf"{host}: \d+ of \d+ requests \(\d+ a minute, \d+ \w+ to go\), \d+ articles"
    assert all(re.search(shape, line) for line in lines), lines


def test_a_rate_is_that_of_the_last_minute() -> None:
    rate = Rate()
    assert rate.told(10) == "0 a minute"
    for second in range(600):
        rate.add(second if second < 500 else 500 + 3 * (second - 500), float(second))
    assert round(rate.per_minute) == 180
    assert rate.told(797 + 180) == "180 a minute, 60 s to go"
    assert rate.told(797 + 1_800) == "180 a minute, 10 min to go"
    assert rate.told(797 + 180_000) == "180 a minute, 17 h to go"


def test_the_source_that_was_asked_last_is_named() -> None:
    assert named([]) == "no source"
    assert named(["a.example"]) == "a.example"
    assert named(["a.example", "b.example", "c.example"]) == "c.example and 2 more"


def on_a_terminal(arguments: list[str], folder: Path) -> str:
    """What a command writes to standard error, which is a terminal."""
    parent, child = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "scripts.main", *arguments],
        cwd=folder,
        env=environment(f"sqlite:///{folder / 'a.db'}") | {"TERM": "xterm", "COLUMNS": "140"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=child,
    ) as process:
        os.close(child)
        written = b""
        try:
            while part := os.read(parent, 65_536):
                written += part
        except OSError:
            pass  # Linux says so when the other end is closed.
        finally:
            os.close(parent)
        assert process.wait() == 0, written
    return written.decode(errors="replace")
