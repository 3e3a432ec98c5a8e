"""Monthly partitions of the ledger, of fetches and findings, which PostgreSQL alone has.

A month without its partition falls into the default one, so that nothing is ever refused; what is
there already stays there, and so does the rest of its month.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from storage.ledger.fetch_ids import first_id_at

PARTITIONED: Final = {"fetch": "id", "finding": "fetch_id"}
"""The tables that are partitioned, and by which fetch id."""

_PARTITION_LOCK = 737625437  # the one after the lock of migrations


def ensure_partitions(session: Session, now: datetime) -> None:
    """Make this month's and the next month's partitions where the database has partitions."""
    if session.get_bind().dialect.name != "postgresql":
        return
    this_month = datetime(now.year, now.month, 1, tzinfo=UTC)
    for table in PARTITIONED:
        for month in (this_month, _next_month(this_month)):
            _ensure(session, table, month)


def _ensure(session: Session, table: str, month: datetime) -> None:
    if _exists(session, table, month):
        return
    # Two runs may begin at once; IF NOT EXISTS alone lets one of them fail.
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PARTITION_LOCK})
    if not _exists(session, table, month) and not _began_in_default(session, table, month):
        # Names and ids are our own; DDL takes no bound parameters.
        session.execute(
            text(
                f'CREATE TABLE {table}_{month:%Y_%m} PARTITION OF "{table}" FOR VALUES '
                f"FROM ({first_id_at(month)}) TO ({first_id_at(_next_month(month))})"
            )
        )


def _exists(session: Session, table: str, month: datetime) -> bool:
    # to_regclass would answer from a cache that another's commit has not reached yet.
    query = (
        "SELECT EXISTS (SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
        "WHERE inhparent = CAST(:table AS regclass) AND relname = :name)"
    )
    return bool(session.scalar(text(query), {"table": table, "name": f"{table}_{month:%Y_%m}"}))


def _began_in_default(session: Session, table: str, month: datetime) -> bool:
    bounds = {"first": first_id_at(month), "end": first_id_at(_next_month(month))}
    key = PARTITIONED[table]
    query = (
        f"SELECT EXISTS (SELECT FROM {table}_default "  # noqa: S608
        f"WHERE {key} >= :first AND {key} < :end)"
    )
    return bool(session.scalar(text(query), bounds))


def _next_month(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
