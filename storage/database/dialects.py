"""The few statements that SQLite and PostgreSQL spell through different constructs."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase, Session

from storage.database.clock import system_now
from storage.database.types import UtcDateTime

_LOCKS = 0x7065726D  # "perm": advisory locks are the whole database's


def upsert(session: Session, table: type[DeclarativeBase]) -> Any:
    """An INSERT into `table` that takes `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def insert_new(session: Session, table: type[DeclarativeBase]) -> Any:
    """An INSERT that leaves rows that are there already as they are."""
    return upsert(session, table).on_conflict_do_nothing()


def new_ids(session: Session, table: type[DeclarativeBase], count: int) -> list[int]:
    """`count` ids that no row of `table` has, so that rows can refer to each other before they
    are written. To be used within the transaction that asked for them."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
        numbers = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
        return list(session.scalars(numbers))
    # Nobody else writes before a SQLite transaction that was begun for writing ends.
    highest = session.scalar(select(func.max(table.__table__.c.id))) or 0
    return list(range(highest + 1, highest + 1 + count))


def database_now(session: Session) -> datetime:
    """What time it is by the one clock that all processes on this database share, in UTC: the
    server's; on SQLite this machine's."""
    if session.get_bind().dialect.name != "postgresql":
        return system_now()
    now = session.scalar(select(func.clock_timestamp(type_=UtcDateTime())))
    return now if now is not None else system_now()


def share_lock(session: Session, number: int) -> None:
    """Have the lock of that number beside others that share it, until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock_shared(_LOCKS, number)))


def wait_for_lock(session: Session, number: int) -> None:
    """Have the lock of that number alone, until this transaction ends; waits for who has it.

    On SQLite whoever writes is alone, and always has it.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCKS, number)))


def try_lock(session: Session, number: int) -> bool:
    """Whether this transaction has the lock of that number, until it ends; at once.

    On SQLite whoever writes is alone, and always has it.
    """
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(_LOCKS, number))))
