from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.models import DayRoot, Unsealed
from tests.storage.query.test_proving import checked
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented
from tests.support.proving import Newsdesk, recorded_on

pytestmark = pytest.mark.usefixtures("folder")

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)


def tunnel(desk: Desk) -> str:
    """An article that the extractor read: its version."""
    news = Newsdesk(desk.archive, now=desk.now, run_id=2)
    news.read("/tunnel", "The tunnel", "\n".join(f"The tunnel has {n} lamps." for n in range(9)))
    return news.history("/tunnel")[0].identifier


def test_days_that_are_over_are_closed_first(console: Console, desk: Desk, folder: Path) -> None:
    version = tunnel(desk)
    recorded_on(desk.archive, YESTERDAY)
    told = console.shows("prove", "https://example.org/tunnel")
    path = folder / f"{version}.proof.zip"
    assert told.startswith(f"{path.name}: {path.stat().st_size:,} bytes, of version {version}")
    assert f"recorded on {YESTERDAY}" in told
    assert "not stamped: run `permalien timestamp --authority URL`" in told
    assert checked(path).returncode == 0
    assert "is there already: --force replaces it" in console.fails("prove", version)
    before = path.read_bytes()
    document = console.run("prove", version, "-o", "other.zip", "--json").json()
    assert undocumented(document) == set()
    assert (document["file"], document["bytes"]) == ("other.zip", len(before))
    assert (folder / "other.zip").read_bytes() == before
    console.shows("prove", version, "--force")


def test_what_can_not_be_proved_leaves_no_file(console: Console, desk: Desk, folder: Path) -> None:
    name, other = tunnel(desk), desk.history("/bridge")[1].identifier
    assert "a day that is not over: it can be proved from" in console.fails("prove", name)
    assert "in the archive" in console.fails("prove", "https://example.org/none")
    recorded_on(desk.archive, YESTERDAY)
    assert "read of another input" in console.fails("prove", other)
    assert "No such file" in console.fails("prove", name, "-o", "none/a.zip")
    assert list(folder.iterdir()) == []
    with desk.archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(DayRoot)) == 1
        assert session.scalar(select(func.count()).select_from(Unsealed)) == 0
