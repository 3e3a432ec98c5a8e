"""Which part of the ledger a statement asks about, where that is known.

PostgreSQL plans a statement for each month's partition that it might find something in: of ten
years some 400 of them where fetches are joined to their findings, for a tenth of a second and more.
With a span as plain numbers it plans for the months of the span alone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from storage.models import Address, Fetch


@dataclass(frozen=True, slots=True)
class Span:
    """The fetches from `first` to `last`, both included; every one, where they are None."""

    first: int | None = None
    last: int | None = None

    def holds(self, fetch_id: Any) -> ColumnElement[bool]:
        """Whether that column, of fetches or findings, has one of them."""
        if self.first is None or self.last is None:
            return true()
        between: ColumnElement[bool] = fetch_id.between(self.first, self.last)
        return between


EVERYWHERE: Final = Span()


def is_partitioned(session: Session) -> bool:
    """Whether a span spares anything; SQLite might take it for a better way than an index."""
    return session.get_bind().dialect.name == "postgresql"


def span_of(session: Session, article_ids: Collection[int]) -> Span:
    """What the fetches of these articles' addresses lie in."""
    if not is_partitioned(session):
        return EVERYWHERE
    first, last = session.execute(
        select(func.min(Fetch.id), func.max(Fetch.id))
        .join(Address, Address.id == Fetch.address_id)
        .where(Address.article_id.in_(article_ids))
    ).one()
    return Span(first or 0, last or 0)
