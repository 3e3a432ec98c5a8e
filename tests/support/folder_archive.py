"""Commands that crawl a newsroom into an archive in a folder, and what they put on record."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.addresses import normalize
from storage.frontier.enrolment import enrol
from storage.frontier.sources import source_name
from storage.models import Source
from tests.support.command import Done, permalien
from tests.support.ledger import Entry, ledger
from tests.support.newsroom import Newsroom


def options(folder: Path) -> dict[str, Any]:
    """Where a command works, and on which archive."""
    return {"database": f"sqlite:///{folder / 'archive.db'}", "cwd": folder}


def enrolled(folder: Path, *urls: str, delay: float = 0) -> None:
    """Make sites sources that may be at private addresses; nothing is asked of them yet."""
    archive = Archive(options(folder)["database"])
    schema.ensure(archive)
    with archive.writing() as session:
        for url in urls:
            known = session.scalar(
                select(Source.id).where(Source.name == source_name(normalize(url)))
            )
            if known is None:
                enrol(session, url, now=utc_now(), allow_private=True, delay=delay)
    archive.close()


def crawl(newsroom: Newsroom, folder: Path, *arguments: str, code: int = 0) -> Done:
    """Crawl the newsroom, a source of no delay unless the arguments say otherwise."""
    delay = arguments[arguments.index("--delay") + 1] if "--delay" in arguments else "0"
    enrolled(folder, newsroom.url, delay=float(delay))
    done = permalien("crawl", newsroom.url, *arguments, **options(folder))
    assert done.code == code, done.err
    return done


def on_record(folder: Path) -> dict[str, list[Entry]]:
    archive = Archive(options(folder)["database"])
    checks = ledger(archive)
    archive.close()
    return checks
