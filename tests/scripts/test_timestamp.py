from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.archiving import Desk
from tests.support.console import Console, undocumented
from tests.support.proving import authority, recorded_on

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)


def test_the_last_day_is_stamped_once(console: Console, desk: Desk, tmp_path: Path) -> None:
    assert "No day is closed yet" in console.shows("timestamp")
    recorded_on(desk.archive, YESTERDAY)
    assert f"{YESTERDAY}         11 leaves" in console.shows("timestamp")
    with authority(tmp_path / "ours") as ours, authority(tmp_path / "others") as others:
        asked: list[bytes] = []
        plainly = ours.answer

        def noting(question: bytes) -> tuple[int, bytes]:
            asked.append(question)
            return plainly(question)

        ours.answer = noting
        options = ("timestamp", "--authority", ours.url, "--roots", str(ours.roots))
        told = console.shows(*options)
        assert f"stamped at {TODAY}" in told
        assert f"by {ours.url}" in told
        assert console.shows(*options) == told
        assert len(asked) == 1
        done = console.run(*options, "--authority", others.url, "--json")
        assert done.code == 1
        assert "none of the trusted root certificates" in done.err
        document = done.json()
        assert undocumented(document) == set()
        (day,) = document["days"]
        assert [it["authority"] for it in day["stamps"]] == [ours.url]
        assert len(document["failures"]) == 1
        checking = ("timestamp", "--check", "--roots")
        assert console.shows(*checking, str(ours.roots)) == told
        done = console.run(*checking, str(others.roots))
        assert done.code == 1
        assert f"the stamp of {YESTERDAY} by {ours.url}: none of the trusted" in done.err
        # What nobody vouches for is asked for again, and an outage is no harm.
        ours.answer = lambda question: (503, b"")
        desk.read("/bridge", "The bridge is gone", "Nobody saw it go.")
        assert console.run(*options).code == 0


def test_what_can_not_be_asked(console: Console, desk: Desk, tmp_path: Path) -> None:
    recorded_on(desk.archive, YESTERDAY)
    options = ("timestamp", "--authority", "http://127.0.0.1:9/")
    done = console.run(*options)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "can't be asked" in done.err
    assert str(YESTERDAY) in done.out
    assert "No such file" in console.fails(*options, "--roots", str(tmp_path / "none.pem"))


@pytest.mark.parametrize("days", ["0", "x"])
def test_days_that_are_none(console: Console, desk: Desk, days: str) -> None:
    assert "--days" in console.fails("timestamp", "--days", days, code=2)
