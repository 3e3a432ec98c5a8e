"""Findings are added, and replace each other; neither they nor fetches can be changed."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from storage.database.archive import Archive
from storage.ledger.findings import NewFinding, latest_findings, record_findings
from storage.models import Finding, Meaning, Outcome
from tests.support.archiving import Desk


def kinds(archive: Archive, fetch_id: int) -> list[tuple[int, str, str | None]]:
    with archive.reading() as session:
        rows = session.scalars(
            select(Finding).where(Finding.fetch_id == fetch_id).order_by(Finding.number)
        )
        return [(row.number, row.outcome.value, row.meaning) for row in rows]


def test_a_later_finding_replaces_an_earlier_one_and_both_stay(archive: Archive) -> None:
    first = NewFinding(7, Outcome.FETCHED, Meaning.UNDECIDED, confidence=0.5)
    then = NewFinding(7, Outcome.FETCHED, Meaning.EDITED, version_id=3)
    for finding in (first, first, then, then, NewFinding(8, Outcome.GONE)):
        with archive.writing() as session:
            record_findings(session, [finding])
    assert kinds(archive, 7) == [(1, "fetched", "undecided"), (2, "fetched", "edited")]
    with archive.reading() as session:
        latest = latest_findings(session, [7, 8, 9])
        assert {key: it.meaning for key, it in latest.items()} == {7: Meaning.EDITED, 8: None}


def test_what_a_page_meant(archive: Archive) -> None:
    desk = Desk(archive)
    meant = []
    for title in ("One", "One", "Two"):
        body = desk.body(title, "The text", advert=f"seen at {desk.now}")
        check, _ = desk.check("/a", body=body)
        assert kinds(archive, check.fetch_id) == []
        desk.record_page(desk.captured(check))
        meant.append(kinds(archive, check.fetch_id))
    gone, _ = desk.check("/a", Outcome.GONE)
    back, _ = desk.check("/a", body=desk.body("Two", "The text"))
    desk.record_page(desk.captured(back))
    assert meant == [
        [(1, "fetched", "new")],
        [(1, "unchanged", "unchanged")],
        [(1, "fetched", "edited")],
    ]
    assert kinds(archive, gone.fetch_id) == [(1, "gone", None), (2, "gone", "removed")]
    assert kinds(archive, back.fetch_id) == [(1, "unchanged", "returned")]
    with archive.reading() as session:
        found = session.execute(
            text("SELECT finding, version FROM findings WHERE current ORDER BY fetch_id")
        ).all()
    assert [tuple(row) for row in found] == [
        ("new", 1),
        ("unchanged", 1),
        ("edited", 2),
        ("removed", None),
        ("returned", 2),
    ]


@pytest.mark.parametrize("table", ["fetch", "finding", "header_set"])
@pytest.mark.parametrize("change", ['DELETE FROM "{}"', 'UPDATE "{}" SET {} = {}'])
def test_evidence_never_changes(archive: Archive, table: str, change: str) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "Text")
    with archive.writing() as session:
        session.execute(
            text("INSERT INTO header_set (digest, headers) VALUES (:digest, '[]')"),
            {"digest": b"x"},
        )
    column = {"fetch": "status", "finding": "number", "header_set": "digest"}[table]
    with (
        pytest.raises(DBAPIError, match="never"),
        archive.engine.begin() as connection,
    ):
        connection.execute(text(change.format(table, column, column)))


@pytest.mark.parametrize("table", ["fetch", "finding"])
def test_sqlite_replaces_none(sqlite_archive: Archive, table: str) -> None:
    Desk(sqlite_archive).read("/a", "Title", "Text")
    with (
        pytest.raises(DBAPIError, match="never changes"),
        sqlite_archive.engine.begin() as connection,
    ):
        connection.execute(text(f'REPLACE INTO "{table}" SELECT * FROM "{table}"'))
