"""What is counted of each source on each day (UTC), so that a day's silence can be explained.

The counts are written in the transactions of the checks they count, so neither can be had without
the other. docs/operating.md says what each measure means to an operator.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from storage.database.dialects import upsert
from storage.models import AddressKind, Outcome, SourceDay


class Measure(StrEnum):
    """What is counted. The values are documented and stay."""

    LISTED = "listed"
    """Pages that a feed, sitemap, front or section page named for the first time."""

    LISTING_FETCHED = "listing-fetched"
    LISTING_UNCHANGED = "listing-unchanged"
    LISTING_MOVED = "listing-moved"
    LISTING_FAILED = "listing-failed"
    """Checks of feeds, sitemaps, front and section pages: robots.txt is none."""

    PAGE_FETCHED = "page-fetched"
    PAGE_UNCHANGED = "page-unchanged"
    PAGE_MOVED = "page-moved"
    PAGE_GONE = "page-gone"
    PAGE_NOT_FOUND = "page-not-found"
    PAGE_BLOCKED = "page-blocked"
    PAGE_FAILED = "page-failed"
    PAGE_CHALLENGE = "page-challenge"
    PAGE_PAYWALL = "page-paywall"
    PAGE_NOT_ARTICLE = "page-not-article"
    PAGE_UNREADABLE = "page-unreadable"
    """Checks of pages by outcome, each counted once: when its outcome is final."""

    ARTICLES = "articles"
    """Articles seen for the first time."""
    EDITS = "edits"
    """Versions of articles that were known."""

    READINGS = "readings"
    """Readings of a page, new or changed, that gave an article; the next three are of these."""
    UNDATED = "undated"
    """Readings without the time of publication."""
    CHARACTERS = "characters"
    """The length of their texts in sum."""
    REMOVED_CHARACTERS = "removed-characters"
    """What was taken out of them as the site's own, in sum."""


_LISTINGS = {
    Outcome.FETCHED: Measure.LISTING_FETCHED,
    Outcome.UNCHANGED: Measure.LISTING_UNCHANGED,
    Outcome.MOVED: Measure.LISTING_MOVED,
}

DayMeasure = tuple[int, date, Measure]
"""(source id, day in UTC, measure)"""


def measure_of_check(kind: AddressKind, outcome: Outcome) -> Measure | None:
    """As what a check with this final outcome is counted; None for robots.txt."""
    if kind is AddressKind.PAGE:
        return Measure(f"page-{outcome.value}")
    if kind is AddressKind.ROBOTS:
        return None
    return _LISTINGS.get(outcome, Measure.LISTING_FAILED)


def count(session: Session, counts: Mapping[DayMeasure, int]) -> None:
    """Add to what was counted before; a number below zero takes away."""
    # In a fixed order: two processes that count for the same sources must not wait for each other.
    rows = [
        {"source_id": source_id, "day": day, "measure": measure.value, "count": number}
        for (source_id, day, measure), number in sorted(counts.items())
        if number
    ]
    if not rows:
        return
    insert = upsert(session, SourceDay)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["source_id", "day", "measure"],
            set_={"count": SourceDay.count + insert.excluded.count},
        ),
        rows,
    )
