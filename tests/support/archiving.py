"""Short ways to put things into an archive, as a crawl would."""

import itertools
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.frontier.addresses import address_key, normalize
from storage.frontier.checks import Check
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.sources import add_source
from storage.history.captured_pages import Captured, Deferred, Recorded
from storage.history.checks import Checked, record_checks
from storage.history.contents import fingerprint_of
from storage.history.new_reading import NewReading
from storage.history.non_articles import NonArticle, record_non_articles
from storage.history.presence import Removal, record_removals, state_of
from storage.history.rereadings import record_rereadings
from storage.history.version_records import VersionRecord, history
from storage.history.versioning import record_articles
from storage.ledger.fetch_ids import first_id_at
from storage.ledger.headers import Headers
from storage.ledger.pages import load_page
from storage.ledger.payloads import digest_of
from storage.models import (
    Address,
    AddressKind,
    Article,
    Content,
    Outcome,
    Reading,
    Source,
    Version,
    VersionState,
)

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
STATUS = {
    Outcome.UNCHANGED: 304,
    Outcome.MOVED: 301,
    Outcome.GONE: 410,
    Outcome.NOT_FOUND: 404,
    Outcome.BLOCKED: 403,
    Outcome.FAILED: 500,
    Outcome.PAYWALL: 402,
}


