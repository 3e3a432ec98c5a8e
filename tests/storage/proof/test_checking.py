"""Each kind of damage to the log, or to what it tells of: found, named, no other blamed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from storage.database.archive import Archive
from storage.database.guards import unguarded
from storage.models import TimestampToken
from storage.proof.checking import Fault, LogFault, check_log
from storage.proof.leaves import forget
from tests.support.archiving import Desk
from tests.support.proving import close_day

TODAY = datetime.now(UTC).date()
DAYS = [TODAY - timedelta(days=number) for number in (9, 8, 5)]


def fill(archive: Archive) -> Desk:
    """Three closed days, six leaves on the second."""
    desk = Desk(archive)
    for day in DAYS:
        desk.read("/a", "Title", f"The wording of {day}")
        if day == DAYS[1]:
            desk.read("/b", "Title", "The wording of another")
        close_day(archive, day)
    return desk


def faults(archive: Archive) -> list[LogFault]:
    with archive.reading() as session:
        return list(check_log(session))


def damage(archive: Archive, *statements: str) -> None:
    """As somebody would who has the database's file in hand."""
    with archive.writing() as session, unguarded(session):
        for statement in statements:
            session.execute(text(statement))


def test_a_log_that_holds(archive: Archive) -> None:
    assert faults(archive) == []
    fill(archive)
    looked: list[int] = []
    with archive.reading() as session:
        assert list(check_log(session, progress=looked.append)) == []
    assert looked == [3, 6, 3]


SECOND = f"day = '{DAYS[1]}'"
FETCH = "(SELECT min(fetch_id) FROM leaf WHERE " + SECOND + ")"
ROW = f"{SECOND} AND fetch_id = {FETCH}"
MIDDLE = f"{SECOND} AND position = 3"
OTHER = "(SELECT hash FROM leaf WHERE position = 0 ORDER BY day LIMIT 1)"


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ('UPDATE "fetch" SET milliseconds = 7 WHERE id = {FETCH}', Fault.CHANGED),
        ('UPDATE "fetch" SET status = 404 WHERE id = {FETCH}', Fault.CHANGED),
        (
            "UPDATE version SET number = number + 100 WHERE id = "
            "(SELECT min(version_id) FROM leaf WHERE {SECOND})",
            Fault.CHANGED,
        ),
        ("UPDATE leaf SET hash = {OTHER} WHERE {MIDDLE}", Fault.LEAF),
        ("UPDATE leaf SET salt = {OTHER} WHERE {MIDDLE}", Fault.CHANGED),
        ("DELETE FROM leaf WHERE {MIDDLE}", Fault.LEAF),
        ("DELETE FROM leaf WHERE {SECOND} AND position = 5", Fault.LEAF),
        ("UPDATE day_root SET root = {OTHER} WHERE {SECOND}", Fault.ROOT),
        ("UPDATE day_root SET leaves = 7 WHERE {SECOND}", Fault.ROOT),
        ("UPDATE day_root SET chained = {OTHER} WHERE {SECOND}", Fault.CHAIN),
        ("UPDATE day_root SET chained = {OTHER} WHERE day = '{DAYS[0]}'", Fault.CHAIN),
    ],
)
def test_damage_is_named(archive: Archive, statement: str, fault: Fault) -> None:
    fill(archive)
    for name, value in (("MIDDLE", MIDDLE), ("SECOND", SECOND), ("FETCH", FETCH), ("OTHER", OTHER)):
        statement = statement.replace(f"{{{name}}}", value)
    damage(archive, statement.replace("{DAYS[0]}", str(DAYS[0])))
    (found,) = faults(archive)
    assert found.fault is fault
    assert found.day == DAYS[0] if str(DAYS[0]) in statement else DAYS[1]
    if fault is Fault.CHANGED:
        assert (found.fetch_id, found.version_id, found.content_digest) != (None, None, None)


def test_a_row_that_is_gone(archive: Archive) -> None:
    fill(archive)
    with archive.reading() as session:
        lost = session.scalar(text(f"SELECT {FETCH}"))
    trigger = "fetch_leaves_no_salt"
    if archive.engine.dialect.name == "postgresql":
        off, on = (f'ALTER TABLE "fetch" {it} TRIGGER {trigger}' for it in ("DISABLE", "ENABLE"))
        damage(archive, off, f'DELETE FROM "fetch" WHERE id = {FETCH}', on)
    else:
        damage(archive, f"DROP TRIGGER {trigger}", f'DELETE FROM "fetch" WHERE id = {FETCH}')
    (found,) = faults(archive)
    assert (found.fault, found.day, found.fetch_id) == (Fault.MISSING, DAYS[1], lost)


def test_what_was_to_go_is_no_fault(archive: Archive) -> None:
    fill(archive)
    with archive.writing() as session:
        lost = session.scalar(text(f"SELECT {FETCH}"))
        assert lost is not None
        forget(session, fetches=[lost])
    damage(archive, f'UPDATE "fetch" SET milliseconds = 7 WHERE id = {lost}')
    assert faults(archive) == []
    damage(archive, f"UPDATE leaf SET hash = {OTHER} WHERE fetch_id = {lost}")
    (found,) = faults(archive)
    assert (found.fault, found.day) == (Fault.LEAF, DAYS[1])


def test_a_stamp_that_is_none(archive: Archive) -> None:
    fill(archive)
    with archive.writing() as session:
        session.add(
            TimestampToken(
                day=DAYS[1],
                authority="https://tsa.example/",
                stamped_at=datetime.now(UTC),
                token=b"no token",
                recorded_at=datetime.now(UTC),
            )
        )
    (found,) = faults(archive)
    assert (found.fault, found.day) == (Fault.STAMP, DAYS[1])
    assert "no timestamp by RFC 3161" in found.why
