"""Retraction: a version that turned out to be no edit is left out of its article's history.

A version stands unless its best reading says, word for word, what the version before it says that
stands, or an operator says that it is the site's (history.overrulings). A version that began an
article was never taken for an edit, and always stands. Two that different extractors read tell
nothing: they stay as they are until one has read both.

A retracted version keeps its row, its number and its identifier. The version before it counts in
its stead: as current, and as what readers saw. The address that showed it is still known to have
shown its page, so that what comes next is compared with that page.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from storage.database.clock import utc_now
from storage.history.edit_rows import refresh_edits
from storage.ledger.day_counts import DayMeasure, Measure, count
from storage.ledger.findings import NewFinding, is_latest, record_findings
from storage.models import (
    Address,
    Article,
    Content,
    Fetch,
    Finding,
    Frontier,
    Meaning,
    Outcome,
    Overruling,
    Reading,
    RedactedVersion,
    Version,
    VersionState,
)

_CHUNK = 500  # versions a statement: SQLite takes 32,766 parameters


@dataclass(frozen=True, slots=True)
class _Place:
    """A version in its article's history."""

    article_id: int
    source_id: int
    version_id: int
    identifier: str
    number: int
    begins: bool
    fetch_id: int
    first_seen_at: datetime
    last_seen_at: datetime
    extractor: str
    fingerprint: bytes
    retracted_at: datetime | None
    overruling_id: int | None
    redacted: bool

    def stands_after(self, before: "_Place", *, freed: bool) -> bool:
        """Whether it is a version of its own, after that one; `freed` if that is judged anew."""
        if self.begins:
            return True
        if self.overruling_id is not None:
            return False
        # Two that are told apart by nothing but what was taken out are two still.
        if self.redacted or (self.extractor != before.extractor and not freed):
            return self.retracted_at is None
        return self.fingerprint != before.fingerprint


def settle_versions(
    session: Session, version_ids: Collection[int], *, freed: Collection[int] = ()
) -> None:
    """Retract, in the histories that have these versions, what turned out to be no edit, and let
    stand again what does; bring the rows of `edit` in line. Of those that are `freed` an operator
    said something else before. The session is flushed."""
    session.flush()
    ids = sorted(set(version_ids))
    moved: list[int] = []
    for start in range(0, len(ids), _CHUNK):
        for history in _histories(session, ids[start : start + _CHUNK]):
            if _settle(session, history, freed):
                moved += (it.version_id for it in history)
    refresh_edits(session, [*ids, *moved])


def standing(
    session: Session, version_ids: Collection[int], *, known_by: datetime | None = None
) -> dict[int, int]:
    """By the ids of those of these versions that are retracted, or were by then, the versions that
    count in their stead."""
    stands, between = aliased(VersionState), aliased(VersionState)
    later = select(between.version_id).where(
        between.article_id == VersionState.article_id,
        between.number > stands.number,
        between.number < VersionState.number,
        between.retracted_at.is_(None),
    )
    rows = session.execute(
        select(VersionState.version_id, stands.version_id)
        .join(
            stands,
            (stands.article_id == VersionState.article_id)
            & (stands.number < VersionState.number)
            & stands.retracted_at.is_(None),
        )
        .where(
            VersionState.version_id.in_(version_ids),
            VersionState.retracted_at.is_not(None)
            if known_by is None
            else VersionState.retracted_at <= known_by,
            ~later.exists(),
        )
    )
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class Retraction:
    """That a version is none, since `at`, and why; `counts_as` is the identifier of the one that
    counts in its stead, and `version` its number."""

    at: datetime
    reason: str | None
    counts_as: str
    version: int


def retraction_of(session: Session, version_id: int) -> Retraction | None:
    """Why that version was retracted; None where it stands."""
    instead = standing(session, [version_id]).get(version_id)
    if instead is None:
        return None
    at, reason = session.execute(
        select(VersionState.retracted_at, Finding.reason)
        .join(Version, Version.id == VersionState.version_id)
        .outerjoin(Finding, (Finding.fetch_id == Version.fetch_id) & is_latest())
        .where(Version.id == version_id)
    ).one()
    identifier, number = session.execute(
        select(Version.identifier, VersionState.number)
        .join(VersionState, VersionState.version_id == Version.id)
        .where(Version.id == instead)
    ).one()
    return None if at is None else Retraction(at, reason, identifier, number)


