"""A check: one kind of question that verification asks, and how long its answer takes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage.verification.report import Report
from storage.verification.scope import Scope

BATCH = 500  # rows that are in memory at a time

AnySelect = Select[*tuple[Any, ...]]

Done = Callable[[int], None]
"""Is told how many more rows were checked."""


@dataclass(frozen=True, slots=True)
class Check:
    """`rows` counts what it will look at, each at `cost` (milliseconds, about); `run` looks. One
    that is `always` wanted is so of a sample too."""

    name: str
    cost: float
    rows: Callable[[Session, Scope], int]
    run: Callable[[Session, Scope, Report, Done], None]
    always: bool = False


def count(session: Session, query: AnySelect) -> int:
    """How many rows a query gives."""
    return session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def batches(session: Session, query: AnySelect, size: int = BATCH) -> Iterator[Sequence[Any]]:
    """The rows of a query, so many at a time, in bounded memory."""
    with session.execute(query, execution_options={"yield_per": size}) as result:
        yield from result.partitions()
