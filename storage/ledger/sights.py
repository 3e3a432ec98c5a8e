"""Sights: fetches whose stored pages showed articles."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.ledger.fetch_ids import first_id_at
from storage.ledger.findings import of_fetch
from storage.models import Fetch, Finding, Frontier, Version


@dataclass(frozen=True, slots=True)
class Sight:
    """A fetch whose page, which is stored, showed a version."""

    fetch_id: int
    address_id: int
    fetched_at: datetime


def sights_since(session: Session, source_id: int, since: datetime) -> dict[int, list[Sight]]:
    """By the ids of those of a source's addresses that were looked at since then: their sights
    since, and the last before; of sights of the same bytes in a row the first."""
    found: dict[int, list[Sight]] = {}
    addresses = session.scalars(
        select(Frontier.address_id)
        .where(Frontier.source_id == source_id, Frontier.checked_at >= since)
        .order_by(Frontier.address_id)
    ).all()
    for address_id in addresses:
        sights = _sights(session, address_id, since)
        if len(sights) > 1:
            found[address_id] = sights
    return found


def _sights(session: Session, address_id: int, since: datetime) -> list[Sight]:
    query = (
        select(Fetch.id, Fetch.fetched_at, Fetch.digest)
        .join(Finding, of_fetch())
        .where(
            Fetch.address_id == address_id,
            Fetch.digest.is_not(None),
            Finding.version_id.is_not(None),
        )
    )
    begins = first_id_at(since)
    before = session.execute(
        query.where(Fetch.id < begins).order_by(Fetch.id.desc()).limit(1)
    ).all()
    later = session.execute(query.where(Fetch.id >= begins).order_by(Fetch.id)).all()
    found: list[Sight] = []
    known: bytes | None = None
    for fetch_id, fetched_at, digest in (*before, *later):
        if digest != known:
            found.append(Sight(fetch_id, address_id, fetched_at))
        known = digest
    return found


def first_sights_of(session: Session, version_ids: Collection[int]) -> list[Sight]:
    """The fetches that first showed these versions, in order."""
    rows = session.execute(
        select(Fetch.id, Fetch.address_id, Fetch.fetched_at)
        .join(Version, Version.fetch_id == Fetch.id)
        .where(Version.id.in_(version_ids))
        .order_by(Fetch.id)
    )
    return [Sight(*row) for row in rows]
