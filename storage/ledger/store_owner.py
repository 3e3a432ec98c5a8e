"""Whose a payload store is: one archive's, whose identity is written there. Of two on one store
each would take the other's objects for orphans."""

from typing import Final

from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from storage.database.errors import BadSetting
from storage.database.settings import PAYLOADS_VARIABLE, payloads_url
from storage.ledger.payload_store import PayloadStore, unavailable
from storage.models import ArchiveIdentity

_known: Final[set[tuple[str | None, URL]]] = set()


def require_own(session: Session, store: PayloadStore, *, anew: bool = False) -> None:
    """Make the settings' store this archive's where it is nobody's yet. A process asks once, the
    archive too, but for `anew`. Raises BadSetting where it is another's, and StoreUnavailable."""
    place = payloads_url(), session.get_bind().engine.url
    if place in _known and not anew:
        return
    name = session.scalars(select(ArchiveIdentity.id)).one()
    owner = _owned(store, name, replace=False)
    if owner != name:
        raise BadSetting(
            f"{PAYLOADS_VARIABLE}={payloads_url()}: this payload store is another archive's "
            f"({owner}), and each would delete the other's pages: name another place. Where that "
            "one is no more, as after a move, run `permalien db take-store`"
        )
    _known.add(place)


def take(session: Session, store: PayloadStore) -> str | None:
    """Make the settings' store this archive's; whose it was. Raises StoreUnavailable."""
    try:
        before = store.owner()
    except OSError as error:
        raise unavailable(error) from error
    name = session.scalars(select(ArchiveIdentity.id)).one()
    _owned(store, name, replace=True)
    return before


def _owned(store: PayloadStore, name: str, *, replace: bool) -> str | None:
    """Whose the store is, once this archive has asked for it."""
    try:
        if replace or store.owner() is None:
            store.own(name, replace=replace)
        return store.owner()
    except OSError as error:
        raise unavailable(error) from error
