"""Checks put on record: what each request of a crawl found, durable before it is acted on.

One check is one fetch. In the same transaction as its fetch a check stores the payload, moves the
frontier, makes what was found known, and marks a page that is still to be extracted, so that a
kill at any instant leaves either all of it or none.
"""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import UTC

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.errors import Damaged
from storage.database.rows import by_id
from storage.frontier.checks import (
    REMOVALS,
    Check,
    KnownAddress,
    advance,
    follow_redirect,
    try_as_listed,
)
from storage.frontier.enqueueing import enqueue
from storage.frontier.revisits import EditStats
from storage.frontier.sources import pause_domain
from storage.history.may_be_kept import may_be_kept
from storage.history.presence import Presence, Removal, record_presence, record_removals, state_of
from storage.ledger.day_counts import DayMeasure, Measure, count, measure_of_check
from storage.ledger.fetches import NewFetch, record_fetches, recorded_fetches
from storage.ledger.findings import NewFinding, latest_findings, record_findings
from storage.ledger.payloads import Staged, digest_of
from storage.ledger.staging import Bodies
from storage.ledger.tdm_files import tdm_files_at
from storage.models import Address, AddressKind, Article, Frontier, Meaning, Outcome, Source
from storage.withholding.rules import standing_rules

_OF_AN_ARTICLE = {Outcome.FETCHED, Outcome.UNCHANGED}
_CONCLUSIVE = REMOVALS | _OF_AN_ARTICLE | {Outcome.NOT_ARTICLE}


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a check.

    `extract` says that its payload is now to be read; `removal` that an article that was there is
    not, which is still to be judged (history.presence.record_removals); `looked` that it was a
    look at a known article; `exposure` is what that look adds to its editing (frontier.revisits);
    `absent` that there is no such feed or sitemap and never was, which is no failure; `announced`
    that a listing said that the page was modified since it was looked at before. `tdm_file` is the
    site's tdmrep.json at the time of a page that is to be read; `redacted` says that its body is
    not kept as it came, and is to be read as it is kept.
    """

    outcome: Outcome
    extract: bool = False
    digest: bytes | None = None
    new_addresses: int = 0
    new_pages: int = 0
    removal: bool = False
    looked: bool = False
    exposure: float = 0.0
    absent: bool = False
    announced: bool = False
    tdm_file: bytes | None = None
    redacted: bool = False


def bodies_of_checks(session: Session, checks: Sequence[Check]) -> Bodies:
    """The bodies that `record_checks` is to keep of these."""
    if rules := standing_rules(session):
        addresses = by_id(session, Address, {it.address_id for it in checks})
        checks = [may_be_kept(rules, it, addresses[it.address_id]) for it in checks]
    kept = {digest_of(it.body): it for it in checks if it.keep and it.body is not None}
    return Bodies(
        {digest: it.body or b"" for digest, it in kept.items()},
        {digest: it.source_id for digest, it in kept.items()},
    )


def record_checks(
    session: Session, checks: Sequence[Check], staged: Staged | None = None
) -> list[Checked]:
    """Put the checks on record, in order. Idempotent: a check recorded before changes nothing.
    Their bodies may be `staged` in the payload store (ledger.staging)."""
    known = _known(session, [check.address_id for check in checks])
    done = _recorded_before(session, checks)
    rules = standing_rules(session)
    checks = [may_be_kept(rules, it, known[it.address_id].address) for it in checks]
    fetches = {
        check.fetch_id: _fetch(check, known[check.address_id])
        for check in checks
        if check.fetch_id not in done
    }
    record_fetches(session, list(fetches.values()), staged)
    results: list[Checked] = []
    findings: list[NewFinding] = []
    presence: list[Presence | Removal] = []
    for check in checks:
        before = known[check.address_id]
        if check.fetch_id in done:
            results.append(_checked_before(check, before, *done[check.fetch_id]))
            continue
        digest = fetches[check.fetch_id].digest
        outcome = check.outcome
        if outcome is Outcome.FETCHED and digest == before.frontier.digest:
            outcome = Outcome.UNCHANGED
        extract = outcome is Outcome.FETCHED and check.kind is AddressKind.PAGE
        shown, looked = before.shown_version_id, before.is_article and outcome in _CONCLUSIVE
        if not extract:
            findings.append(_finding(check, outcome, before))
        announced = before.is_announced(check.fetched_at)
        exposure = advance(before, check, outcome, digest, extract=extract)
        if outcome is Outcome.UNCHANGED and shown is not None:
            presence.append(Presence(shown, check.fetch_id, check.fetched_at))
        if outcome is Outcome.NOT_FOUND:
            try_as_listed(before, check)
        removal = before.loses_article(check, outcome)
        unjudged = before.removes(check, outcome) and not removal
        state = state_of(outcome, check.detail) if unjudged else None
        if state is not None:
            presence.append(Removal(check.address_id, check.fetch_id, state))
        new = check.known + enqueue(session, check.found, now=check.fetched_at)
        if check.redirect is not None:
            new += follow_redirect(session, before, check, check.redirect)
        if check.retry_at is not None:
            pause_domain(session, check.source_id, check.retry_at)
        results.append(
            Checked(
                outcome,
                extract=extract,
                digest=digest if outcome in _OF_AN_ARTICLE else None,
                new_addresses=new.total(),
                new_pages=new[AddressKind.PAGE],
                removal=removal,
                looked=looked,
                exposure=exposure,
                absent=before.is_absent(check, outcome),
                announced=announced,
                redacted=bool(check.redactions),
            )
        )
    record_findings(session, findings, first=True)
    _record_presence(session, presence)
    count(session, _counts(checks, results, done))
    session.flush()
    return _with_tdm_files(session, checks, results)


def _checked_before(
    check: Check,
    before: KnownAddress,
    outcome: Outcome,
    digest: bytes | None,
) -> Checked:
    extract = before.frontier.pending_fetch_id == check.fetch_id
    return Checked(
        outcome,
        extract=extract,
        digest=digest if outcome in _OF_AN_ARTICLE else None,
        redacted=bool(check.redactions),
        removal=before.loses_article(check, outcome),
        looked=before.is_article and outcome in _CONCLUSIVE,
    )


def _with_tdm_files(
    session: Session, checks: Sequence[Check], results: Sequence[Checked]
) -> list[Checked]:
    to_read = [
        (check.url, check.fetched_at)
        for check, checked in zip(checks, results, strict=True)
        if checked.extract
    ]
    files = tdm_files_at(session, to_read)
    return [
        replace(checked, tdm_file=files.get((check.url, check.fetched_at)))
        if checked.extract
        else checked
        for check, checked in zip(checks, results, strict=True)
    ]


def _record_presence(session: Session, events: Sequence[Presence | Removal]) -> None:
    """Record what was seen and what was not, in order."""
    seen: list[Presence] = []
    for event in events:
        if isinstance(event, Presence):
            seen.append(event)
            continue
        record_presence(session, seen)
        seen = []
        record_removals(session, [event])
    record_presence(session, seen)


def _counts(
    checks: Sequence[Check], results: Sequence[Checked], done: Container[int]
) -> Counter[DayMeasure]:
    """What these checks add to what was counted of their days; pages that are still to be read
    are counted when they are."""
    counts: Counter[DayMeasure] = Counter()
    for check, checked in zip(checks, results, strict=True):
        if check.fetch_id in done:
            continue
        day = (check.source_id, check.fetched_at.astimezone(UTC).date())
        if not (checked.extract or checked.absent):
            measure = measure_of_check(check.kind, checked.outcome)
            if measure is not None:
                counts[*day, measure] += 1
        if check.kind not in (AddressKind.ROBOTS, AddressKind.PAGE):
            counts[*day, Measure.LISTED] += checked.new_pages
    return counts


def _known(session: Session, address_ids: Sequence[int]) -> dict[int, KnownAddress]:
    rows = session.execute(
        select(Frontier, Address, Source.cadence, Source.edits, Source.exposure, Article.state)
        .join(Address, Address.id == Frontier.address_id)
        .outerjoin(Article, Article.id == Address.article_id)
        .join(Source, Source.id == Frontier.source_id)
        .where(Frontier.address_id.in_(address_ids))
    )
    known = {
        row.address_id: KnownAddress(row, address, cadence, EditStats(edits, exposure), state)
        for row, address, cadence, edits, exposure, state in rows
    }
    if missing := set(address_ids) - set(known):
        raise Damaged(f"address {min(missing)} of the frontier")
    return known


def _recorded_before(
    session: Session, checks: Sequence[Check]
) -> dict[int, tuple[Outcome, bytes | None]]:
    """Outcome and digest of the checks that are on record, by fetch id."""
    digests = recorded_fetches(session, {check.fetch_id: check.run_id for check in checks})
    findings = latest_findings(session, list(digests))
    return {
        fetch_id: (
            findings[fetch_id].outcome if fetch_id in findings else Outcome.FETCHED,
            digest,
        )
        for fetch_id, digest in digests.items()
    }


def _fetch(check: Check, before: KnownAddress) -> NewFetch:
    return NewFetch(
        id=check.fetch_id,
        address_id=check.address_id,
        run_id=check.run_id,
        fetched_at=check.fetched_at,
        url=None if check.url == f"https:{before.address.key}" else check.url,
        status=check.status,
        error=check.detail if check.status is None else None,
        milliseconds=check.milliseconds,
        peer=check.peer,
        request_headers=check.request_headers,
        response_headers=check.headers,
        body=check.body,
        keep=check.keep,
        cut=check.cut,
        redactions=check.redactions,
    )


def _finding(check: Check, outcome: Outcome, before: KnownAddress) -> NewFinding:
    shown = before.shown_version_id if outcome is Outcome.UNCHANGED else None
    return NewFinding(
        check.fetch_id,
        outcome,
        meaning=None if shown is None else Meaning.UNCHANGED,
        article_id=before.address.article_id,
        version_id=shown,
        reason=None if check.status is None else check.detail,
    )
