"""An archive that revision 0004 made is taken over as it was, whatever kills the upgrade.

`archive_0004.json.zst` holds its rows: the demonstration, crawled by the Permalien of that
revision, with articles merged, a merge undone, and a block of the template kept.
"""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy import Boolean, Date, DateTime, MetaData, func, select, text
from sqlalchemy.dialects import postgresql

from crawler.extraction import PageInput
from storage import schema
from storage.database.archive import Archive
from storage.ledger.pages import load_page
from storage.models import (
    Content,
    Fetch,
    Finding,
    IdentityDecision,
    Meaning,
    Payload,
    Reading,
    TemplateDecision,
    Version,
)
from tests.support.archiving import Desk

ROWS = Path(__file__).parent / "archive_0004.json.zst"
VIEWS = {
    "articles": "id",
    "article_versions": "article_id, version",
    "observations": "id",
    "source_days": "source, day, measure",
}

KILLED = """
import os, signal, sys
from storage import schema
from storage.database.archive import Archive

schema.COPY_STEP = 7
lock, left = schema._lock, int(sys.argv[2])

def locked(connection):
    global left
    lock(connection)
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

schema._lock = locked
schema.upgrade(Archive(sys.argv[1]))
"""


@pytest.fixture
def old(database_url: str) -> Iterator[Archive]:
    """The archive of revision 0004."""
    archive = Archive(database_url)
    schema.upgrade(archive, "0004")
    tables = MetaData()
    tables.reflect(archive.engine, resolve_fks=False)
    rows = json.loads(zstandard.decompress(ROWS.read_bytes()))
    on_postgresql = archive.engine.dialect.name == "postgresql"
    with archive.writing() as session:
        for name, several in rows.items():
            table = tables.tables[name]
            if name == "search_document" and on_postgresql:
                several = [row | {"words": ""} for row in several]
            for row in several:
                session.execute(
                    table.insert(),
                    {key: _value(table.c[key].type, value) for key, value in row.items()},
                )
        if on_postgresql:
            for name in ("article", "version", "extraction", "address"):
                session.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "
                        f"(SELECT max(id) FROM {name}))"
                    )
                )
    yield archive
    archive.close()


def _value(kind: Any, value: Any) -> Any:
    """As a driver takes it: the file has what SQLite kept."""
    if value is None:
        return None
    if isinstance(value, dict) and "base64" in value:
        return base64.b64decode(value["base64"])
    if isinstance(kind, postgresql.JSONB) or type(kind).__name__ == "JSON":
        return json.loads(value)
    if isinstance(kind, DateTime):
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if kind.timezone else moment
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return bool(value) if isinstance(kind, Boolean) else value


def views(archive: Archive) -> dict[str, list[dict[str, Any]]]:
    """What the documented views say."""
    with archive.reading() as session:
        return {
            view: [
                dict(row)
                for row in session.execute(
                    text(f"SELECT * FROM {view} ORDER BY {order}")
                ).mappings()
            ]
            for view, order in VIEWS.items()
        }


def within(
    before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]
) -> dict[str, list[dict[str, Any]]]:
    """Of the views after, the columns that there were before."""
    return {
        view: [{key: row[key] for key in before[view][0]} for row in rows]
        for view, rows in after.items()
    }


def test_all_is_as_it_was(old: Archive) -> None:
    before = views(old)
    schema.upgrade(old)
    schema.require_current(old)
    after = views(old)
    assert within(before, after) == before
    assert all(row["text_as_recorded"] for row in after["article_versions"])
    with old.reading() as session:
        assert session.scalar(select(func.count()).select_from(Fetch)) == 64
        assert session.scalar(select(func.count()).select_from(Reading)) == 45
        assert session.scalar(select(func.count()).select_from(Content)) == 25
        assert session.scalar(select(func.count()).select_from(Payload)) == 27
        assert session.scalar(select(func.count()).select_from(IdentityDecision)) == 2
        assert session.scalar(select(func.count()).select_from(TemplateDecision)) == 1
        meant = dict(
            session.execute(
                select(Finding.meaning, func.count())
                .where(Finding.meaning.is_not(None))
                .group_by(Finding.meaning)
            ).all()
        )
        assert meant[Meaning.NEW] == 19
        assert meant[Meaning.EDITED] == 2


def test_a_page_that_was_stored_is_read_with_all_that_its_reading_used(old: Archive) -> None:
    schema.upgrade(old)
    with old.reading() as session:
        versions = session.execute(
            select(Version.fetch_id, Reading.input, Reading.digest).join(
                Reading, Reading.id == Version.reading_id
            )
        ).all()
        assert len(versions) == 21
        for fetch_id, given, digest in versions:
            page = load_page(session, fetch_id)
            assert page.headers["Content-Type"].startswith("text/html")
            assert page.digest == digest
            assert PageInput(page.body, page.url, page.headers).digest == given


def test_the_crawl_goes_on(old: Archive) -> None:
    schema.upgrade(old)
    desk = Desk(old, site="http://127.0.0.1:8017/")
    for wording in ("One wording", "Another wording"):
        desk.read("/2026/11/30/une-page/", "A title", wording)
    assert [version.text for version in desk.history("/2026/11/30/une-page/")] == [
        "One wording",
        "Another wording",
    ]
    with old.reading() as session:
        assert session.scalar(select(func.count()).select_from(Version)) == 23


@pytest.mark.parametrize("steps", [0, 4, 11, 16])
def test_an_upgrade_that_was_killed_goes_on(old: Archive, steps: int) -> None:
    before = views(old)
    old.close()
    url = old.url.render_as_string(hide_password=False)
    done = subprocess.run([sys.executable, "-c", KILLED, url, str(steps)], capture_output=True)
    assert done.returncode == -9, done.stderr.decode()
    assert schema.current(old) != schema.head()
    schema.upgrade(old)
    assert within(before, views(old)) == before
    with old.reading() as session:
        assert session.scalar(select(func.count()).select_from(Fetch)) == 64
        assert session.scalar(select(func.count()).select_from(Reading)) == 45
