"""What was counted of each source's days, counted again where fetches and findings tell it."""

from collections import Counter
from datetime import UTC, date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.ledger.day_counts import Measure, measure_of_check
from storage.models import (
    Address,
    AddressKind,
    Article,
    Fetch,
    Finding,
    IdentityDecision,
    Run,
    Source,
    SourceDay,
    Version,
    VersionState,
)
from storage.verification.check import AnySelect, Check, Done, batches, count
from storage.verification.report import DERIVED, Report
from storage.verification.scope import Scope

IMPORT: Final = "warc import"

_Counts = Counter[tuple[date, str]]


def _rows(session: Session, scope: Scope) -> int:
    return count(session, _sources(scope))


def _sources(scope: Scope) -> AnySelect:
    among = Source.id.in_(scope.sources) if scope.sources else Source.id.is_not(None)
    return select(Source.id).where(among)


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    for source_id in session.scalars(_sources(scope).order_by(Source.id)).all():
        if not report.lacks("fetch", "finding", "address", "version", "version_state", "article"):
            _check(session, report, source_id)
        done(1)


def _check(session: Session, report: Report, source_id: int) -> None:
    expected = _counted(session, source_id)
    rows = session.execute(
        select(SourceDay.day, SourceDay.measure, SourceDay.count).where(
            SourceDay.source_id == source_id
        )
    )
    there: _Counts = Counter({(row.day, row.measure): row.count for row in rows})
    measures = {it.value for it in _OF_PAGES}
    if not _counted_otherwise(session, source_id):
        measures |= {Measure.ARTICLES.value, Measure.EDITS.value}
    for key in sorted(expected.keys() | there.keys()):
        day, measure = key
        if measure in measures and expected[key] != there[key]:
            report.add(
                "source_day",
                (source_id, day, measure),
                expected=f"{expected[key]:,} {measure}",
                found=f"{there[key]:,}",
                advice=DERIVED,
            )


_OF_PAGES: Final = frozenset(it for it in Measure if it.value.startswith("page-"))


def _counted(session: Session, source_id: int) -> _Counts:
    found: _Counts = Counter()
    checks = (
        select(Fetch.fetched_at, Finding.outcome)
        .join(Address, Address.id == Fetch.address_id)
        .join(Finding, (Finding.fetch_id == Fetch.id) & (Finding.number == 1))
        .where(Address.source_id == source_id, Address.kind == AddressKind.PAGE)
    )
    for rows in batches(session, checks):
        for row in rows:
            measure = measure_of_check(AddressKind.PAGE, row.outcome)
            if measure is not None:
                found[row.fetched_at.astimezone(UTC).date(), measure.value] += 1
    versions = (
        select(Version.number, Version.first_seen_at)
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Article, Article.id == Version.article_id)
        .where(
            Article.source_id == source_id,
            (Version.number == 1) | VersionState.retracted_at.is_(None),
        )
    )
    for rows in batches(session, versions):
        for row in rows:
            measure = Measure.ARTICLES if row.number == 1 else Measure.EDITS
            found[row.first_seen_at.astimezone(UTC).date(), measure.value] += 1
    return found


def _counted_otherwise(session: Session, source_id: int) -> bool:
    """Whether articles were split, or pages of the past imported: these are counted as they come,
    which fetches and findings don't tell."""
    split = (
        select(IdentityDecision.id)
        .join(Article, Article.id == IdentityDecision.from_article_id)
        .where(Article.source_id == source_id)
    )
    imports = select(Run.id).where(Run.settings["command"].as_string() == IMPORT)
    imported = (
        select(Fetch.id)
        .join(Address, Address.id == Fetch.address_id)
        .where(Address.source_id == source_id, Fetch.run_id.in_(imports))
    )
    return any(session.scalar(it.limit(1)) is not None for it in (split, imported))


CHECK: Final = Check("days", 50.0, _rows, _run)
