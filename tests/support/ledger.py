"""The ledger of checks: what a crawl put on record of each path that it asked for."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select

from storage.database.archive import Archive
from storage.models import Address, Observation, Outcome


@dataclass(frozen=True, slots=True)
class Entry:
    outcome: Outcome
    status: int | None
    detail: str
    observed_at: datetime


def ledger(archive: Archive) -> dict[str, list[Entry]]:
    """The checks of each path, in order. Two sites' paths of one name are taken together."""
    checks: dict[str, list[Entry]] = {}
    with archive.reading() as session:
        rows = session.execute(
            select(
                Address.url,
                Observation.outcome,
                Observation.status,
                Observation.detail,
                Observation.observed_at,
            )
            .join(Observation, Observation.address_id == Address.id)
            .order_by(Observation.id)
        )
        for url, outcome, status, detail, observed_at in rows:
            entry = Entry(outcome, status, detail or "", observed_at)
            checks.setdefault(urlsplit(url).path, []).append(entry)
    return checks