def _histories(session: Session, version_ids: Sequence[int]) -> Iterator[list[_Place]]:
    """The histories of more than one version that have one of these."""
    articles = select(VersionState.article_id).where(VersionState.version_id.in_(version_ids))
    histories: defaultdict[int, list[_Place]] = defaultdict(list)
    for row in session.execute(
        select(
            VersionState.article_id,
            Article.source_id,
            VersionState.version_id,
            Version.identifier,
            VersionState.number,
            (Version.number == 1).label("begins"),
            Version.fetch_id,
            Version.first_seen_at,
            VersionState.last_seen_at,
            Reading.extractor,
            Content.fingerprint,
            VersionState.retracted_at,
            VersionState.overruling_id,
            exists().where(RedactedVersion.version_id == Version.id).label("redacted"),
        )
        .join(Version, Version.id == VersionState.version_id)
        .join(Article, Article.id == VersionState.article_id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .join(Content, Content.digest == Reading.content_digest)
        .where(VersionState.article_id.in_(articles))
        .order_by(VersionState.article_id, VersionState.number)
    ):
        histories[row.article_id].append(_Place(**row._mapping))
    yield from (history for history in histories.values() if len(history) > 1)


def _settle(session: Session, history: Sequence[_Place], freed: Collection[int]) -> bool:
    """Whether anything of the history changed."""
    settled = list(_settled(history, freed, utc_now()))
    changed = [
        after
        for before, after in zip(history, settled, strict=True)
        if (before.retracted_at is None) != (after.retracted_at is None)
    ]
    if not changed:
        return False
    session.execute(
        update(VersionState),
        [{"version_id": it.version_id, "retracted_at": it.retracted_at} for it in changed],
    )
    before, after = _in_stead(history), _in_stead(settled)
    record_findings(session, list(_findings(session, changed, after, freed)))
    count(session, _counts(changed))
    _set_last_seen(session, settled, before, after)
    _set_current(session, before, after)
    return True


def _settled(history: Sequence[_Place], freed: Collection[int], now: datetime) -> Iterator[_Place]:
    """The history as it is to be."""
    stands: _Place | None = None
    for it in history:
        if stands is None or it.stands_after(stands, freed=it.version_id in freed):
            stands = replace(it, retracted_at=None)
            yield stands
        else:
            yield replace(it, retracted_at=it.retracted_at or now)


def _in_stead(history: Sequence[_Place]) -> dict[int, _Place]:
    """By the id of each version the one that counts for it: itself, where it stands."""
    stands, found = history[0], {}
    for it in history:
        stands = it if it.retracted_at is None else stands
        found[it.version_id] = stands
    return found


def _findings(
    session: Session,
    changed: Sequence[_Place],
    in_stead: Mapping[int, _Place],
    freed: Collection[int],
) -> Iterator[NewFinding]:
    """What the fetches that first saw these versions mean now; of one that stands again, what they
    meant before."""
    known: defaultdict[int, list[Finding]] = defaultdict(list)
    for finding in session.scalars(
        select(Finding)
        .where(Finding.fetch_id.in_([it.fetch_id for it in changed]))
        .order_by(Finding.fetch_id, Finding.number)
    ):
        known[finding.fetch_id].append(finding)
    said = _said(session, [it.overruling_id for it in changed if it.overruling_id is not None])
    for it in changed:
        found = NewFinding(
            it.fetch_id,
            known[it.fetch_id][-1].outcome if known[it.fetch_id] else Outcome.FETCHED,
            Meaning.RETRACTED,
            article_id=it.article_id,
            version_id=it.version_id,
            reason=said.get(
                it.overruling_id or 0,
                f"reads as version {in_stead[it.version_id].number} before it",
            ),
        )
        if it.retracted_at is None:
            meant = [one for one in known[it.fetch_id] if one.meaning is not Meaning.RETRACTED]
            found = replace(
                found,
                meaning=meant[-1].meaning if meant else Meaning.EDITED,
                confidence=meant[-1].confidence if meant else None,
                reason="an operator's word was taken back"
                if it.version_id in freed
                else "reads otherwise than the version before it again",
            )
        yield found


def _said(session: Session, overruling_ids: Collection[int]) -> dict[int, str]:
    """Why an operator says that versions are the site's."""
    if not overruling_ids:
        return {}
    rows = session.scalars(select(Overruling).where(Overruling.id.in_(overruling_ids)))
    return {
        it.id: f"an operator says that it is the site's: {it.undone_reason or it.reason}"
        for it in rows
    }


def _counts(changed: Iterable[_Place]) -> Counter[DayMeasure]:
    """What they add to the edits of their days."""
    counts: Counter[DayMeasure] = Counter()
    for it in changed:
        day = (it.source_id, it.first_seen_at.astimezone(UTC).date(), Measure.EDITS)
        counts[day] += 1 if it.retracted_at is None else -1
    return counts


def _set_last_seen(
    session: Session,
    history: Sequence[_Place],
    before: Mapping[int, _Place],
    after: Mapping[int, _Place],
) -> None:
    """A version was last seen when it was itself, or one for which it counts."""
    counted: defaultdict[int, list[datetime]] = defaultdict(list)
    stood_in = {stead.version_id for it, stead in before.items() if it != stead.version_id}
    for it in history:
        stead = after[it.version_id].version_id
        own = stead == it.version_id and stead in stood_in
        seen = last_sight(session, it.article_id, it.version_id) if own else it.last_seen_at
        counted[stead].append(seen or it.first_seen_at)
    session.execute(
        update(VersionState),
        [{"version_id": it, "last_seen_at": max(times)} for it, times in counted.items()],
    )


def last_sight(session: Session, article_id: int, version_id: int) -> datetime | None:
    """When a page of the article was last found to show that version itself."""
    return session.scalar(
        select(Fetch.fetched_at)
        .join(Address, Address.id == Fetch.address_id)
        .join(Finding, (Finding.fetch_id == Fetch.id) & is_latest())
        .where(Address.article_id == article_id, Finding.version_id == version_id)
        .order_by(Fetch.id.desc())
        .limit(1)
    )


def _set_current(
    session: Session, before: Mapping[int, _Place], after: Mapping[int, _Place]
) -> None:
    """Let the article's pointer go to a version that stands: from one that is retracted to the one
    that counts in its stead, and back to the last that an address shows."""
    article = session.get_one(Article, next(iter(after.values())).article_id)
    current = after.get(article.current_version_id or 0)
    if current is None:
        return
    back = [it for it in after.values() if before[it.version_id].version_id == current.version_id]
    if len({it.version_id for it in back}) > 1:
        shown = session.scalars(
            select(Frontier.version_id)
            .join(Address, Address.id == Frontier.address_id)
            .where(Address.article_id == article.id, Frontier.version_id.is_not(None))
        )
        seen = [after[it] for it in shown if it is not None and it in after]
        current = max(seen or back, key=lambda it: it.number)
    article.current_version_id = current.version_id
    session.flush()
