"""Addresses: what they lead to is what their fetches and an operator's decisions say."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from storage.frontier.addresses import InvalidURL, address_key
from storage.ledger.findings import is_latest
from storage.models import (
    Address,
    AddressLink,
    Article,
    Fetch,
    Finding,
    Frontier,
    IdentityDecision,
    LinkKind,
    Outcome,
    VersionState,
)
from storage.verification.check import AnySelect, Check, Done, batches, count
from storage.verification.report import DERIVED, RESTORE_MISSING, Report
from storage.verification.scope import Scope


def _among(scope: Scope) -> Any:
    return Address.source_id.in_(scope.sources) if scope.sources else Address.id.is_not(None)


def _rows(session: Session, scope: Scope) -> int:
    return count(session, select(Address.id).where(_among(scope)))


def _query(scope: Scope) -> AnySelect:
    article, shown = aliased(Article), aliased(VersionState)
    return (
        select(
            Address.id,
            Address.key,
            Address.url,
            Address.source_id,
            Address.article_id,
            article.source_id.label("of_source"),
            article.merged_into_id,
            Frontier.source_id.label("due_of"),
            Frontier.version_id,
            shown.article_id.label("shows_of"),
        )
        .outerjoin(article, article.id == Address.article_id)
        .outerjoin(Frontier, Frontier.address_id == Address.id)
        .outerjoin(shown, shown.version_id == Frontier.version_id)
        .where(_among(scope))
        .order_by(Address.id)
    )


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    for rows in batches(session, _query(scope)):
        shown = _shown(session, [row.id for row in rows])
        for row in rows:
            if not report.doubts("address", row.id):
                _check(session, report, row, shown.get(row.id))
        done(len(rows))


def _check(session: Session, report: Report, row: Any, found: Any) -> None:
    if row.due_of is not None and row.due_of != row.source_id:
        told = f"source {row.source_id}, as its address"
        report.add("frontier", row.id, expected=told, found=row.due_of, advice=DERIVED)
    if row.article_id is not None and not report.doubts("article", row.article_id):
        if row.of_source is not None and row.of_source != row.source_id:
            told = f"an article of source {row.source_id}"
            report.add("address", row.id, expected=told, found=f"article {row.article_id}")
            return
        if row.merged_into_id is not None:
            told = f"article {row.merged_into_id}, which {row.article_id} was merged into"
            report.add("address", row.id, expected=told, found=f"article {row.article_id}")
            return
    if found is None or report.lacks("finding", "fetch"):
        return
    _check_article(session, report, row, found)
    _check_shown(report, row, found)


def _key(url: str) -> str | None:
    """The key of the URL's address, None where it is no URL."""
    try:
        return address_key(url)
    except InvalidURL:
        return None


def _run_keys(session: Session, scope: Scope, report: Report, done: Done) -> None:
    """A URL has the key of its address."""
    query = select(Address.id, Address.key, Address.url).where(_among(scope))
    for rows in batches(session, query):
        for row in rows:
            if _key(row.url) != row.key:
                report.add("address", row.id, expected=f"a URL of key {row.key}", found=row.url)
        done(len(rows))


def _shown(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    """What each of these addresses was last found to show, where it showed a version."""
    last = (
        select(func.max(Fetch.id))
        .join(Finding, (Finding.fetch_id == Fetch.id) & is_latest())
        .where(Fetch.address_id.in_(ids), Finding.version_id.is_not(None))
        .group_by(Fetch.address_id)
    )
    rows = session.execute(
        select(Fetch.address_id, Fetch.id, Finding.article_id, Finding.version_id)
        .join(Finding, (Finding.fetch_id == Fetch.id) & is_latest())
        .where(Fetch.id.in_(last))
    )
    return {row.address_id: row for row in rows}


def _check_article(session: Session, report: Report, row: Any, found: Any) -> None:
    """An address leads to the article that it was last found to show, but for decisions since."""
    if found.article_id == row.article_id or report.doubts("article", found.article_id):
        return
    pair = {found.article_id, row.article_id}
    decided = session.scalar(
        select(
            exists().where(
                IdentityDecision.from_article_id.in_(pair)
                | IdentityDecision.to_article_id.in_(pair)
            )
        )
    )
    if not decided:
        told = f"article {found.article_id}, as fetch {found.id} showed"
        report.add("address", row.id, expected=told, found=f"article {row.article_id}")


def _check_shown(report: Report, row: Any, found: Any) -> None:
    """It shows the version that it was last found to show, or none since it was away."""
    if row.version_id is None or row.version_id == found.version_id:
        return
    if report.doubts("frontier", row.id) or row.shows_of is None:
        return
    told = f"version {found.version_id}, as fetch {found.id} showed"
    report.add("frontier", row.id, expected=told, found=f"version {row.version_id}", advice=DERIVED)


def _links_rows(session: Session, scope: Scope) -> int:
    return count(session, _redirects(scope))


def _redirects(scope: Scope) -> AnySelect:
    """Redirects that are on record without the link that they showed."""
    return (
        select(Fetch.id, Fetch.address_id, Finding.reason)
        .join(Finding, (Finding.fetch_id == Fetch.id) & is_latest())
        .where(scope.of_fetches(), Finding.outcome == Outcome.MOVED)
    )


def _run_links(session: Session, scope: Scope, report: Report, done: Done) -> None:
    for rows in batches(session, _redirects(scope)):
        keys = {row.id: _key(row.reason or "") for row in rows}
        named = select(Address.key, Address.id).where(Address.key.in_(set(keys.values()) - {None}))
        targets = dict(session.execute(named).all())
        there = _links(session, {row.address_id for row in rows}, set(targets.values()))
        for row in rows:
            target = targets.get(keys[row.id] or "")
            link = (row.address_id, target)
            if target in (None, row.address_id) or link in there or report.doubts("fetch", row.id):
                continue
            report.add(
                "address_link",
                (*link, LinkKind.REDIRECT.value),
                expected=f"the redirect that fetch {row.id} showed",
                found="none",
                advice=RESTORE_MISSING,
            )
        done(len(rows))


def _links(session: Session, here: set[int], there: set[int]) -> set[tuple[int, int]]:
    """The redirects that are on record from one of these addresses to one of those."""
    query = select(AddressLink.from_id, AddressLink.to_id).where(
        AddressLink.from_id.in_(here),
        AddressLink.to_id.in_(there),
        AddressLink.kind == LinkKind.REDIRECT,
    )
    return {(one, other) for one, other in session.execute(query)}


KEYS: Final = Check("URLs", 0.02, _rows, _run_keys)
CHECKS: Final = (
    Check("addresses", 0.5, _rows, _run),
    Check("redirects", 0.5, _links_rows, _run_links),
)
