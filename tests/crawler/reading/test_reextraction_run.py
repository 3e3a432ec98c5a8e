"""How a run ends; what it reads: test_reextraction.py and the command's tests."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from crawler.extraction import EXTRACTOR_VERSION
from crawler.reading import reextraction_run as module
from crawler.reading.errors import BadExtractor
from crawler.reading.reextraction import Wanted
from crawler.reading.reextraction_run import By, preview, reextract
from storage.database.archive import Archive
from storage.models import Run, RunEnd
from tests.support.archiving import Desk


def works(monkeypatch: pytest.MonkeyPatch, error: BaseException | None) -> None:
    async def work(*_: Any) -> None:
        if error is not None:
            raise error

    monkeypatch.setattr(module, "_work", work)


def nothing(*_: Any) -> None:
    """Is told, and says nothing."""


@pytest.mark.parametrize(
    ("error", "how"),
    [
        (None, RunEnd.FINISHED),
        (asyncio.CancelledError(), RunEnd.INTERRUPTED),
        (KeyboardInterrupt(), RunEnd.INTERRUPTED),
        (ValueError("x" * 10_000), RunEnd.FAILED),
    ],
)
def test_how_it_ended_is_on_record(
    sqlite_archive: Archive,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException | None,
    how: RunEnd,
) -> None:
    works(monkeypatch, error)
    desk = Desk(sqlite_archive)
    desk.read("/a", "Title", "One two three.")
    wanted = Wanted([desk.source.id])
    done = reextract(sqlite_archive, wanted, asked={"all": True}, told=nothing)
    assert (done.how, done.progress.total) == (how, 1)
    with sqlite_archive.reading() as session:
        run = session.scalars(select(Run)).one()
    assert (run.ended_how, run.counts["reextraction"]) == (how, done.id)
    assert run.settings == {"command": "reextract", "all": True}
    assert ("error" in run.counts) == (how is RunEnd.FAILED)
    assert len(run.counts.get("error", "")) <= 300


def test_what_was_not_finished_is_taken_up_again(
    sqlite_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    works(monkeypatch, ValueError("gone"))
    wanted, numbers = Wanted([Desk(sqlite_archive).source.id]), []
    for asked in ({"all": True}, {"all": True}, {"all": False}):
        numbers.append(reextract(sqlite_archive, wanted, asked=asked, told=nothing).id)
    assert numbers[0] == numbers[1] != numbers[2]


def test_a_preview_writes_nothing_and_can_be_interrupted(
    sqlite_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    works(monkeypatch, asyncio.CancelledError())
    with pytest.raises(KeyboardInterrupt):
        preview(sqlite_archive, Wanted([]), told=nothing)
    with sqlite_archive.reading() as session:
        assert session.scalars(select(Run)).all() == []


def test_readings_are_kept_under_the_name_of_who_reads() -> None:
    assert By().name == EXTRACTOR_VERSION
    with pytest.raises(BadExtractor):
        _ = By(own="no colon").name
