"""Late versions: pages that were found to show a version, and to have been edited since.

A version that comes late is dated by the fetch that first showed it, and takes its place among the
others by that time. The fetches that saw it later are found to have seen it.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.history.article_histories import history_of, latest_shown, lock, set_histories
from storage.history.captured_pages import Captured
from storage.history.may_be_kept import readings_kept
from storage.history.past import new_version, point, sights_after
from storage.history.readings import store_readings
from storage.history.retractions import last_sight, standing
from storage.ledger.day_counts import Measure, count
from storage.ledger.findings import NewFinding, latest_findings, record_findings
from storage.models import (
    Address,
    Article,
    Content,
    Frontier,
    Meaning,
    Reading,
    Version,
    VersionState,
)


def add_late_version(session: Session, page: Captured) -> int | None:
    """Record the version that the page was the first to show; its id, or that of the one that was
    recorded of it before and that an operator took back. None where there is nothing to record: the
    page made a version already, or reads as the one that it was found to show."""
    address = session.get_one(Address, page.address_id)
    known = latest_findings(session, [page.fetch_id]).get(page.fetch_id)
    if known is None or known.version_id is None or address.article_id is None:
        return None
    article, before = session.get_one(Article, address.article_id), known.version_id
    lock(session, article)
    there = session.scalar(
        select(VersionState)
        .join(Version, Version.id == VersionState.version_id)
        .where(VersionState.article_id == article.id, Version.fetch_id == page.fetch_id)
    )
    if there is not None:
        return there.version_id if there.overruling_id is not None else None
    (reading,) = readings_kept(session, [(page.fetch_id, page.reading)])
    page = replace(page, reading=reading)
    reading_id, fingerprint = store_readings(session, [reading])[reading.key]
    if fingerprint == _says(session, before):
        return None
    payload, content = page.reading.digest, page.reading.content["digest"]
    version_id = new_version(
        session, article, page.fetch_id, page.fetched_at, reading_id, payload, content
    )
    later = [it.id for it in sights_after(session, page, before)]
    found = NewFinding(
        page.fetch_id, known.outcome, Meaning.EDITED, article.id, version_id, page.reason
    )
    record_findings(session, [found])
    if later:
        point(session, article.id, later, version_id, Meaning.UNCHANGED)
    day = (address.source_id, page.fetched_at.astimezone(UTC).date(), Measure.EDITS)
    count(session, Counter([day]))
    session.execute(
        update(Frontier)
        .where(Frontier.address_id == address.id, Frontier.version_id == before)
        .values(version_id=version_id)
        .execution_options(synchronize_session=False)
    )
    for it in (version_id, before, standing(session, [before]).get(before, before)):
        seen = last_sight(session, article.id, it)
        if seen is not None:
            session.get_one(VersionState, it).last_seen_at = seen
    session.flush()
    set_histories(session, {article.id: _in_order(session, article.id)})
    current = latest_shown(session, article)
    if current is not None:
        article.current_version_id = standing(session, [current]).get(current, current)
    return version_id


def _says(session: Session, version_id: int) -> bytes | None:
    """The fingerprint of what the version says, or the one that counts in its stead."""
    instead = standing(session, [version_id]).get(version_id, version_id)
    return session.scalar(
        select(Content.fingerprint)
        .join(Reading, Reading.content_digest == Content.digest)
        .join(VersionState, VersionState.best_reading == Reading.id)
        .where(VersionState.version_id == instead)
    )


def _in_order(session: Session, article_id: int) -> list[int]:
    """The article's versions with the last, which came late, put where its time is."""
    *others, late = history_of(session, article_id)
    seen = dict(
        session.execute(
            select(Version.id, Version.first_seen_at)
            .join(VersionState, VersionState.version_id == Version.id)
            .where(VersionState.article_id == article_id)
        ).all()
    )
    before = [place for place, it in enumerate(others, start=1) if seen[it] <= seen[late]]
    place = max(before, default=0)
    return [*others[:place], late, *others[place:]]