@dataclass
class Desk:
    """A pretended crawl of one site at a clock of its own: each call is one check, and what differs
    is believed.

    Its extractor, in each version and with each template, reads a text a little differently.
    """

    archive: Archive
    site: str = "https://example.org/"
    now: datetime = START
    extractor: str = "1"
    template: str = ""
    run_id: int = 1
    published: dict[str, datetime] = field(default_factory=dict)  # by title
    modified: dict[str, datetime] = field(default_factory=dict)  # by title
    languages: dict[str, str | None] = field(default_factory=dict)  # by title; French else
    details: dict[str, Any] = field(default_factory=dict)
    _sequence: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        with self.archive.writing() as session:
            source, _ = add_source(session, self.site, now=self.now)
            self.source: Source = source

    def address(self, path: str, kind: AddressKind = AddressKind.PAGE) -> int:
        """The id of the address at `path`, made known if it wasn't."""
        url = normalize(path, base=self.site)
        with self.archive.writing() as session:
            enqueue(session, [Found(url, kind)], now=self.now)
            return session.scalars(select(Address.id).where(Address.key == address_key(url))).one()

    def prepare(
        self,
        path: str,
        outcome: Outcome = Outcome.FETCHED,
        *,
        body: bytes | None = None,
        redirect: str | None = None,
        found: tuple[Found, ...] = (),
        kind: AddressKind = AddressKind.PAGE,
        minutes: int = 10,
    ) -> Check:
        """A check of `path`, `minutes` after the one before, that is not on record yet."""
        address_id = self.address(path, kind)
        self.now += timedelta(minutes=minutes)
        return Check(
            fetch_id=first_id_at(self.now) + (self.run_id << 11) + next(self._sequence),
            run_id=self.run_id,
            address_id=address_id,
            source_id=self.source.id,
            url=normalize(path, base=self.site),
            kind=kind,
            fetched_at=self.now,
            outcome=outcome,
            status=STATUS.get(outcome, 200),
            request_headers=Headers.of([("User-Agent", "a test")]),
            body=body,
            keep=kind is AddressKind.PAGE,
            redirect=redirect,
            found=found,
        )

    def record(self, check: Check) -> Checked:
        with self.archive.writing() as session:
            (checked,) = record_checks(session, [check])
            state = state_of(check.outcome, check.detail)
            if checked.removal and state is not None:
                record_removals(session, [Removal(check.address_id, check.fetch_id, state)])
        return checked

    def check(
        self,
        path: str,
        outcome: Outcome = Outcome.FETCHED,
        *,
        body: bytes | None = None,
        redirect: str | None = None,
        found: tuple[Found, ...] = (),
        kind: AddressKind = AddressKind.PAGE,
        minutes: int = 10,
    ) -> tuple[Check, Checked]:
        """One check of `path`, `minutes` after the one before."""
        check = self.prepare(
            path, outcome, body=body, redirect=redirect, found=found, kind=kind, minutes=minutes
        )
        return check, self.record(check)

    def body(
        self, title: str, text: str, *, advert: str = "", canonical_url: str | None = None
    ) -> bytes:
        """A page that says this."""
        return json.dumps([title, text, canonical_url, advert]).encode()

    def reading(self, body: bytes) -> NewReading:
        """What this desk's extractor makes of a page."""
        title, text, canonical_url, _advert = json.loads(body)
        if self.extractor != "1" or self.template:
            text += f" (read by {self.extractor} with {self.template or 'no template'})"
        return NewReading(
            digest=digest_of(body),
            input=digest_of(body),
            extractor=self.extractor,
            template=self.template,
            title=title,
            text=text,
            canonical_url=canonical_url,
            published_at=self.published.get(title),
            modified_at=self.modified.get(title),
            language=self.languages.get(title, "fr-FR"),
            details=self.details,
        )

    def captured(self, check: Check) -> Captured:
        """The check's page, read."""
        assert check.body is not None
        return Captured(
            check.fetch_id,
            check.address_id,
            check.fetched_at,
            self.reading(check.body),
            judged=True,
        )

    def record_page(self, page: Captured) -> Recorded:
        """Put a page on record; one that differs is an edit, unless the version it is compared
        with reads alike by today's extractor and template."""
        recorded = self._record(replace(page, judged=False))
        if isinstance(recorded, Deferred):
            known = dict.fromkeys((recorded.version_id, self._current(recorded.article_id)))
            words = _words(page.reading)
            same = (it for it in known if self._read_as(it, page.reading) == words)
            shows = next(same, None)
            recorded = self._record(replace(page, judged=True, shows=shows))
        assert isinstance(recorded, Recorded)
        return recorded

    def _current(self, article_id: int | None) -> int | None:
        with self.archive.reading() as session:
            return session.get_one(Article, article_id).current_version_id

    def _record(self, page: Captured) -> Recorded | Deferred:
        with self.archive.writing() as session:
            (recorded,) = record_articles(session, [page])
        return recorded

    def _read_as(self, version_id: int | None, other: NewReading) -> bytes:
        """What a version's page reads as by the other's extractor and template, kept as its
        reading."""
        with self.archive.writing() as session:
            version = session.get_one(Version, version_id)
            state = session.get_one(VersionState, version_id)
            best = session.get_one(Reading, state.best_reading)
            if (best.extractor, best.template) == (other.extractor, other.template):
                return session.get_one(Content, best.content_digest).fingerprint
            return self._reread(session, version)

    def reread(self, version_id: int) -> None:
        """Read a version's page again with today's extractor and template."""
        with self.archive.writing() as session:
            self._reread(session, session.get_one(Version, version_id))

    def _reread(self, session: Session, version: Version) -> bytes:
        reading = self.reading(load_page(session, version.fetch_id).body)
        record_rereadings(session, [(version.id, reading)])
        return _words(reading)

    def record_together(self, checks: list[Check]) -> None:
        """Put checks of articles on record in one batch, and then their pages in another."""
        with self.archive.writing() as session:
            results = record_checks(session, checks)
        fetched = zip(checks, results, strict=True)
        pages = [self.captured(check) for check, checked in fetched if checked.extract]
        with self.archive.writing() as session:
            recorded = record_articles(session, pages)
        assert all(isinstance(one, Recorded) for one in recorded)

    def read(
        self,
        path: str,
        title: str,
        text: str,
        *,
        advert: str = "",
        canonical_url: str | None = None,
        minutes: int = 10,
    ) -> Recorded | None:
        """Fetch a page that says this, and read it; None when its bytes had not changed."""
        body = self.body(title, text, advert=advert, canonical_url=canonical_url)
        check, checked = self.check(path, body=body, minutes=minutes)
        return self.record_page(self.captured(check)) if checked.extract else None

    def judge(self, path: str, outcome: Outcome, *, body: bytes = b"no article") -> NonArticle:
        """Fetch a page that turns out to be no article."""
        check, checked = self.check(path, body=body)
        assert checked.extract
        non_article = NonArticle(
            check.fetch_id,
            check.address_id,
            check.fetched_at,
            outcome,
            "as a test says",
            judged=True,
        )
        with self.archive.writing() as session:
            record_non_articles(session, [non_article])
        return non_article

    def article(self, path: str) -> Article:
        """The article at `path`."""
        with self.archive.reading() as session:
            return session.scalars(
                select(Article)
                .join(Address, Address.article_id == Article.id)
                .where(Address.key == address_key(normalize(path, base=self.site)))
            ).one()

    def history(self, path: str) -> list[VersionRecord]:
        """The versions of the article at `path`, the first one first."""
        article_id = self.article(path).id
        with self.archive.reading() as session:
            return history(session, article_id)


def _words(reading: NewReading) -> bytes:
    """What tells an edit of what the reading says."""
    return fingerprint_of(reading.title, reading.text)
