"""Hours of a schedule in a minute; the whole week is `python -m tests.endurance`."""

from datetime import timedelta
from pathlib import Path
from statistics import median

import pytest

from storage.database import clock
from storage.models import RunEnd
from tests.endurance.week import rehearse

SPEED = 168
TOLERANCE = timedelta(seconds=45) * SPEED
"""How late what is due may be: a crawl has to start, on a machine that is busy with other tests."""


@pytest.fixture(autouse=True)
def own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_clock", None)


@pytest.mark.timeout(400)
def test_a_schedule_keeps_up(database_url: str, tmp_path: Path) -> None:
    week = rehearse(database_url, tmp_path, seconds=30, speed=SPEED, sites=2)
    assert week.code == 0
    assert "Traceback" not in "\n".join(week.log)
    assert week.articles == week.published
    assert week.versions == week.articles + week.edits
    assert set(week.runs) <= {RunEnd.FINISHED, RunEnd.INTERRUPTED}
    assert week.late(1.0) < TOLERANCE
    assert week.grown(lambda sample: sample.memory) < 1.1
    quarter = len(week.samples) // 4
    files = [sample.files for sample in week.samples]
    pipe = 1  # of a crawl that is under way
    assert median(files[-quarter:]) <= median(files[quarter : 2 * quarter]) + pipe
    assert len(week.log) < 200
