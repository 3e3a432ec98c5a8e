"""A redaction carried out, in one transaction: all of it or nothing.

What is redacted keeps its place: fetches, findings, versions and their identifiers stay. A page or
text that had the words is another one now, under another digest, and no digest of before is left by
which a guess could be tried; for what no digest can be had of, random bytes stand (decision 43).
"""

import secrets
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.database.guards import unguarded
from storage.history.edit_rows import refresh_edits
from storage.models import (
    Content,
    Fetch,
    Finding,
    Leaf,
    Payload,
    Reading,
    ReadingDetail,
    RedactedVersion,
    Redaction,
    RedactionKind,
    RedactionRule,
    RedactionScope,
    RuleKind,
    Version,
)
from storage.proof.leaves import forget
from storage.redaction.addresses import (
    addresses_of,
    drop_samples,
    leading_to,
    redact_addresses,
    redact_findings,
)
from storage.redaction.erasing import Eraser
from storage.redaction.mentions import Mention, mentions
from storage.redaction.pages import (
    Moved,
    drop_pages,
    move_fetches,
    move_readings,
    parts,
    redact_pages,
)
from storage.redaction.request import Request, articles_of, versions_of
from storage.redaction.rest import sweep
from storage.redaction.texts import (
    contents_of,
    drop_rows,
    move_contents,
    move_details,
    of_readings,
    redact_rows,
    versions_with,
)
from storage.withholding.rules import hold_writers, new_rule, words_rule

Progress = Callable[[int, int], None]
"""Told how many pages of how many were looked through."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """What was taken out: the number of the redaction, how many rows of each kind changed, and the
    identifiers of the versions. `shared` texts are another article's too, and stay there."""

    redaction_id: int
    counts: dict[str, int]
    versions: list[str] = field(default_factory=list)
    shared: int = 0


def redact(
    session: Session,
    request: Request,
    now: datetime,
    progress: Progress = lambda done, whole: None,
) -> Redacted:
    """Take out what is asked for, and keep it away from now on. The session writes; nothing is
    durable before it commits, and files are to be cleaned then (redaction.cleaning)."""
    hold_writers(session)
    if session.get_bind().dialect.name == "sqlite":
        # Within a transaction too: what is freed in it is overwritten.
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")
    row = Redaction(
        kind=request.kind,
        scope=request.scope,
        source_id=request.source_id,
        article_id=request.article_id,
        version_id=request.version_id,
        asked_by=request.asked_by,
        reason=request.reason,
        redacted_at=now,
        counts={},
    )
    session.add(row)
    session.flush()
    with unguarded(session):
        redacted = _Redacting(session, request, row.id, progress).run()
    session.get_one(Redaction, row.id).counts = redacted.counts
    session.flush()
    return redacted


class _Previewed(Exception):
    """Ends a transaction that is not to be kept."""


def preview(
    archive: Archive,
    request: Request,
    now: datetime,
    progress: Progress = lambda done, whole: None,
) -> tuple[Redacted, list[Mention]]:
    """What would be taken out, and the articles that would say it still: it is carried out, and
    taken back."""
    would: list[Redacted] = []
    left: list[Mention] = []
    try:
        with archive.writing() as session:
            would.append(redact(session, request, now, progress))
            left += mentions(session, request)
            raise _Previewed
    except _Previewed:
        return would[0], left


