"""How far a re-extraction has come."""

import pytest

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import Refused
from storage.history.reextractions import (
    Place,
    Progress,
    advance,
    begin,
    finish,
    has_come,
    latest_reextraction,
)
from storage.ledger.runs import end_run, start_run
from storage.models import RunEnd

ASKED = {"sources": ["example.org"], "since": None}
HALF = Progress(4, 2, 2, 1, 0, {"title": 1}, Place(1, 7, "templates"))


def run(archive: Archive) -> int:
    with archive.writing() as session:
        return start_run(session, software="1", settings={}, now=utc_now())


def end(archive: Archive, run_id: int) -> None:
    with archive.writing() as session:
        end_run(session, run_id, RunEnd.INTERRUPTED, {}, utc_now())


def test_what_was_asked_for_so_and_is_not_finished_is_taken_up(archive: Archive) -> None:
    first = run(archive)
    with archive.writing() as session:
        number, progress = begin(session, first, extractor="11", asked=ASKED, total=4)
        assert progress == Progress(4)
        advance(session, number, HALF)
    second = run(archive)
    with archive.writing() as session, pytest.raises(Refused, match="is under way: run"):
        begin(session, second, extractor="11", asked=ASKED, total=4)
    end(archive, first)
    with archive.writing() as session:
        assert begin(session, second, extractor="11", asked=ASKED, total=9) == (number, HALF)
        for extractor, asked in (("12", ASKED), ("11", {**ASKED, "since": "2026-01-01"})):
            other, progress = begin(session, second, extractor=extractor, asked=asked, total=4)
            assert (other != number, progress) == (True, Progress(4))
        finish(session, number, HALF)
    end(archive, second)
    with archive.writing() as session:
        third = start_run(session, software="1", settings={}, now=utc_now())
        anew, progress = begin(session, third, extractor="11", asked=ASKED, total=4)
        assert (anew != number, progress) == (True, Progress(4))


def test_what_is_on_record_is_known_again(archive: Archive) -> None:
    with archive.writing() as session:
        assert latest_reextraction(session, system=utc_now()) is None
    run_id = run(archive)
    with archive.writing() as session:
        number, _ = begin(session, run_id, extractor="11", asked=ASKED, total=4)
        assert has_come(session, number, HALF) is None
        advance(session, number, HALF)
        assert has_come(session, number, HALF) == HALF
        latest = latest_reextraction(session, system=utc_now())
        assert latest is not None
        assert (latest.id, latest.alive, latest.progress) == (number, True, HALF)
