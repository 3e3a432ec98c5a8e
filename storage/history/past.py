"""Pages that were fetched before what is known of their articles: an import's.

Such a page is compared with the version on either side of its time. Where it shows another text, a
version comes in between, and what was seen later of the version before is a version again: A -> B
-> A is three. Versions do not change; their numbers in the history do, and later findings replace
those of the fetches concerned.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.dialects import new_ids
from storage.history.article_histories import history_of, next_numbers, set_histories
from storage.history.captured_pages import Captured, Change, Deferred, Recorded
from storage.history.may_be_kept import readings_kept
from storage.history.readings import readings_of_versions, store_readings
from storage.history.retractions import last_sight
from storage.ledger.findings import NewFinding, latest_findings, of_fetch, record_findings
from storage.models import (
    Address,
    Article,
    Fetch,
    Finding,
    Frontier,
    Meaning,
    Outcome,
    Version,
    VersionState,
)

_CHUNK = 500  # findings a statement


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A version that was seen before or after a time, and the fetch whose page it was made of."""

    version_id: int
    fetch_id: int
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The versions on both sides of a fetch: at its address, else in the article's history."""

    before: Neighbour | None
    after: Neighbour | None


def neighbours(session: Session, address_id: int, fetch_id: int, at: datetime) -> Neighbours:
    """What was seen of the article at that address before and after a fetch."""
    article_id = session.scalar(select(Address.article_id).where(Address.id == address_id))
    seen = (
        select(Version.id, Version.fetch_id, Version.first_seen_at)
        .select_from(Fetch)
        .join(Finding, of_fetch())
        .join(VersionState, VersionState.version_id == Finding.version_id)
        .join(Version, Version.id == VersionState.version_id)
        .where(Fetch.address_id == address_id, VersionState.article_id == article_id)
        .limit(1)
    )
    stood = (
        select(Version.id, Version.fetch_id, Version.first_seen_at)
        .join(VersionState, VersionState.version_id == Version.id)
        .where(VersionState.article_id == article_id)
        .limit(1)
    )
    before = (
        session.execute(seen.where(Fetch.id < fetch_id).order_by(Fetch.id.desc())).first()
        or session.execute(
            stood.where(Version.first_seen_at <= at).order_by(VersionState.number.desc())
        ).first()
    )
    after = (
        session.execute(seen.where(Fetch.id > fetch_id).order_by(Fetch.id)).first()
        or session.execute(
            stood.where(Version.first_seen_at > at).order_by(VersionState.number)
        ).first()
    )
    return Neighbours(
        None if before is None else Neighbour(*before), None if after is None else Neighbour(*after)
    )


def is_past(session: Session, page: Captured) -> bool:
    """Whether the page's article, or its address, was looked at later than the page was fetched."""
    row = session.execute(
        select(Frontier.checked_at, VersionState.last_seen_at)
        .select_from(Address)
        .join(Frontier, Frontier.address_id == Address.id)
        .outerjoin(Article, Article.id == Address.article_id)
        .outerjoin(VersionState, VersionState.version_id == Article.current_version_id)
        .where(Address.id == page.address_id)
    ).one()
    if row.last_seen_at is None:
        return False
    return bool(page.fetched_at < max(row.last_seen_at, row.checked_at or row.last_seen_at))


def record_past(session: Session, page: Captured) -> Recorded | Deferred:
    """Put such a page on record, in its place. Deferred, and nothing is recorded, where it differs
    from the versions on both sides and is not judged yet. Idempotent."""
    known = latest_findings(session, [page.fetch_id]).get(page.fetch_id)
    address = session.get_one(Address, page.address_id)
    article = session.get_one(Article, address.article_id, with_for_update=True)
    if known is not None and known.version_id is not None:
        return Recorded(Change.UNCHANGED, article.id, known.version_id)
    (reading,) = readings_kept(session, [(page.fetch_id, page.reading)])
    page = replace(page, reading=reading)
    reading_id, fingerprint = store_readings(session, [reading])[reading.key]
    sides = neighbours(session, page.address_id, page.fetch_id, page.fetched_at)
    shown = _shown(session, page, sides, fingerprint)
    if shown is not None:
        _see(session, shown, page.fetched_at)
        _find(session, page, Outcome.UNCHANGED, Meaning.UNCHANGED, article.id, shown)
        return Recorded(Change.UNCHANGED, article.id, shown)
    if not page.judged:
        side = sides.before or sides.after
        return Deferred(article.id, None if side is None else side.version_id)
    version_id = _add(session, article, page, reading_id, sides)
    meaning = Meaning.NEW if sides.before is None else Meaning.EDITED
    _find(session, page, Outcome.FETCHED, meaning, article.id, version_id)
    return Recorded(Change.NEW_VERSION, article.id, version_id)


def _shown(session: Session, page: Captured, sides: Neighbours, fingerprint: bytes) -> int | None:
    """The version on one of both sides that the page shows."""
    ids = [side.version_id for side in (sides.before, sides.after) if side is not None]
    if page.shows in ids:
        return page.shows
    known = readings_of_versions(session, ids)
    for version_id in ids:
        said = {(extractor, it[1]) for (extractor, _), it in known[version_id].items()}
        if (page.reading.extractor, fingerprint) in said:
            return version_id
    return None


def _see(session: Session, version_id: int, at: datetime) -> None:
    state = session.get_one(VersionState, version_id)
    state.last_seen_at = max(state.last_seen_at, at)


def _find(
    session: Session,
    page: Captured,
    outcome: Outcome,
    meaning: Meaning,
    article_id: int,
    version_id: int,
) -> None:
    finding = NewFinding(
        page.fetch_id, outcome, meaning, article_id, version_id, page.reason, page.confidence
    )
    record_findings(session, [finding])


