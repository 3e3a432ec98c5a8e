"""Monthly partitions of the ledger of observations, which PostgreSQL alone has.

A month without its partition falls into the default one, so that nothing is ever refused; what is
there already stays there, and so does the rest of its month.
"""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from storage.ledger.observation_ids import first_id_at

_PARTITION_LOCK = 737625437  # the one after the lock of migrations


def ensure_partitions(session: Session, now: datetime) -> None:
    """Make this month's and the next month's partition where the database has partitions."""
    if session.get_bind().dialect.name != "postgresql":
        return
    this_month = datetime(now.year, now.month, 1, tzinfo=UTC)
    for start in (this_month, _next_month(this_month)):
        if _exists(session, start):
            continue
        # Two runs may begin at once; IF NOT EXISTS alone lets one of them fail.
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PARTITION_LOCK})
        if not _exists(session, start) and not _began_in_default(session, start):
            # Month and ids are our own numbers; DDL takes no bound parameters.
            session.execute(
                text(
                    f"CREATE TABLE observation_{start:%Y_%m} PARTITION OF observation FOR VALUES "
                    f"FROM ({first_id_at(start)}) TO ({first_id_at(_next_month(start))})"
                )
            )


def _exists(session: Session, month: datetime) -> bool:
    # to_regclass would answer from a cache that another's commit has not reached yet.
    query = (
        "SELECT EXISTS (SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
        "WHERE inhparent = 'observation'::regclass AND relname = :name)"
    )
    return bool(session.scalar(text(query), {"name": f"observation_{month:%Y_%m}"}))


def _began_in_default(session: Session, month: datetime) -> bool:
    bounds = {"first": first_id_at(month), "end": first_id_at(_next_month(month))}
    query = "SELECT EXISTS (SELECT FROM observation_default WHERE id >= :first AND id < :end)"
    return bool(session.scalar(text(query), bounds))


def _next_month(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
