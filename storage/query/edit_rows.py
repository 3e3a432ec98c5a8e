"""Edits, removals and returns as rows, streamed, in the order of time: EDIT_FIELDS' values."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from storage.query.edits import Wanted, edit_events


def edit_rows(session: Session, wanted: Wanted) -> Iterator[tuple[Any, ...]]:
    """Raises NotFound for a source or an article that is not there."""
    for it in edit_events(session, wanted):
        yield (
            it.event.value, it.source, it.article_id, it.url, it.from_version, it.to_version,
            it.from_version_id, it.to_version_id, it.not_before, it.not_after,
            [kind.value for kind in it.kinds], it.declared, it.alternating, it.words_deleted,
            it.words_inserted, it.title_before, it.title_after, it.confidence,
        )  # fmt: skip
