"""Which sources' pages are shown in a browser, and what was found of who needs it."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.frontier.due import make_due
from storage.ledger.findings import of_fetch
from storage.models import Address, AddressKind, BrowserNeed, Fetch, Finding, Frontier, Source

NEEDS_JAVASCRIPT: Final = "needs-javascript"
"""The reason of a finding: the page says nothing without its scripts."""

MOST_ASKED_AGAIN: Final = 2_000
"""Pages that are asked for again once a browser is there for them."""


def record_need(session: Session, source_id: int, need: BrowserNeed, *, now: datetime) -> None:
    """Put on record what was found. Pages that said nothing before are due, once they may."""
    source = session.get_one(Source, source_id)
    source.browser_need = need
    if need is BrowserNeed.SHOWN:
        ask_again(session, source_id, now=now)


def ask_again(session: Session, source_id: int, *, now: datetime) -> None:
    """Make those of the source's pages due that said nothing without their scripts."""
    latest = (
        select(Finding.reason)
        .select_from(Fetch)
        .join(Finding, of_fetch())
        .where(Fetch.address_id == Frontier.address_id)
        .order_by(Fetch.id.desc())
        .limit(1)
        .correlate(Frontier)
        .scalar_subquery()
    )
    pages = session.scalars(
        select(Frontier.address_id)
        .join(Address, Address.id == Frontier.address_id)
        .where(
            Frontier.source_id == source_id,
            Frontier.version_id.is_(None),
            Frontier.due_at > now,
            Address.kind == AddressKind.PAGE,
            latest == NEEDS_JAVASCRIPT,
        )
        .order_by(Frontier.due_at.desc())
        .limit(MOST_ASKED_AGAIN)
    )
    make_due(session, pages.all(), now=now)