class _Redacting:
    """One redaction."""

    def __init__(
        self, session: Session, request: Request, redaction_id: int, progress: Progress
    ) -> None:
        self._session = session
        self._request = request
        self._id = redaction_id
        self._progress = progress
        self._whole = request.kind is RedactionKind.WHOLE
        self._eraser = Eraser(redaction_id, request.phrases, self._whole)
        self._everywhere = request.scope is RedactionScope.ARCHIVE
        self._counts: Counter[str] = Counter()

    def run(self) -> Redacted:
        session, eraser = self._session, self._eraser
        article_ids = articles_of(session, self._request)
        of_version = self._request.version_id is not None
        address_ids = [] if of_version else addresses_of(session, article_ids)
        version_ids = versions_of(session, self._request, article_ids)
        pages, contents, details, moved = self._moved(address_ids, version_ids)
        changed = versions_with(session, moved, contents, {})
        # Details that others have too stay theirs.
        of_ours = {*versions_with(session, {}, {}, details)} & {*version_ids}
        changed = sorted({*changed, *of_ours})
        keys: list[str] = []
        if not of_version:
            eraser, keys = redact_addresses(session, eraser, address_ids, article_ids)
        around = leading_to(session, address_ids)
        fetch_ids = move_fetches(session, eraser, moved, around)
        self._counts["fetch"] = len(fetch_ids)
        move_readings(session, moved)
        only = changed if self._whole else None
        move_contents(session, contents, only)
        move_details(session, details, [moved.get(page, page) for page in pages])
        refresh_edits(session, changed)
        shared = drop_rows(session, Content, contents)
        drop_rows(session, ReadingDetail, details)
        drop_pages(session, list(moved))
        redact_findings(session, eraser, self._fetches(around, changed))
        if moved or contents or details or keys:
            self._counts["page_sample"] += drop_samples(session, address_ids)
        source_id = None if self._everywhere else self._request.source_id
        self._counts.update(sweep(session, eraser, source_id))
        self._keep_away(keys, pages if self._whole else [])
        self._mark(changed)
        of_addresses = self._fetches(address_ids, changed) if keys else []
        self._forget({*fetch_ids, *of_addresses}, changed, contents.keys() - set(shared))
        self._counts |= {
            "payload": len(moved),
            "content": len(contents),
            "address": len(keys),
            "version": len(changed),
        }
        session.expire_all()
        identifiers = [
            it
            for some in parts(changed)
            for it in session.scalars(select(Version.identifier).where(Version.id.in_(some)))
        ]
        return Redacted(self._id, dict(+self._counts), identifiers, len(shared))

    def _moved(
        self, address_ids: Sequence[int], version_ids: Sequence[int]
    ) -> tuple[list[bytes], Moved, Moved, Moved]:
        """The pages that were looked at, and what moved of contents, details and pages.

        A text that is redacted is so wherever it is read: the pages of all its readings are looked
        at too, until there are none more. Where all is to go what others have too stays theirs.
        """
        session = self._session
        seen: set[bytes] = set()
        waiting = self._pages(address_ids, version_ids)
        contents: Moved = {}
        details: Moved = {}
        moved: Moved = {}
        texts = contents_of(session, version_ids)
        while waiting or texts:
            moved |= redact_pages(session, self._eraser, sorted(waiting), self._told(len(waiting)))
            seen |= waiting
            texts |= of_readings(session, Content, waiting)
            new = redact_rows(session, self._eraser, Content, sorted(texts - contents.keys()))
            more = of_readings(session, ReadingDetail, waiting)
            details |= redact_rows(session, self._eraser, ReadingDetail, sorted(more))
            contents |= new
            waiting = set() if self._whole else self._pages_saying(new) - seen
            texts = set()
        return sorted(seen), contents, details, moved

    def _pages(self, address_ids: Sequence[int], version_ids: Sequence[int]) -> set[bytes]:
        session = self._session
        if self._everywhere:
            return set(session.scalars(select(Payload.digest)))
        found: set[bytes | None] = set()
        for some in parts(address_ids):
            found |= set(session.scalars(select(Fetch.digest).where(Fetch.address_id.in_(some))))
        for some in parts(version_ids):
            found |= set(session.scalars(select(Version.digest).where(Version.id.in_(some))))
        if self._request.version_id is not None:
            showing = (
                select(Fetch.digest)
                .join(Finding, Finding.fetch_id == Fetch.id)
                .where(Finding.version_id == self._request.version_id)
            )
            found |= set(session.scalars(showing))
        return {it for it in found if it is not None}

    def _pages_saying(self, contents: Collection[bytes]) -> set[bytes]:
        return {
            it
            for some in parts(contents)
            for it in self._session.scalars(
                select(Reading.digest).where(Reading.content_digest.in_(some)).distinct()
            )
        }

    def _told(self, whole: int) -> Callable[[int], None]:
        done = 0

        def told(pages: int) -> None:
            nonlocal done
            done += pages
            self._progress(done, whole)

        return told

    def _fetches(self, address_ids: Collection[int], version_ids: Collection[int]) -> list[int]:
        """The fetches whose findings may tell of it."""
        if self._request.version_id is not None:
            query = select(Version.fetch_id).where(Version.id.in_(list(version_ids)))
            return list(self._session.scalars(query))
        return [
            it
            for some in parts(address_ids)
            for it in self._session.scalars(select(Fetch.id).where(Fetch.address_id.in_(some)))
        ]

    def _keep_away(self, keys: Sequence[str], pages: Sequence[bytes]) -> None:
        """Make the rules that stand from now on."""
        key = secrets.token_bytes(_KEY_BYTES)
        rows = [words_rule(self._id, it) for it in self._request.phrases]
        rows += [new_rule(self._id, RuleKind.ADDRESS, key, it.encode()) for it in keys]
        rows += [new_rule(self._id, RuleKind.PAGE, key, it) for it in pages]
        if rows:
            self._session.execute(insert(RedactionRule), rows)

    def _forget(
        self,
        fetch_ids: Collection[int],
        version_ids: Collection[int],
        contents: Collection[bytes],
    ) -> None:
        """Let no leaf of the log of proofs tell what was: leaves that are in a tree stay there,
        without their salts. What is in none yet will be as it is now."""
        for key, ids in ((Leaf.fetch_id, fetch_ids), (Leaf.version_id, version_ids)):
            for some in parts(ids):
                self._session.execute(update(Leaf).where(key.in_(some)).values(salt=None))
        for digests in parts(contents):
            forget(self._session, contents=digests)

    def _mark(self, version_ids: Sequence[int]) -> None:
        rows = [{"version_id": it, "redaction_id": self._id} for it in version_ids]
        if rows:
            self._session.execute(insert(RedactedVersion), rows)


_KEY_BYTES: Final = 16


def unfinished(session: Session) -> list[int]:
    """The redactions whose files were not cleaned yet."""
    query = select(Redaction.id).where(Redaction.cleaned_at.is_(None)).order_by(Redaction.id)
    return list(session.scalars(query))


def count_rules(session: Session) -> int:
    """How many rules stand."""
    return session.scalar(select(func.count()).select_from(RedactionRule)) or 0
