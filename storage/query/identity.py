"""Which addresses are one article, and why."""

from sqlalchemy.orm import Session

from storage.history.identity_records import IdentityRecord, identity_record
from storage.history.lookup import find_article

__all__ = ["IdentityRecord", "identity_named"]


def identity_named(session: Session, name: str) -> IdentityRecord:
    """The identity of the article of that number, address or version; of one that was split off and
    not read again yet too. Raises NotFound."""
    return identity_record(session, find_article(session, name, unread=True))
