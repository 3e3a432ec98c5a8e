"""The scheduler while the archive is still to answer: nothing is lost, nothing taken twice."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Timer
from typing import Any

import pytest
from sqlalchemy.orm import Session

from crawler.sessions import scheduler as module
from crawler.sessions.scope import Scope
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.due import Due, make_due
from storage.models import Outcome
from tests.support.scheduling import Runner, add, fetch


def test_a_source_is_not_taken_again_before_it_is_known_that_it_was_given_back(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL", 0.01)
    runner = Runner(archive, Scope(frozenset({add(archive, "a.example", pages=9)}), most=4))
    submit = runner.writer.submit

    def told_late(operation: Any, item: Any, **given: Any) -> Future[Any]:
        done = submit(operation, item, **given)
        if operation != runner.scheduler._released:
            return done
        told: Future[Any] = Future()
        done.add_done_callback(lambda it: Timer(0.5, told.set_result, [it.result()]).start())
        return told

    monkeypatch.setattr(runner.writer, "submit", told_late)
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 120))
    runner.close()
    assert len(runner.urls) == 4


def test_what_is_due_again_as_it_is_settled_while_the_archive_is_asked(
    archive: Archive, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(archive, "a.example")
    held: list[Due] = []
    read = runner.scheduler._read

    async def read_and_settle(function: Callable[[Session], Any]) -> Any:
        found = await read(function)
        for due in held:
            runner.check(due, Outcome.NOT_FOUND)
            with archive.writing() as session:
                make_due(session, [due.address_id], now=utc_now())
        held.clear()
        return found

    async def hold_the_second(runner: Runner, due: Due) -> None:
        if len(runner.given) == 2:
            held.append(due)
            runner.scheduler.answered(due.source_id, due.address_id, unanswered=False)
        else:
            await fetch(runner, due)

    monkeypatch.setattr(runner.scheduler, "_read", read_and_settle)
    asyncio.run(asyncio.wait_for(runner.to_the_end(hold_the_second), 120))
    assert len(runner.urls) == 3
    assert runner.urls[1] == runner.urls[2]
