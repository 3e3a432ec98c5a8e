"""An archive with a little of everything, and what verification says of it when it is damaged."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.ledger.runs import end_run, start_run
from storage.models import AddressKind, Outcome, RunEnd
from storage.verification.report import Report
from storage.verification.scope import Scope
from storage.verification.verifying import CHECKS, LAST, verify_rows
from tests.support.archiving import START, Desk
from tests.support.damages import KINDS, make, unguarded

LONG = "The council met on Monday.\nIt heard the engineers for two hours, in the old town hall."
Verify = Callable[[], Report]
Told = Callable[..., list[str]]
"""What is told of each kind of damage to that table, of those whose name has these words."""


@pytest.fixture
def held(archive: Archive) -> Archive:
    """A run at example.org: articles with edits, one removed, one that came back, a redirect."""
    with archive.writing() as session:
        run_id = start_run(session, software="test", settings={}, now=START)
        end_run(session, run_id, RunEnd.FINISHED, {}, utc_now())
    desk = Desk(archive, run_id=run_id)
    desk.check("/feed", kind=AddressKind.FEED, body=b"<rss/>")
    desk.published |= {"The bridge": START, "The ferry": START}
    desk.read("/bridge", "The bridge", LONG)
    desk.details = {"kind": "article", "section": "Harbour"}
    desk.read("/ferry", "The ferry", LONG.replace("council", "captain"))
    desk.read("/ferry", "The ferry", LONG.replace("council", "first mate"))
    desk.read("/bridge", "The bridge stays", LONG.replace("Monday", "Tuesday"))
    desk.read("/bridge", "The bridge stays", LONG.replace("Monday", "Tuesday"))
    desk.check("/ferry", Outcome.UNCHANGED)
    desk.check("/ferry", Outcome.GONE)
    desk.read("/quay", "The quay", LONG.replace("council", "harbour board"))
    moved = desk.prepare("/old", Outcome.MOVED, redirect="https://example.org/quay")
    desk.record(replace(moved, detail="https://example.org/quay"))
    desk.check("/quay", Outcome.NOT_FOUND)
    desk.read("/quay", "The quay", LONG.replace("council", "harbour board"))
    return archive


@pytest.fixture
def verified(held: Archive) -> Callable[[], Report]:
    """Verifies the archive, but for extractions."""

    def verify() -> Report:
        report = Report()
        verify_rows(held, Scope(), report, lambda *_: None, (*CHECKS, *LAST))
        return report

    return verify


@pytest.fixture
def told(held: Archive, verified: Callable[[], Report]) -> Told:
    """Damages a row of a table in each way there is, one after the other, and undoes it again."""

    def tell(*tables: str, but: tuple[str, ...] = ()) -> list[str]:
        found = []
        for number, kind in enumerate(KINDS):
            if kind.table not in tables or kind.name in but:
                continue
            with unguarded(held) as connection:
                damage = make(connection, kind, Random(number))
            if damage is None:
                found.append(f"{kind.name}: there is no such row")
                continue
            found.append(f"{kind.name}: {damage.told(verified())}")
            with unguarded(held) as connection:
                damage.undo(connection)
        return found

    return tell


def all_found(told: list[str]) -> bool:
    """Whether each was found and named, and nothing else blamed."""
    assert [it for it in told if not it.endswith(": found")] == []
    return bool(told)
