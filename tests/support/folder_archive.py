"""Commands that crawl a newsroom into an archive in a folder, and what they put on record."""

from pathlib import Path
from typing import Any

from storage.database.archive import Archive
from tests.support.command import Done, permalien
from tests.support.ledger import Entry, ledger
from tests.support.newsroom import Newsroom


def options(folder: Path) -> dict[str, Any]:
    """Where a command works, and on which archive."""
    return {"database": f"sqlite:///{folder / 'archive.db'}", "cwd": folder}


def crawl(newsroom: Newsroom, folder: Path, *arguments: str, code: int = 0) -> Done:
    done = permalien(
        "crawl", newsroom.url, "--allow-private", "--delay", "0", *arguments, **options(folder)
    )
    assert done.code == code, done.err
    return done


def on_record(folder: Path) -> dict[str, list[Entry]]:
    archive = Archive(options(folder)["database"])
    checks = ledger(archive)
    archive.close()
    return checks
