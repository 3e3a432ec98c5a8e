"""The latest edits, removals and returns of the versions that a search finds."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Version
from storage.query.edits import EditEvent, Wanted
from storage.query.event_pages import EventPage, latest_events
from storage.search.search import Search

MOST_LOOKED_AT: Final = 2_000
"""Events that are looked at for a page, whatever is found among them."""

_BATCH: Final = 100


def events_found(
    session: Session,
    search: Search,
    query: str,
    wanted: Wanted,
    *,
    limit: int,
    cursor: str | None = None,
) -> EventPage:
    """The latest events whose version (of a removal, the one that was removed) the query finds, as
    `latest_events`; about `limit` of them, fewer where few are among the latest: `cursor` goes on.

    Raises BadQuery too.
    """
    found: list[EditEvent] = []
    for _ in range(MOST_LOOKED_AT // _BATCH):
        page = latest_events(session, wanted, limit=_BATCH, cursor=cursor)
        found += _matching(session, search, query, page.events)
        cursor = page.cursor
        if cursor is None or len(found) >= limit:
            break
    return EventPage(tuple(found), cursor)


def _matching(
    session: Session, search: Search, query: str, events: tuple[EditEvent, ...]
) -> Iterator[EditEvent]:
    matching = search.versions_among(query, {it.article_id for it in events})
    identifiers = set(
        session.scalars(select(Version.identifier).where(Version.id.in_(sorted(matching))))
    )
    for event in events:
        if (event.to_version_id or event.from_version_id) in identifiers:
            yield event
