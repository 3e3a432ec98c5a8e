"""Captures: what was fetched and kept, ready to be read, the first time or again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.errors import NotFound
from storage.ledger.payloads import load_payload
from storage.models import Address, Capture, Frontier, Observation


@dataclass(frozen=True, slots=True)
class PendingCapture:
    """A page whose payload is in the archive and still to be extracted."""

    address_id: int
    source_id: int
    observation_id: int
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """A capture with its payload. `headers` has the last value of each name, as sent."""

    url: str
    digest: bytes
    headers: dict[str, str]
    body: bytes


def load_capture(session: Session, observation_id: int) -> StoredCapture:
    """The capture of that observation. Raises NotFound."""
    row = session.execute(
        select(Address.url, Capture.digest, Capture.headers)
        .join(Observation, Observation.id == Capture.observation_id)
        .join(Address, Address.id == Observation.address_id)
        .where(Capture.observation_id == observation_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"no capture of observation {observation_id}")
    return StoredCapture(
        url=row.url,
        digest=row.digest,
        headers=dict(row.headers),
        body=load_payload(session, row.digest),
    )


def pending_captures(session: Session, source_id: int) -> list[PendingCapture]:
    """The source's captures that wait for extraction, the oldest first."""
    rows = session.execute(
        select(Frontier.address_id, Observation.id, Observation.observed_at)
        .join(Observation, Observation.id == Frontier.pending_observation_id)
        .where(Frontier.source_id == source_id, Frontier.pending_observation_id.is_not(None))
        .order_by(Frontier.pending_observation_id)
    )
    return [
        PendingCapture(address_id, source_id, observation_id, observed_at)
        for address_id, observation_id, observed_at in rows
    ]
