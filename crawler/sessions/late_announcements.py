"""What listings tell of a page only after it was fetched: that it was modified before."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from crawler.sessions.findings import Seen
from storage.frontier.listings import said_modified
from storage.history.looks import looks_before


def announced_late(session: Session, pages: Iterable[Seen]) -> set[int]:
    """Of these pages, by address, those that listings say were modified since what is known of
    them, and by the time that they were fetched."""
    pages = list(pages)
    said = said_modified(session, [page.address_id for page in pages])
    announced = set()
    for page in pages:
        at = said.get(page.address_id)
        if at is None or at > page.fetched_at:
            continue
        before = looks_before(session, page.address_id, page.fetch_id).fetched_at
        if before is not None and before < at:
            announced.add(page.address_id)
    return announced
