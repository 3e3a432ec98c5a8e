"""Sources as rows: the values of SOURCE_FIELDS, by name."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from storage.query.articles import source_records


def source_rows(session: Session) -> Iterator[tuple[Any, ...]]:
    """Every source, those too that were removed."""
    for it in source_records(session):
        yield (
            it.name, it.url, it.enabled, it.added_at, it.articles, it.last_success_at, it.terms,
            it.notes, it.removed_at,
        )  # fmt: skip
