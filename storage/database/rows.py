"""Rows by their ids, many at once."""

from collections.abc import Collection
from typing import TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.orm import DeclarativeBase, Session

Row = TypeVar("Row", bound=DeclarativeBase)


def by_id(
    session: Session,
    table: type[Row],
    ids: Collection[int | None],
    *,
    lock: bool = False,
) -> dict[int, Row]:
    """The rows with these ids, None aside, in the order of their ids; locked if asked for."""
    key = inspect(table).primary_key[0]
    wanted = sorted(identity for identity in ids if identity is not None)
    if not wanted:
        return {}
    query = select(table).where(key.in_(wanted)).order_by(key)
    if lock:
        query = query.with_for_update()
    return {getattr(row, key.name): row for row in session.scalars(query)}
