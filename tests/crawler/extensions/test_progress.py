import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import environment, permalien
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
    assert re.search(r"\d+ articles, 0 new versions", shown)


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
    assert all(re.search(r"\d+ of \d+ requests, \d+ articles", line) for line in lines)


def on_a_terminal(arguments: list[str], folder: Path) -> str:
    """What a command writes to standard error, which is a terminal."""
    parent, child = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "scripts.main", *arguments],
        cwd=folder,
        env=environment(f"sqlite:///{folder / 'a.db'}") | {"TERM": "xterm", "COLUMNS": "100"},
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
