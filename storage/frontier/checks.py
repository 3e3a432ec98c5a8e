"""Checks: one request and what came of it, and what that means for when to ask again."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new
from storage.frontier import revisits
from storage.frontier.addresses import address_key
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.listings import modified_at, without_identity
from storage.frontier.revisits import EditStats
from storage.ledger.headers import Headers
from storage.models import (
    Address,
    AddressKind,
    AddressLink,
    ArticleState,
    Frontier,
    LinkKind,
    Outcome,
)

MAX_REDIRECTS = 10

REMOVALS: Final = frozenset({Outcome.GONE, Outcome.NOT_FOUND, Outcome.MOVED, Outcome.PAYWALL})
"""Answers without the article, where there was one."""
_ZONES: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Check:
    """One request and what came of it.

    `body` has its content encodings undone and is None where there is none; `cut` says that it is
    only the beginning, `keep` that it is to be stored and not its digest alone. `detail` is why
    there was no answer, or what the answer says. `found` are the addresses that a feed, sitemap or
    front page led to, `known` how many more of them were new and are in the archive already.
    `redirect` is where a redirect points, normalised, None where that is no address of the source.
    `guessed` is a feed or sitemap that may be there: many sites have one at that address.
    `redactions` took something out of `body`.
    """

    fetch_id: int
    run_id: int
    address_id: int
    source_id: int
    url: str
    kind: AddressKind
    fetched_at: datetime
    outcome: Outcome
    status: int | None = None
    peer: str | None = None
    request_headers: Headers = field(default=Headers(), repr=False)
    headers: Headers = field(default=Headers(), repr=False)
    body: bytes | None = field(default=None, repr=False)
    keep: bool = True
    cut: bool = False
    etag: str | None = None
    last_modified: str | None = None
    detail: str | None = None
    milliseconds: int | None = None
    retry_at: datetime | None = None
    retry_soon: bool = True
    redirect: str | None = None
    hops: int = 0
    found: tuple[Found, ...] = field(default=(), repr=False)
    known: Counter[AddressKind] = field(default_factory=Counter)
    guessed: bool = False
    redactions: tuple[int, ...] = ()

    def reduced(self, why: str) -> "Check":
        """The same fetch as one that failed, with nothing left of the answer but its body: what can
        be recorded whatever the answer holds."""
        return Check(
            fetch_id=self.fetch_id,
            run_id=self.run_id,
            address_id=self.address_id,
            source_id=self.source_id,
            url=self.url,
            kind=self.kind,
            fetched_at=self.fetched_at,
            outcome=Outcome.UNREADABLE,
            body=self.body,
            keep=self.keep,
            cut=self.cut,
            detail=why,
            hops=self.hops,
        )


@dataclass(slots=True)
class KnownAddress:
    """What the archive knows of an address, and of its source."""

    frontier: Frontier
    address: Address
    cadence: int
    editing: EditStats
    article_state: ArticleState | None = None  # None where it leads to no article

    @property
    def shown_version_id(self) -> int | None:
        """The version that the latest payload shows, None before that payload was read."""
        row = self.frontier
        return row.version_id if row.pending_fetch_id is None else None

    @property
    def is_article(self) -> bool:
        """Whether the address was last seen to show an article."""
        return self.frontier.version_id is not None

    def is_absent(self, check: Check, outcome: Outcome) -> bool:
        """Whether there is no such feed or sitemap and never was."""
        listing = check.kind in (AddressKind.FEED, AddressKind.SITEMAP)
        if not listing or self.frontier.changed_at is not None:
            return False
        # Some sites answer with their front page to whatever is asked for.
        answer_of_any = check.guessed and outcome is Outcome.UNREADABLE
        return answer_of_any or outcome in (Outcome.NOT_FOUND, Outcome.GONE)

    def is_announced(self, now: datetime) -> bool:
        """Whether a listing says that the page was modified since it was last checked. A time that
        is yet to come announces nothing, but for what a mistaken zone can put it off."""
        said, checked_at = modified_at(self.address.hints), self.frontier.checked_at
        return said is not None and checked_at is not None and checked_at < said < now + _ZONES

    def removes(self, check: Check, outcome: Outcome) -> bool:
        """Whether the check found that nothing is at this address."""
        return outcome in REMOVALS and not self.stays(check)

    def loses_article(self, check: Check, outcome: Outcome) -> bool:
        """Whether the check found nothing where an article is, for all that was known: it was seen
        there, or a wall was before it."""
        behind_wall = self.article_state is ArticleState.WALLED and outcome is not Outcome.PAYWALL
        return self.removes(check, outcome) and (self.is_article or behind_wall)

    def stays(self, check: Check) -> bool:
        """Whether a redirect leads from http to https, or back, and so to the same address."""
        return check.redirect is not None and address_key(check.redirect) == self.address.key


def advance(
    known: KnownAddress, check: Check, outcome: Outcome, digest: bytes | None, *, extract: bool
) -> float:
    """Move the frontier's row to what comes next; the exposure that this look adds."""
    row, now, last = known.frontier, check.fetched_at, known.frontier.checked_at
    row.checked_at = now
    if outcome in (Outcome.FAILED, Outcome.BLOCKED):
        row.attempts += 1
        backoff = revisits.after_failure(
            outcome, attempts=row.attempts, checked_at=now, soon=check.retry_soon
        )
        row.due_at = max(backoff, check.retry_at or backoff)
        return 0.0
    row.attempts = 0
    if outcome in REMOVALS:
        row.due_at = revisits.after_removal(
            now,
            looked_at=last if row.digest is None else None,
            known=known.address.article_id is not None,
        )
        # What comes back is read again, if it is the same as before too.
        row.digest = row.etag = row.last_modified = None
        return 0.0
    if outcome is Outcome.NOT_ARTICLE:
        row.due_at = revisits.after_non_article(outcome, now)
        return 0.0
    if outcome is Outcome.FETCHED:
        if check.kind is not AddressKind.PAGE or row.changed_at is None:
            row.changed_at = now
        row.digest = digest
        row.etag, row.last_modified = check.etag, check.last_modified
        if extract:
            row.pending_fetch_id = check.fetch_id
    if check.kind is not AddressKind.PAGE:
        row.due_at = revisits.after_listing(
            check.kind, cadence=known.cadence, checked_at=now, changed_at=row.changed_at
        )
        return 0.0
    changed_at = row.changed_at or now
    exposure = revisits.exposure_of(changed_at, last, now) if last and known.is_article else 0.0
    row.exposure += exposure
    rate = revisits.rate(known.editing, EditStats(row.edits, row.exposure))
    row.due_at = revisits.after_look(checked_at=now, changed_at=changed_at, rate=rate)
    return exposure


