"""Findings: each fetch has them, numbered without a gap, in agreement with what the answer was."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from storage.models import (
    Address,
    Article,
    Fetch,
    Finding,
    Frontier,
    IdentityDecision,
    Meaning,
    Outcome,
    Version,
    VersionState,
)
from storage.verification.check import AnySelect, Check, Done, batches, count
from storage.verification.report import RESTORE_MISSING, Report
from storage.verification.scope import Scope

_CLOCK: Final = timedelta(minutes=1)  # by which a clock may have been put back
_FIRST: Final = frozenset({Meaning.NEW, Meaning.EDITED, Meaning.RETRACTED})
"""What a fetch means that made a version."""
_SEEN: Final = frozenset({Meaning.UNCHANGED, Meaning.RETURNED})


def _query(scope: Scope) -> AnySelect:
    return (
        select(
            Finding.fetch_id,
            Finding.number,
            Finding.outcome,
            Finding.meaning,
            Finding.article_id,
            Finding.version_id,
            Finding.reason,
            Finding.confidence,
            Finding.recorded_at,
            Fetch.address_id,
            Address.article_id.label("leads_to"),
            Fetch.status,
            Fetch.fetched_at,
            Version.fetch_id.label("made_by"),
            Version.article_id.label("born_in"),
            VersionState.article_id.label("stands_in"),
            VersionState.retracted_at,
            Article.dismissed_as,
        )
        .join(Fetch, Fetch.id == Finding.fetch_id)
        .outerjoin(Address, Address.id == Fetch.address_id)
        .outerjoin(Version, Version.id == Finding.version_id)
        .outerjoin(VersionState, VersionState.version_id == Version.id)
        .outerjoin(Article, Article.id == VersionState.article_id)
        .where(scope.of_fetches())
        .order_by(Finding.fetch_id, Finding.number)
    )


def _rows(session: Session, scope: Scope) -> int:
    return count(session, select(Fetch.id).where(scope.of_fetches()))


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    for some in _by_fetch(session, scope):
        _check(session, report, some)
        done(1)
    _check_lacking(session, scope, report)


def _by_fetch(session: Session, scope: Scope) -> Iterator[Sequence[Any]]:
    rows = (row for some in batches(session, _query(scope)) for row in some)
    for _, group in groupby(rows, key=attrgetter("fetch_id")):
        yield list(group)


def _check(session: Session, report: Report, rows: Sequence[Any]) -> None:
    if report.doubts("fetch", rows[0].fetch_id):
        return
    numbers = [row.number for row in rows]
    for expected, row in enumerate(rows, start=1):
        if row.number != expected and expected not in numbers:
            report.add(
                "finding",
                (row.fetch_id, expected),
                expected=f"a finding before number {row.number}",
                found="none",
                advice=RESTORE_MISSING,
            )
            return
    before = rows[0].fetched_at - _CLOCK
    for row in rows:
        key = (row.fetch_id, row.number)
        if row.recorded_at < before - _CLOCK:
            told = f"recorded after {before.isoformat()}"
            report.add("finding", key, expected=told, found=row.recorded_at.isoformat())
        before = row.recorded_at
        if not _fits(row.outcome, row.status):
            told = f"what status {row.status} may mean"
            of_fetch = [("fetch", str(row.fetch_id))]
            report.add("finding", key, expected=told, found=row.outcome.value, named_by=of_fetch)
    for earlier, row in pairwise(rows):
        if _said(earlier) == _said(row):
            told = f"something else than number {earlier.number} before it"
            report.add("finding", (row.fetch_id, row.number), expected=told, found="the same")
    _check_latest(session, report, rows[-1])


def _said(row: Any) -> tuple[object, ...]:
    """What a finding says; one that says what the one before it does is not put on record."""
    said = (row.outcome, row.meaning, row.article_id, row.version_id)
    return (*said, row.reason, row.confidence)


def _fits(outcome: Outcome, status: int | None) -> bool:
    """Whether an answer of that status may come to that (crawler.answers.outcomes)."""
    match outcome:
        case Outcome.MOVED:
            return status is not None and 300 <= status < 400
        case Outcome.GONE:
            return status == 410
        case Outcome.UNCHANGED:
            return status is not None and (status == 304 or 200 <= status < 300)
        case Outcome.NOT_FOUND:
            return status is not None and (status == 404 or 200 <= status < 300)
        case Outcome.FETCHED | Outcome.NOT_ARTICLE:
            return status is not None and 200 <= status < 300
    return True


def _check_latest(session: Session, report: Report, row: Any) -> None:
    key = (row.fetch_id, row.number)
    if row.version_id is None:
        if row.meaning in (_FIRST - {Meaning.RETRACTED}) | _SEEN:
            told = f"a version that the fetch showed, since it means {row.meaning.value}"
            report.add("finding", key, expected=told, found="none")
        return
    if report.doubts("version", row.version_id) or report.doubts("version_state", row.version_id):
        return
    if row.meaning in _FIRST and row.made_by != row.fetch_id:
        told = f"the version that fetch {row.fetch_id} made"
        report.add("finding", key, expected=told, found=f"version {row.version_id}")
    elif row.meaning not in _FIRST and row.made_by == row.fetch_id:
        told = f"new or edited, since it made version {row.version_id}"
        report.add("finding", key, expected=told, found=row.meaning and row.meaning.value)
    elif row.meaning is Meaning.RETRACTED and not row.retracted_at and not row.dismissed_as:
        told = "retracted, as its latest finding says"
        report.add("version_state", row.version_id, expected=told, found="a version that stands")
    elif row.retracted_at and row.made_by == row.fetch_id and row.meaning is not Meaning.RETRACTED:
        told = f"a later finding, by which version {row.version_id} is retracted"
        report.add(
            "finding",
            (row.fetch_id, row.number + 1),
            expected=told,
            found="none",
            advice=RESTORE_MISSING,
        )
    elif row.meaning is Meaning.REMOVED:
        told = "no version, since it means removed"
        report.add("finding", key, expected=told, found=f"version {row.version_id}")
    elif row.article_id not in (row.born_in, row.stands_in) and not _was_moved(session, row):
        told = f"article {row.stands_in}, whose version {row.version_id} it names"
        report.add("finding", key, expected=told, found=f"article {row.article_id}")

    elif row.article_id != row.leads_to and not report.doubts("address", row.address_id):
        _check_address(session, report, row)


def _was_moved(session: Session, row: Any) -> bool:
    """Whether a decision moved something to or from the article that the finding names."""
    pair = (IdentityDecision.from_article_id, IdentityDecision.to_article_id)
    moved = exists().where(or_(*(it == row.article_id for it in pair)))
    return bool(session.scalar(select(moved)))


def _check_address(session: Session, report: Report, row: Any) -> None:
    """An address leads to the article that its fetches showed: of the two the one is wrong that
    the address's other fetches don't agree with, or else the fetch, where another address leads to
    the article."""
    if _was_moved(session, row):
        return
    others = session.scalars(
        select(Finding.article_id)
        .join(Fetch, Fetch.id == Finding.fetch_id)
        .where(Fetch.address_id == row.address_id, Fetch.id != row.fetch_id)
    ).all()
    elsewhere = exists().where(Address.article_id == row.article_id)
    if row.article_id not in others and (
        (row.leads_to is not None and row.leads_to in others) or session.scalar(select(elsewhere))
    ):
        told = f"an address of article {row.article_id}, whose version {row.version_id} it showed"
        found = f"address {row.address_id}, of article {row.leads_to}"
        report.add("fetch", row.fetch_id, expected=told, found=found)
    else:
        told = f"article {row.article_id}, as fetch {row.fetch_id} showed"
        report.add("address", row.address_id, expected=told, found=f"article {row.leads_to}")


def _check_lacking(session: Session, scope: Scope, report: Report) -> None:
    """A fetch has a finding, but for a page that waits to be read."""
    query = (
        select(Fetch.id)
        .where(
            scope.of_fetches(),
            ~exists().where(Finding.fetch_id == Fetch.id),
            ~exists().where(
                Frontier.address_id == Fetch.address_id, Frontier.pending_fetch_id == Fetch.id
            ),
        )
        .limit(1_000)
    )
    for fetch_id in session.scalars(query):
        if not report.doubts("fetch", fetch_id):
            report.add(
                "finding",
                (fetch_id, 1),
                expected=f"what fetch {fetch_id} meant",
                found="none",
                advice=RESTORE_MISSING,
            )


CHECK: Final = Check("findings", 0.06, _rows, _run)
