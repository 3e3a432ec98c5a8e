"""The copies of robots.txt: each is what was fetched last, as its fetch's digest says."""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.ledger.payloads import digest_of
from storage.models import Address, AddressKind, Fetch, RobotsTxt
from storage.verification.check import AnySelect, Check, Done, batches, count
from storage.verification.report import Report
from storage.verification.scope import Scope

_LONGEST: Final = 512 * 1024  # bytes that are kept of one

_TOGETHER: Final = timedelta(seconds=5)


def _query(scope: Scope) -> AnySelect:
    among = Address.source_id.in_(scope.sources) if scope.sources else Address.id.is_not(None)
    return select(Address.id, Address.url).where(Address.kind == AddressKind.ROBOTS, among)


def _rows(session: Session, scope: Scope) -> int:
    return count(session, _query(scope))


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    for rows in batches(session, _query(scope)):
        for row in rows:
            if not report.doubts("address", row.id):
                _check(session, report, row)
        done(len(rows))


def _check(session: Session, report: Report, row: Any) -> None:
    latest = session.execute(
        select(Fetch.id, Fetch.digest, Fetch.status, Fetch.fetched_at)
        .where(Fetch.address_id == row.id, Fetch.status.is_not(None), Fetch.status != 304)
        .order_by(Fetch.id.desc())
        .limit(1)
    ).one_or_none()
    if latest is None or latest.status != 200 or report.doubts("fetch", latest.id):
        return
    parts = urlsplit(row.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    copy = session.get(RobotsTxt, origin)
    # A later copy may be of a request that was no source's check; none may never have been made.
    if copy is None or copy.body is None or abs(copy.asked_at - latest.fetched_at) > _TOGETHER:
        return
    if len(copy.body) < _LONGEST and digest_of(copy.body) != latest.digest:
        told = f"bytes with SHA-256 {latest.digest and latest.digest.hex()}"
        found = f"bytes with {digest_of(copy.body).hex()}"
        report.add("robots_txt", origin, expected=told, found=found)


CHECK: Final = Check("robots.txt", 0.5, _rows, _run)
