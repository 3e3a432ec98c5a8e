"""Times are instants, texts are what both databases can keep."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError, StatementError

from storage.database.archive import Archive
from storage.database.storable import storable
from storage.ledger.runs import start_run
from storage.models import Run, RunEnd
from tests.support.archiving import START
from tests.support.properties import examples

ANY_TEXT = st.text(st.characters(), max_size=30)


def run(archive: Archive, **values: Any) -> Run:
    """A run with these values, as the archive gives it back."""
    with archive.writing() as session:
        run_id = start_run(session, software="1", settings={}, now=START)
        row = session.get_one(Run, run_id)
        for name, value in values.items():
            setattr(row, name, value)
    with archive.reading() as session:
        return session.get_one(Run, run_id)


def test_a_naive_time_is_refused(archive: Archive) -> None:
    with pytest.raises(StatementError, match="naive datetime 2026-03-01T08:00:00"):
        run(archive, heartbeat_at=START.replace(tzinfo=None))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 10, 25, 2, 30, 0, 1, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
def test_an_instant_comes_back_as_utc(archive: Archive, moment: datetime) -> None:
    back = run(archive, heartbeat_at=moment).heartbeat_at
    assert back == moment
    assert back.tzinfo is UTC


def test_an_enum_keeps_its_values_alone(archive: Archive) -> None:
    assert run(archive, ended_how=RunEnd.LOST).ended_how is RunEnd.LOST
    with pytest.raises((StatementError, IntegrityError)):
        run(archive, ended_how="vanished")


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=ANY_TEXT, document=st.recursive(ANY_TEXT, lambda part: st.lists(part, max_size=3)))
@example(text="a\0b\ud800c", document=["\0", "\udfff"])
def test_whatever_a_page_says_can_be_kept(archive: Archive, text: str, document: Any) -> None:
    kept = run(archive, host="h", settings={text: document, "number": float("nan")})
    assert kept.settings[storable(text)] == _stored(document)
    assert kept.settings["number"] is None


def _stored(document: Any) -> Any:
    return storable(document) if isinstance(document, str) else [_stored(d) for d in document]


@given(ANY_TEXT)
def test_storable_changes_only_what_cannot_be_kept(text: str) -> None:
    kept = storable(text)
    assert "\0" not in kept
    assert kept.encode().decode() == kept
    assert storable(kept) == kept
    if "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text):
        assert kept == text
