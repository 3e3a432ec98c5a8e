"""Edits that were told by other rules are told by those of today when an archive is upgraded."""

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from storage import schema
from storage.database.archive import Archive
from storage.ledger.changes import beginning, changes_since
from storage.ledger.runs import end_run, start_run
from storage.models import ChangeKind, RunEnd
from storage.verification.report import Report
from storage.verification.scope import Scope
from storage.verification.verifying import CHECKS, LAST, verify_rows
from tests.migrations.test_upgrade_of_0004 import KILLED
from tests.support.archiving import START, Desk

ARTICLES = 5


@pytest.fixture
def outdated(new_archive: Archive) -> Archive:
    """An archive of revision 0042: articles of three versions, of the odd ones' edits some kinds
    wrong and some rows missing."""
    with new_archive.writing() as session:
        run_id = start_run(session, software="test", settings={}, now=START)
        end_run(session, run_id, RunEnd.FINISHED, {}, START + timedelta(days=1))
    desk = Desk(new_archive, run_id=run_id)
    for number in range(ARTICLES):
        for wording in ("one wording", "another", "the third"):
            desk.read(f"/{number}", f"Title {number}", f"The text {number} has {wording}.")
    schema.downgrade(new_archive, "0042")
    with new_archive.writing() as session:
        odd = "SELECT version_id FROM version_state WHERE article_id % 2 = 1"
        session.execute(
            text(
                "UPDATE edit SET byline = NOT byline, standfirst = NOT standfirst, "
                f"words_inserted = 77 WHERE version_id IN ({odd} AND number = 2)"
            )
        )
        session.execute(text(f"DELETE FROM edit WHERE version_id IN ({odd} AND number = 3)"))
    return new_archive


def named(archive: Archive) -> list[str]:
    """What verification finds wrong."""
    report = Report()
    verify_rows(archive, Scope(), report, lambda *_: None, (*CHECKS, *LAST))
    return [f"{it.table}: {it.found}" for it in report.mismatches]


def test_all_are_right_after_an_upgrade(outdated: Archive) -> None:
    told: list[tuple[str, int, int]] = []
    schema.upgrade(outdated, progress=lambda *it: told.append(it))
    assert named(outdated) == []
    assert told[-1] == ("revision 0043", ARTICLES, ARTICLES)


def test_who_follows_the_archive_is_told_of_those_that_were_wrong(outdated: Archive) -> None:
    with outdated.reading() as session:
        _, before = changes_since(session, beginning(session), limit=1_000)
        odd = "SELECT version_id FROM version_state WHERE article_id % 2 = 1 AND number > 1"
        wrong = set(session.scalars(text(odd)))
    schema.upgrade(outdated)
    with outdated.reading() as session:
        changes, _ = changes_since(session, before, limit=1_000)
    assert {it.kind for it in changes} == {ChangeKind.READING}
    assert sorted(it.version_id or 0 for it in changes) == sorted(wrong)


@pytest.mark.parametrize("steps", [2, 4])
def test_an_upgrade_that_was_killed_goes_on(outdated: Archive, steps: int) -> None:
    outdated.close()
    url = outdated.url.render_as_string(hide_password=False)
    done = subprocess.run([sys.executable, "-c", KILLED, url, str(steps)], capture_output=True)
    assert done.returncode == -9, done.stderr.decode()
    assert schema.current(outdated) == "0043"
    with outdated.reading() as session:
        left = session.scalar(text("SELECT count(*) FROM edit_to_tell"))
    assert left is not None
    assert 0 < left < ARTICLES
    schema.upgrade(outdated)
    assert named(outdated) == []
    with outdated.reading() as session:
        edits = session.scalars(select(text("version_id")).select_from(text("edit"))).all()
    assert len(edits) == 2 * ARTICLES