def try_as_listed(known: KnownAddress, check: Check) -> None:
    """An address that never showed an article is asked for once more, as it was listed: some
    servers know a page only with the tracking parameters of their own feed."""
    listed = (known.address.hints or {}).get("listed_url")
    shown = known.address.article_id is not None
    if listed and listed != known.address.url and not shown and check.hops < MAX_REDIRECTS:
        known.address.url = listed
        known.frontier.due_at, known.frontier.hops = check.fetched_at, check.hops + 1


def follow_redirect(
    session: Session, known: KnownAddress, check: Check, target: str
) -> Counter[AddressKind]:
    """Make the target of a redirect known and due, and link it; returns how many are new.

    A redirect from http to https, or back, stays at its address: its URL takes the new scheme.
    """
    if known.stays(check):
        if known.address.url != target and check.hops < MAX_REDIRECTS:
            known.address.url = target
            known.frontier.due_at, known.frontier.hops = check.fetched_at, check.hops + 1
        return Counter()
    new: Counter[AddressKind] = Counter()
    if check.hops < MAX_REDIRECTS:
        item = Found(target, check.kind, hops=check.hops + 1)
        if known.address.article_id is None:
            # What a feed says of the link that it gives is said of where the link leads.
            hints = without_identity(known.address.hints)
            published_at = known.address.published_at
            item = replace(item, published_at=published_at, hints=hints)
        new = enqueue(session, [item], now=check.fetched_at)
    target_id = session.scalar(select(Address.id).where(Address.key == address_key(target)))
    if target_id is not None:
        session.execute(
            insert_new(session, AddressLink),
            [
                {
                    "from_id": check.address_id,
                    "to_id": target_id,
                    "kind": LinkKind.REDIRECT,
                    "fetch_id": check.fetch_id,
                }
            ],
        )
    return new
