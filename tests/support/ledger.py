"""The ledger of checks: what a crawl put on record of each path that it asked for."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select

from storage.database.archive import Archive
from storage.ledger.findings import of_fetch, outcome_of_fetch, reason_of_fetch
from storage.models import Address, Fetch, Finding, Outcome


@dataclass(frozen=True, slots=True)
class Entry:
    outcome: Outcome
    status: int | None
    detail: str
    fetched_at: datetime


def ledger(archive: Archive) -> dict[str, list[Entry]]:
    """The checks of each path, in order. Two sites' paths of one name are taken together."""
    checks: dict[str, list[Entry]] = {}
    with archive.reading() as session:
        rows = session.execute(
            select(
                Address.url,
                outcome_of_fetch(),
                Fetch.status,
                reason_of_fetch(),
                Fetch.fetched_at,
            )
            .join(Fetch, Fetch.address_id == Address.id)
            .outerjoin(Finding, of_fetch())
            .order_by(Fetch.id)
        )
        for url, outcome, status, detail, fetched_at in rows:
            entry = Entry(outcome, status, detail or "", fetched_at)
            checks.setdefault(urlsplit(url).path, []).append(entry)
    return checks
