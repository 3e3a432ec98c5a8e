"""What is counted of a source on a day."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from storage.database.archive import Archive
from storage.history.new_reading import NewReading
from storage.history.readings import measures_of_reading
from storage.ledger.day_counts import Measure, count, measure_of_check
from storage.models import AddressKind, Outcome, SourceDay
from tests.support.archiving import Desk

DAY = date(2026, 3, 1)
NEXT = date(2026, 3, 2)


def counted(archive: Archive) -> dict[tuple[int, date, str], int]:
    with archive.reading() as session:
        rows = session.scalars(select(SourceDay)).all()
    return {(row.source_id, row.day, row.measure): row.count for row in rows}


def test_what_is_counted_adds_up(archive: Archive) -> None:
    ours = Desk(archive).source.id
    theirs = Desk(archive, "https://example.net/").source.id
    first = {
        (theirs, DAY, Measure.LISTED): 3,
        (ours, NEXT, Measure.LISTED): 1,
        (ours, DAY, Measure.LISTED): 5_000_000_000,
        (ours, DAY, Measure.EDITS): 0,
    }
    more = {(ours, DAY, Measure.LISTED): 2, (theirs, DAY, Measure.LISTED): -2}
    for counts in (first, more, {}):
        with archive.writing() as session:
            count(session, counts)
    assert counted(archive) == {
        (ours, DAY, "listed"): 5_000_000_002,
        (ours, NEXT, "listed"): 1,
        (theirs, DAY, "listed"): 1,
    }


def test_what_a_transaction_gives_up_is_not_counted(archive: Archive) -> None:
    ours = Desk(archive).source.id
    with archive.writing() as session:
        count(session, {(ours, DAY, Measure.LISTED): 1})
        session.rollback()
    assert counted(archive) == {}


@pytest.mark.parametrize("outcome", Outcome)
def test_a_check_of_a_page_is_counted_by_its_outcome(outcome: Outcome) -> None:
    assert measure_of_check(AddressKind.PAGE, outcome) == f"page-{outcome.value}"


@pytest.mark.parametrize(
    ("kind", "outcome", "measure"),
    [
        (AddressKind.FEED, Outcome.FETCHED, Measure.LISTING_FETCHED),
        (AddressKind.SITEMAP, Outcome.UNCHANGED, Measure.LISTING_UNCHANGED),
        (AddressKind.FRONT, Outcome.MOVED, Measure.LISTING_MOVED),
        (AddressKind.SECTION, Outcome.NOT_FOUND, Measure.LISTING_FAILED),
        (AddressKind.FEED, Outcome.UNREADABLE, Measure.LISTING_FAILED),
        (AddressKind.FRONT, Outcome.BLOCKED, Measure.LISTING_FAILED),
        (AddressKind.ROBOTS, Outcome.FETCHED, None),
        (AddressKind.ROBOTS, Outcome.FAILED, None),
    ],
)
def test_a_check_of_a_listing_is_counted_as_what_it_came_to(
    kind: AddressKind, outcome: Outcome, measure: Measure | None
) -> None:
    assert measure_of_check(kind, outcome) is measure


def test_what_a_reading_adds() -> None:
    reading = NewReading(
        input=b"",
        digest=b"",
        extractor="1",
        template="",
        title="Title",
        text="Seven letters",
        removed=[["template", "menu"], ["advert", "buy"]],
    )
    assert dict(measures_of_reading(reading)) == {
        Measure.READINGS: 1,
        Measure.UNDATED: 1,
        Measure.CHARACTERS: 13,
        Measure.REMOVED_CHARACTERS: 7,
    }
    dated = NewReading(
        b"", "1", "", "Title", "", b"", published_at=datetime(2026, 3, 1, tzinfo=UTC)
    )
    assert dict(measures_of_reading(dated))[Measure.UNDATED] == 0
