"""An import that is killed at any moment, and run again, comes to the same as one that was not."""

import os
import random
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.models import (
    Address,
    Article,
    Content,
    Fetch,
    Finding,
    Source,
    Version,
    VersionState,
)
from tests.support.command import Command, permalien
from tests.support.databases import clear
from tests.support.generated_news import generate_articles
from tests.support.warcs import Shot, page, write

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
KILLS = 2  # on each database
SOAK_KILLS = int(os.environ.get("SOAK_KILLS", "10"))  # the same
LONGEST = 16.0  # seconds that an import may be left alone; less where it has ended by then

soak = [pytest.mark.soak, pytest.mark.timeout(7200)]
pytestmark = pytest.mark.timeout(900)


def shots() -> list[Shot]:
    """Two sites in four rounds: each third article is reworded, and comes back; one goes."""
    found = []
    for day in range(4):
        for number, article in enumerate(generate_articles(24)):
            host = f"https://paper{number % 2}.example"
            at = START + timedelta(days=day, seconds=number)
            if number % 3 == 0 and day in (1, 2):
                first, *rest = article.paragraphs
                article = replace(article, paragraphs=(f"{first} {rest[-1]}", *rest))
            if number == 5 and day == 3:
                found.append(Shot(host + article.path, at, b"<h1>Gone</h1>", status="410 Gone"))
                continue
            found.append(Shot(host + article.path, at, page(article)))
    return found


def contents(archive: Archive) -> dict[str, list[Any]]:
    """What an import makes, but for what is given out as it comes."""
    latest = select(func.max(Finding.number)).where(Finding.fetch_id == Fetch.id)
    with archive.reading() as session:
        versions = session.execute(
            select(
                Article.url, Article.state, VersionState.number, Content.title, Content.text,
                Version.first_seen_at, VersionState.last_seen_at,
            )
            .join(VersionState, VersionState.article_id == Article.id)
            .join(Version, Version.id == VersionState.version_id)
            .join(Content, Content.digest == Version.recorded_content)
            .order_by(Article.url, VersionState.number)
        ).all()  # fmt: skip
        meanings = session.execute(
            select(Address.key, Fetch.fetched_at, Finding.outcome, Finding.meaning)
            .join(Fetch, Fetch.address_id == Address.id)
            .outerjoin(
                Finding,
                (Finding.fetch_id == Fetch.id)
                & (Finding.number == latest.correlate(Fetch).scalar_subquery()),
            )
            .order_by(Address.key, Fetch.id)
        ).all()
        held = session.scalars(select(Source.lease_run_id)).all()
    return {
        "versions": [tuple(row) for row in versions],
        "meanings": [tuple(row) for row in meanings],
        "held": list(held),
    }


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("warc") / "news.warc.gz", shots())


@pytest.fixture(scope="module")
def undisturbed(
    file: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Any]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "archive.db").write_bytes(sqlite_template.read_bytes())
    archive = Archive(f"sqlite:///{folder / 'archive.db'}")
    finish(archive, file, folder)
    made = contents(archive)
    archive.close()
    assert len(made["versions"]) == 24 + 2 * 8
    assert len(made["meanings"]) == 96
    return made


@pytest.mark.parametrize("most", [KILLS, pytest.param(SOAK_KILLS, marks=soak)])
def test_killed(
    file: Path,
    undisturbed: dict[str, list[Any]],
    new_archive: Archive,
    tmp_path: Path,
    sqlite_template: Path,
    most: int,
) -> None:
    dice, kills, longest = random.Random(most), 0, LONGEST
    while kills < most:
        with importing(new_archive, file, tmp_path) as command:
            time.sleep(dice.uniform(0.3, longest))
            if not command.running:
                longest /= 2
                empty(new_archive, sqlite_template)
                continue
            command.signal_group(signal.SIGKILL)
            command.wait()
            kills += 1
    finish(new_archive, file, tmp_path)
    made = contents(new_archive)
    assert told(made) - told(undisturbed) == set()
    assert made == undisturbed
    assert "known already" in finish(new_archive, file, tmp_path)
    assert contents(new_archive) == undisturbed


def test_interrupted(file: Path, new_archive: Archive, tmp_path: Path) -> None:
    with importing(new_archive, file, tmp_path) as command:
        time.sleep(3.0)
        command.send_signal(signal.SIGINT)
        done = command.wait()
    assert done.code == 130
    assert "permalien: interrupted; run it again to go on" in done.err
    with new_archive.reading() as session:
        assert set(session.scalars(select(Source.lease_run_id))) <= {None}


def told(made: dict[str, list[Any]]) -> set[str]:
    """A line a row, without texts."""
    rows = [(*row[:3], *row[5:]) for row in made["versions"]] + made["meanings"]
    return {" ".join(str(value) for value in row) for row in rows}


def empty(archive: Archive, sqlite_template: Path) -> None:
    if archive.url.get_backend_name() == "postgresql":
        clear(archive)
        return
    archive.close()
    path = Path(str(archive.url.database))
    for part in path.parent.glob(f"{path.name}-*"):
        part.unlink()
    path.write_bytes(sqlite_template.read_bytes())


def importing(archive: Archive, file: Path, folder: Path) -> Command:
    url = archive.url.render_as_string(hide_password=False)
    return Command("warc", "import", str(file), database=url, cwd=folder)


def finish(archive: Archive, file: Path, folder: Path) -> str:
    url = archive.url.render_as_string(hide_password=False)
    done = permalien("warc", "import", str(file), database=url, cwd=folder)
    assert done.code == 0, done.err
    return done.out
