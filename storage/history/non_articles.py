"""Pages that were fetched and are no articles, put on record."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from storage.database.rows import by_id
from storage.frontier import revisits
from storage.history.captured_pages import Deferred
from storage.history.presence import Removal, record_removals, state_of
from storage.ledger.day_counts import DayMeasure, Measure, count
from storage.ledger.findings import NewFinding, record_findings
from storage.models import Address, Article, Frontier, Outcome, VersionState

_WALLS = frozenset({Outcome.BLOCKED, Outcome.CHALLENGE, Outcome.PAYWALL})


@dataclass(frozen=True, slots=True)
class NonArticle:
    """A captured page that is no article: `outcome` says what it is, `detail` why; `judged` as of
    a page that was captured."""

    fetch_id: int
    address_id: int
    fetched_at: datetime
    outcome: Outcome
    detail: str | None
    judged: bool = False


def record_non_articles(session: Session, pages: Sequence[NonArticle]) -> list[Deferred | None]:
    """Put on record that these pages are no articles. Idempotent.

    The next check fetches and reads them again, whether or not their bytes are the same.
    """
    frontier = by_id(session, Frontier, {page.address_id for page in pages})
    results: list[Deferred | None] = []
    counts: Counter[DayMeasure] = Counter()
    for page in pages:
        row = frontier[page.address_id]
        if not page.judged and row.version_id is not None:
            article_id = session.get_one(Address, page.address_id).article_id
            article = None if article_id is None else session.get(Article, article_id)
            dismissed = article is not None and article.dismissed_as is not None
            results.append(Deferred(article_id, row.version_id, dismissed))
            continue
        results.append(None)
        first = _clear_pending(
            session,
            page.address_id,
            page.fetch_id,
            digest=None,
            etag=None,
            last_modified=None,
            due_at=_due(session, row, page),
        )
        if not first:
            continue
        finding = NewFinding(
            page.fetch_id,
            page.outcome,
            article_id=session.get_one(Address, page.address_id).article_id,
            reason=page.detail,
        )
        record_findings(session, [finding])
        day = page.fetched_at.astimezone(UTC).date()
        counts[row.source_id, day, Measure(f"page-{page.outcome.value}")] += 1
        state = state_of(page.outcome, page.detail)
        if state is not None:
            removal = Removal(page.address_id, page.fetch_id, state)
            record_removals(session, [removal])
    count(session, counts)
    return results


def _due(session: Session, row: Frontier, page: NonArticle) -> datetime:
    """When to look at the page again."""
    if page.outcome not in _WALLS:
        return revisits.after_non_article(page.outcome, page.fetched_at)
    shown = None if row.version_id is None else session.get(VersionState, row.version_id)
    since = row.changed_at if shown is None else shown.last_seen_at
    return revisits.after_wall(page.fetched_at, since=since)


def _clear_pending(session: Session, address_id: int, fetch_id: int, **values: object) -> bool:
    """Mark the capture as read, with these values in the frontier; False if it was before."""
    cleared = session.scalar(
        update(Frontier)
        .where(Frontier.address_id == address_id, Frontier.pending_fetch_id == fetch_id)
        .values(pending_fetch_id=None, **values)
        .returning(Frontier.address_id)
    )
    return cleared is not None
