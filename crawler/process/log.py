"""What a crawl logs: its own progress, and what goes wrong anywhere.

Plain lines go to stderr, where a terminal, cron or systemd takes them: systemd's journal dates
them itself. A file is rotated; a line of JSON an event is for what reads logs.
"""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from crawler.process.printable import printable

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
UNDATED = "%(levelname)s %(name)s: %(message)s"

FILE_BYTES = 10 * 2**20  # of a log file, before it is put aside
FILES = 5  # that were put aside and are kept

_ON_RECORD = ("scrapy.core.downloader.handlers", "scrapy.downloadermiddlewares.httpcompression")
"""They warn of what is in the archive as a fetch, a line each."""

_OURS = ("crawler.", "permalien.")


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


class _JsonLines(logging.Formatter):
    """One JSON document an event: time (UTC), level, logger, message, and error where there is."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            event["error"] = self.formatException(record.exc_info)
        return json.dumps(event)


class _RotatingFile(RotatingFileHandler):
    """Opened for each event: a schedule and its crawls write to one file, one after the other."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=FILE_BYTES, backupCount=FILES, encoding="utf-8", delay=True)

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if self.stream is not None:
            self.stream.close()
            self.stream = None


def show_log(*, file: Path | None = None, as_json: bool = False) -> None:
    """Send the log to stderr and, if one is given, to a file; a later call changes nothing.

    Scrapy sets its loggers' own levels, so the handlers choose. Raises OSError for a file that
    can't be written.
    """
    root = logging.getLogger()
    if any(_is_worth_showing in handler.filters for handler in root.handlers):
        return
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if file is not None:
        with file.open("a", encoding="utf-8"):
            handlers.append(_RotatingFile(file))
    for handler in handlers:
        dated = file is not None and handler is handlers[-1]
        plain = _Lines(FORMAT if dated or not _goes_to_journal() else UNDATED)
        handler.setFormatter(_JsonLines() if as_json else plain)
        handler.addFilter(_is_worth_showing)
        root.addHandler(handler)
    for name in _OURS:
        logging.getLogger(name.rstrip(".")).setLevel(logging.INFO)


def _goes_to_journal() -> bool:
    """Whether stderr is systemd's journal (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        stream = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{stream.st_dev}:{stream.st_ino}"


def _is_worth_showing(record: logging.LogRecord) -> bool:
    if record.name.startswith(_OURS):
        return record.levelno >= logging.INFO
    return record.levelno >= logging.WARNING and not record.name.startswith(_ON_RECORD)
