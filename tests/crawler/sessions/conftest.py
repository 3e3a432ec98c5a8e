"""A run for the tests of the scheduler."""

from collections.abc import Iterator

import pytest

from crawler.sessions import scheduler
from storage.database.archive import Archive
from tests.support.scheduling import Runner


@pytest.fixture
def runner(archive: Archive) -> Iterator[Runner]:
    runner = Runner(archive)
    yield runner
    runner.close()


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a second where a moment will do."""
    monkeypatch.setattr(scheduler, "POLL", 0.05)
