"""The ledger's rows land in their month, and none is ever refused."""

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, inspect, text

from storage.database.archive import Archive
from storage.ledger.fetch_ids import first_id_at
from storage.ledger.partitions import ensure_partitions
from storage.models import Fetch

DECEMBER = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)


def partitions(archive: Archive) -> set[str]:
    return {n for n in inspect(archive.engine).get_table_names() if n.startswith("fetch_")}


def fetch(archive: Archive, moment: datetime) -> None:
    with archive.writing() as session:
        session.execute(
            insert(Fetch).values(
                id=first_id_at(moment),
                address_id=1,
                run_id=1,
                fetched_at=moment,
            )
        )


def months(archive: Archive) -> list[str]:
    """The table that holds each fetch, in their order."""
    with archive.reading() as session:
        return list(session.scalars(text('SELECT tableoid::regclass FROM "fetch" ORDER BY id')))


def test_each_fetch_lands_in_its_month(postgresql_archive: Archive) -> None:
    with postgresql_archive.writing() as session:
        ensure_partitions(session, DECEMBER)
    for moment in (
        datetime(2026, 11, 30, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 12, 1, tzinfo=UTC),
        DECEMBER,
        datetime(2027, 1, 1, tzinfo=UTC),
        datetime(2027, 2, 1, tzinfo=UTC),
    ):
        fetch(postgresql_archive, moment)
    assert months(postgresql_archive) == [
        "fetch_default",
        "fetch_2026_12",
        "fetch_2026_12",
        "fetch_2027_01",
        "fetch_default",
    ]


def test_a_month_that_began_in_the_default_partition_stays_there(
    postgresql_archive: Archive,
) -> None:
    fetch(postgresql_archive, DECEMBER)
    with postgresql_archive.writing() as session:
        ensure_partitions(session, DECEMBER)
    fetch(postgresql_archive, DECEMBER + timedelta(milliseconds=1))
    fetch(postgresql_archive, DECEMBER + timedelta(seconds=1))
    assert months(postgresql_archive) == [
        "fetch_default",
        "fetch_default",
        "fetch_2027_01",
    ]


def test_runs_that_begin_at_once_do_not_hinder_each_other(postgresql_archive: Archive) -> None:
    failures: list[BaseException] = []
    together = threading.Barrier(4)

    def begin() -> None:
        try:
            with postgresql_archive.writing() as session:
                session.connection()
                together.wait(10)
                ensure_partitions(session, DECEMBER)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert partitions(postgresql_archive) == {
        "fetch_default",
        "fetch_2026_12",
        "fetch_2027_01",
    }


def test_sqlite_has_one_table(sqlite_archive: Archive) -> None:
    with sqlite_archive.writing() as session:
        ensure_partitions(session, DECEMBER)
    fetch(sqlite_archive, DECEMBER)
    assert partitions(sqlite_archive) == set()
