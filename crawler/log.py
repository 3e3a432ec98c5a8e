"""What a crawl logs: its own progress, and what goes wrong anywhere; plain lines to stderr."""

import logging

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_ON_RECORD = ("scrapy.core.downloader.handlers", "scrapy.downloadermiddlewares.httpcompression")
"""They warn of what is in the archive as an observation, a line each."""


def show_log() -> None:
    """Send the log to stderr. Scrapy sets its loggers' own levels, so the handler chooses."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(FORMAT))
    handler.addFilter(_is_worth_showing)
    logging.getLogger().addHandler(handler)
    logging.getLogger("crawler").setLevel(logging.INFO)


def _is_worth_showing(record: logging.LogRecord) -> bool:
    if record.name.startswith("crawler."):
        return record.levelno >= logging.INFO
    return record.levelno >= logging.WARNING and not record.name.startswith(_ON_RECORD)
