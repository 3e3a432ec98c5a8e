import io
import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.process import log
from crawler.process.log import show_log


@pytest.fixture(autouse=True)
def nothing_is_shown_yet() -> Iterator[None]:
    """Whatever other tests of this process have shown."""
    root = logging.getLogger()
    before = root.handlers
    root.handlers = [it for it in before if log._is_worth_showing not in it.filters]
    yield
    root.handlers = before


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the log shows, while the handler is there."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger()
    before = list(root.handlers)
    show_log()
    yield stream
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)


@pytest.mark.parametrize(
    ("name", "level", "is_shown"),
    [
        ("crawler.sessions.scheduler", logging.INFO, True),
        ("crawler.sessions.scheduler", logging.DEBUG, False),
        ("scrapy.core.engine", logging.INFO, False),
        ("scrapy.core.engine", logging.ERROR, True),
        ("scrapy.core.downloader.handlers.http11", logging.WARNING, False),
        ("scrapy.downloadermiddlewares.httpcompression", logging.WARNING, False),
        ("twisted", logging.CRITICAL, True),
    ],
)
def test_what_is_shown(shown: io.StringIO, name: str, level: int, *, is_shown: bool) -> None:
    logging.getLogger(name).log(level, "a word of it")
    assert ("a word of it" in shown.getvalue()) is is_shown


def test_lines_are_plain(shown: io.StringIO) -> None:
    logging.getLogger("crawler.sessions.scheduler").warning("%s was backed off", "example.org")
    (line,) = shown.getvalue().splitlines()
    assert line.endswith("WARNING crawler.sessions.scheduler: example.org was backed off")


def test_what_comes_from_the_web_drives_no_terminal(shown: io.StringIO) -> None:
    logging.getLogger("crawler.sessions.scheduler").warning("%s", "a\x1b[2Jb\u202e\u3000c")
    assert "a\ufffd[2Jb\ufffd\u3000c" in shown.getvalue()


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Start the log with these options, to a file; it ends with the test."""
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    path = tmp_path / "crawl.log"

    def start(**options: bool) -> Path:
        show_log(file=path, **options)
        return path

    yield start
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()


def test_a_file_has_what_stderr_has(
    logged: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = logged()
    show_log()  # as the crawl does, that knows nothing of the command's options
    logging.getLogger("crawler.sessions.scheduler").info("one")
    logging.getLogger("permalien.schedule").info("two")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line.rpartition(": ")[2] for line in lines] == ["one", "two"]
    assert lines == capsys.readouterr().err.splitlines()


def test_a_file_is_rotated_under_who_else_writes_to_it(
    logged: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "FILE_BYTES", 2_000)
    path = logged()
    for number in range(200):
        logging.getLogger("crawler.sessions.scheduler").info("event %d", number)
        with path.open("a", encoding="utf-8") as other:
            other.write(f"other {number}\n")
    files = sorted(path.parent.glob("crawl.log*"))
    assert len(files) == 1 + log.FILES
    assert all(file.stat().st_size < 3_000 for file in files)
    assert path.read_text(encoding="utf-8").splitlines()[-1] == "other 199"


def test_an_event_is_a_line_of_json(logged: Callable[..., Path]) -> None:
    path = logged(as_json=True)
    logging.getLogger("crawler.sessions.scheduler").info("two\nlines \x1b[2J %s", "caf\xe9")
    try:
        raise ValueError("oops")
    except ValueError:
        logging.getLogger("scrapy.core").exception("broke")
    first, second = map(json.loads, path.read_text(encoding="ascii").splitlines())
    assert first["message"] == "two\nlines \x1b[2J caf\xe9"
    assert (first["level"], first["logger"]) == ("INFO", "crawler.sessions.scheduler")
    assert datetime.fromisoformat(first["time"]).utcoffset() == timedelta(0)
    assert "ValueError: oops" in second["error"]


def test_the_journal_dates_lines_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: Callable[..., Path]
) -> None:
    with (tmp_path / "journal").open("w", encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stderr", stream)
        status = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        path = logged()
        logging.getLogger("crawler.sessions.scheduler").info("an event")
    assert (tmp_path / "journal").read_text(encoding="utf-8") == (
        "INFO crawler.sessions.scheduler: an event\n"
    )
    assert re.match(r"\d{4}-\d\d-\d\d ", path.read_text(encoding="utf-8"))


def test_a_file_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        show_log(file=tmp_path / "none" / "crawl.log")
