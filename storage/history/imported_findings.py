"""What captures of a file meant, put on record: of pages that were read, and of other answers.

Nothing is due sooner for it: a page of the past is looked at again as one would be that stayed the
same until it was imported.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from storage.database.rows import by_id
from storage.frontier import revisits
from storage.frontier.revisits import EditStats
from storage.history.captured_pages import Captured, Deferred, Recorded
from storage.history.past import is_past, neighbours, record_past
from storage.history.presence import Removal, record_removals, state_of
from storage.history.versioning import record_articles
from storage.ledger.day_counts import Measure, count
from storage.ledger.findings import NewFinding, latest_findings, record_findings
from storage.models import (
    Address,
    ArticleState,
    Frontier,
    Meaning,
    Outcome,
    Source,
    VersionState,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a capture came to that shows no article: its status says so (`outcome`, with the reason
    in `detail`), or its page. `judged`: that an article that was there is not is no mistake, and
    `away` how it is away; None where the article is not away all the same."""

    fetch_id: int
    address_id: int
    fetched_at: datetime
    imported_at: datetime
    outcome: Outcome
    detail: str | None
    judged: bool = False
    away: ArticleState | None = None


def record_imported(session: Session, pages: Sequence[Captured]) -> list[Recorded | Deferred]:
    """As versioning.record_articles, wherever in the history of its article a page belongs."""
    frontier = by_id(session, Frontier, {page.address_id for page in pages})
    sources = by_id(session, Source, {row.source_id for row in frontier.values()})
    for page in pages:
        row = frontier[page.address_id]
        at = page.imported_at or page.fetched_at
        _advance(row, sources[row.source_id], page.fetched_at, at)
    results = list(record_articles(session, pages))
    for place, (page, result) in enumerate(zip(pages, results, strict=True)):
        if isinstance(result, Deferred) and is_past(session, page):
            results[place] = record_past(session, page)
    return results


def record_answers(session: Session, answers: Sequence[Answer]) -> list[bool]:
    """Put on record what these captures came to. True, and nothing is recorded, of the latest look
    at an article that is not there: it is to be judged. Idempotent."""
    return [_record_answer(session, answer) for answer in answers]


def _record_answer(session: Session, answer: Answer) -> bool:
    if answer.fetch_id in latest_findings(session, [answer.fetch_id]):
        return False
    row = session.get_one(Frontier, answer.address_id)
    source = session.get_one(Source, row.source_id)
    _advance(row, source, answer.fetched_at, answer.imported_at)
    is_latest = row.checked_at == answer.fetched_at
    article_id = session.get_one(Address, answer.address_id).article_id
    if not answer.judged and is_latest and row.version_id is not None and _says_away(answer):
        return True
    version_id = None
    if answer.outcome is Outcome.UNCHANGED:
        sides = neighbours(session, answer.address_id, answer.fetch_id, answer.fetched_at)
        version_id = None if sides.before is None else sides.before.version_id
    finding = NewFinding(
        answer.fetch_id,
        answer.outcome,
        None if version_id is None else Meaning.UNCHANGED,
        article_id=article_id,
        version_id=version_id,
        reason=answer.detail,
    )
    record_findings(session, [finding])
    if version_id is not None:
        state = session.get_one(VersionState, version_id)
        state.last_seen_at = max(state.last_seen_at, answer.fetched_at)
        session.flush()
    elif answer.away is not None and is_latest:
        record_removals(session, [Removal(answer.address_id, answer.fetch_id, answer.away)])
    day = answer.fetched_at.astimezone(UTC).date()
    count(session, {(row.source_id, day, Measure(f"page-{answer.outcome.value}")): 1})
    return False


def _says_away(answer: Answer) -> bool:
    return state_of(answer.outcome, answer.detail) is not None


def _advance(row: Frontier, source: Source, fetched_at: datetime, imported_at: datetime) -> None:
    """Move the frontier where nothing later is known of the address."""
    if row.checked_at is not None and row.checked_at >= fetched_at:
        return
    row.checked_at, row.attempts = fetched_at, 0
    # The next look fetches the page whole, and reads it.
    row.digest = row.etag = row.last_modified = None
    editing = EditStats(source.edits, source.exposure), EditStats(row.edits, row.exposure)
    row.due_at = revisits.after_look(
        checked_at=imported_at,
        changed_at=row.changed_at or fetched_at,
        rate=revisits.rate(*editing),
    )
