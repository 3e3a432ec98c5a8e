"""Monthly partitions of the ledger of observations, which PostgreSQL alone has.

A month without its partition falls into the default one, so that nothing is ever refused.
"""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from storage.observation_ids import first_id_at


def ensure_partitions(session: Session, now: datetime) -> None:
    """Make this month's and the next month's partition where the database has partitions."""
    if session.get_bind().dialect.name != "postgresql":
        return
    start = datetime(now.year, now.month, 1, tzinfo=UTC)
    for _ in range(2):
        end = _next_month(start)
        # Month and ids are our own numbers; DDL takes no bound parameters.
        session.execute(
            text(
                f"CREATE TABLE IF NOT EXISTS observation_{start:%Y_%m} PARTITION OF observation "
                f"FOR VALUES FROM ({first_id_at(start)}) TO ({first_id_at(end)})"
            )
        )
        start = end


def _next_month(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
