"""The few statements that SQLite and PostgreSQL spell through different constructs."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.models import Base


def upsert(session: Session, table: type[Base]) -> Any:
    """An INSERT into `table` that takes `on_conflict_do_nothing` and `on_conflict_do_update`."""
    name = session.get_bind().dialect.name
    return (postgresql if name == "postgresql" else sqlite).insert(table)


def insert_new(session: Session, table: type[Base]) -> Any:
    """An INSERT that leaves rows that are there already as they are."""
    return upsert(session, table).on_conflict_do_nothing()
