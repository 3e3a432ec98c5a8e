"""The copies of robots.txt: each is what was fetched last, as its fetch's digest says."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.ledger.payloads import digest_of
from storage.ledger.tdm_files import origin_of
from storage.models import Address, AddressKind, Fetch, RobotsTxt
from storage.verification.check import AnySelect, Check, Done, batches, count
from storage.verification.report import Report
from storage.verification.scope import Scope

_LONGEST: Final = 512 * 1024  # bytes that are kept of one

_BATCH: Final = 50  # copies that are in memory at a time
_TOGETHER: Final = timedelta(seconds=5)


def _query(scope: Scope) -> AnySelect:
    among = Address.source_id.in_(scope.sources) if scope.sources else Address.id.is_not(None)
    return select(Address.id, Address.url).where(Address.kind == AddressKind.ROBOTS, among)


def _rows(session: Session, scope: Scope) -> int:
    return count(session, _query(scope))


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    for rows in batches(session, _query(scope), _BATCH):
        origins = {row.id: origin_of(row.url) for row in rows}
        latest = _latest(session, origins)
        copies = {
            it.origin: it
            for it in session.execute(
                select(RobotsTxt.origin, RobotsTxt.asked_at, RobotsTxt.body).where(
                    RobotsTxt.origin.in_(set(origins.values()))
                )
            )
        }
        for address_id, fetch in latest.items():
            if not (report.doubts("address", address_id) or report.doubts("fetch", fetch.id)):
                origin = origins[address_id]
                _check(report, origin, fetch, copies.get(origin))
        done(len(rows))


def _latest(session: Session, address_ids: Collection[int]) -> dict[int, Any]:
    """The last fetch of each of these addresses that was answered with more than that nothing had
    changed."""
    last = (
        select(func.max(Fetch.id))
        .where(Fetch.address_id.in_(address_ids), Fetch.status.is_not(None), Fetch.status != 304)
        .group_by(Fetch.address_id)
    )
    rows = session.execute(
        select(Fetch.id, Fetch.address_id, Fetch.digest, Fetch.status, Fetch.fetched_at).where(
            Fetch.id.in_(last)
        )
    )
    return {row.address_id: row for row in rows}


def _check(report: Report, origin: str, latest: Any, copy: Any) -> None:
    if latest.status != 200:
        return
    # A later copy may be of a request that was no source's check; none may never have been made.
    if copy is None or copy.body is None or abs(copy.asked_at - latest.fetched_at) > _TOGETHER:
        return
    if len(copy.body) < _LONGEST and digest_of(copy.body) != latest.digest:
        told = f"bytes with SHA-256 {latest.digest and latest.digest.hex()}"
        found = f"bytes with {digest_of(copy.body).hex()}"
        report.add("robots_txt", origin, expected=told, found=found)


CHECK: Final = Check("robots.txt", 0.5, _rows, _run)
