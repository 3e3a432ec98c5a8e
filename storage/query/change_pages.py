"""What changed in the archive, a page at a time."""

from sqlalchemy.orm import Session

from storage.ledger.changes import beginning, changes_since, parse_position
from storage.query.document_types import ChangeDocument
from storage.query.documents import change_document


def change_page(
    session: Session, since: str | None, *, limit: int
) -> tuple[list[ChangeDocument], str]:
    """At most `limit` changes that follow a position, from the first one on without, and the
    position behind them. Raises UnknownPosition, which is NotFound."""
    position = beginning(session) if since is None else parse_position(session, since)
    changes, position = changes_since(session, position, limit=limit)
    return [change_document(it) for it in changes], str(position)
