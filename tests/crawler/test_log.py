import io
import logging
from collections.abc import Iterator

import pytest

from crawler.log import show_log


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
        ("crawler.scheduler", logging.INFO, True),
        ("crawler.scheduler", logging.DEBUG, False),
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
    logging.getLogger("crawler.scheduler").warning("%s was backed off", "example.org")
    (line,) = shown.getvalue().splitlines()
    assert line.endswith("WARNING crawler.scheduler: example.org was backed off")