def _add(
    session: Session, article: Article, page: Captured, reading_id: int, sides: Neighbours
) -> int:
    """A version between those on both sides; its id."""
    history = history_of(session, article.id)
    payload, content = page.reading.digest, page.reading.content["digest"]
    added = new_version(
        session, article, page.fetch_id, page.fetched_at, reading_id, payload, content
    )
    if sides.before is None:
        history.insert(0, added)
        if sides.after is not None:
            _no_longer_new(session, sides.after, article.id)
    elif sides.before.fetched_at > page.fetched_at:
        place = history.index(sides.before.version_id)
        history[place:place] = [_earlier(session, article, sides.before, page), added]
    else:
        place = history.index(sides.before.version_id) + 1
        returned = _return(session, article, sides.before.version_id, page)
        history[place:place] = [added] if returned is None else [added, returned]
    session.flush()
    set_histories(session, {article.id: history})
    first = session.get_one(Version, history[0])
    article.first_seen_at = min(article.first_seen_at, first.first_seen_at)
    return added


def new_version(
    session: Session,
    article: Article,
    fetch_id: int,
    at: datetime,
    reading_id: int,
    payload: bytes,
    content: bytes,
) -> int:
    """A version at the end of the history, from where it is to be moved."""
    number, place = next_numbers(session, article.id)
    version = Version(
        id=new_ids(session, Version, 1)[0],
        article_id=article.id,
        number=number,
        digest=payload,
        reading_id=reading_id,
        recorded_content=content,
        fetch_id=fetch_id,
        first_seen_at=at,
    )
    session.add(version)
    session.flush()
    state = VersionState(
        version_id=version.id,
        best_reading=reading_id,
        last_seen_at=at,
        article_id=article.id,
        number=place,
    )
    session.add(state)
    session.flush()
    return version.id


def _earlier(session: Session, article: Article, later: Neighbour, page: Captured) -> int:
    """What was seen at that address before the page, of the version that came after it, is a
    version of its own: its id."""
    rows = session.scalars(
        select(Fetch)
        .join(Finding, of_fetch())
        .where(
            Fetch.address_id == page.address_id,
            Fetch.id < page.fetch_id,
            Finding.version_id == later.version_id,
        )
        .order_by(Fetch.id)
    ).all()
    first, last = rows[0], rows[-1]
    shown = session.get_one(Version, later.version_id)
    reading_id = session.get_one(VersionState, later.version_id).best_reading
    payload = first.digest or shown.digest
    version_id = new_version(
        session, article, first.id, first.fetched_at, reading_id, payload, shown.recorded_content
    )
    session.get_one(VersionState, version_id).last_seen_at = last.fetched_at
    known = latest_findings(session, [later.fetch_id]).get(later.fetch_id)
    was_new = known is not None and known.meaning is Meaning.NEW
    point(
        session,
        article.id,
        [row.id for row in rows],
        version_id,
        Meaning.NEW if was_new else Meaning.EDITED,
    )
    if known is not None:
        point(session, article.id, [later.fetch_id], later.version_id, Meaning.EDITED)
    return version_id


def _return(session: Session, article: Article, before_id: int, page: Captured) -> int | None:
    """What was seen of the version before at that address after the page, up to what was seen there
    of another, is a version of its own, which the version before came back as; its id."""
    later = sights_after(session, page, before_id)
    if not later:
        return None
    before = session.get_one(Version, before_id)
    state = session.get_one(VersionState, before_id)
    first = later[0]
    version_id = new_version(
        session, article, first.id, first.fetched_at, state.best_reading, before.digest,
        before.recorded_content,
    )  # fmt: skip
    returned = session.get_one(VersionState, version_id)
    returned.last_seen_at = later[-1].fetched_at
    point(session, article.id, [row.id for row in later], version_id, Meaning.EDITED)
    last = last_sight(session, article.id, before_id)
    state.last_seen_at = max(last or before.first_seen_at, before.first_seen_at)
    if article.current_version_id == before_id:
        article.current_version_id = version_id
    frontier = session.get_one(Frontier, page.address_id)
    if frontier.version_id == before_id:
        frontier.version_id = version_id
    return version_id


def sights_after(session: Session, page: Captured, version_id: int) -> Sequence[Fetch]:
    """The fetches after the page, at its address, that showed that version before any other."""
    rows = session.execute(
        select(Fetch, Finding.version_id)
        .join(Finding, of_fetch())
        .where(
            Fetch.address_id == page.address_id,
            Fetch.id > page.fetch_id,
            Finding.version_id.is_not(None),
        )
        .order_by(Fetch.id)
    ).all()
    found = []
    for fetch, shown in rows:
        if shown != version_id:
            break
        found.append(fetch)
    return found


def _no_longer_new(session: Session, first: Neighbour, article_id: int) -> None:
    """What was the article's first version is an edit of the one that came before."""
    known = latest_findings(session, [first.fetch_id]).get(first.fetch_id)
    if known is not None and known.meaning is Meaning.NEW:
        point(session, article_id, [first.fetch_id], first.version_id, Meaning.EDITED)


def point(
    session: Session, article_id: int, fetch_ids: Sequence[int], version_id: int, first: Meaning
) -> None:
    """These fetches showed that version; the first of them means what is said, the others what they
    did."""
    for start in range(0, len(fetch_ids), _CHUNK):
        some = fetch_ids[start : start + _CHUNK]
        known = latest_findings(session, some)
        findings = [
            NewFinding(
                fetch_id,
                known[fetch_id].outcome,
                first if fetch_id == fetch_ids[0] else known[fetch_id].meaning,
                article_id,
                version_id,
                known[fetch_id].reason,
                known[fetch_id].confidence,
            )
            for fetch_id in some
        ]
        record_findings(session, findings)
