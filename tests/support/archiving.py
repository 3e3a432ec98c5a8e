"""Short ways to put things into an archive, as a crawl would."""

import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from storage.addresses import address_key, normalize
from storage.archive import Archive
from storage.checks import Check, Checked, record_checks
from storage.captures import load_capture
from storage.extractions import Reading, record_rereadings
from storage.frontier import Found, enqueue
from storage.models import Address, AddressKind, Outcome, Source
from storage.observation_ids import first_id_at
from storage.payloads import digest_of
from storage.sources import add_source
from storage.versioning import (
    Captured,
    NeedsBaseline,
    Recorded,
    record_articles,
)

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@dataclass
class Desk:
    """A pretended crawl of one site at a clock of its own: each call is one check."""

    archive: Archive
    site: str = "https://example.org/"
    now: datetime = START
    extractor: str = "1"
    profile: str = ""
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
        address_id = self.address(path, kind)
        self.now += timedelta(minutes=minutes)
        check = Check(
            observation_id=first_id_at(self.now) + next(self._sequence),
            run_id=1,
            address_id=address_id,
            source_id=self.source.id,
            kind=kind,
            observed_at=self.now,
            outcome=outcome,
            status=200,
            body=body,
            redirect=redirect,
            found=found,
        )
        with self.archive.writing() as session:
            (checked,) = record_checks(session, [check])
        return check, checked

    def reading(
        self, body: bytes, title: str, text: str, canonical_url: str | None = None
    ) -> Reading:
        return Reading(
            digest=digest_of(body),
            extractor=self.extractor,
            profile=self.profile,
            title=title,
            text=text,
            canonical_url=canonical_url,
        )

    def read(
        self,
        path: str,
        title: str,
        text: str,
        *,
        advert: str = "",
        canonical_url: str | None = None,
    ) -> Recorded | None:
        """Fetch a page that says this, and read it; None when its bytes had not changed."""
        body = json.dumps([title, text, advert]).encode()
        check, checked = self.check(path, body=body)
        if not checked.extract:
            return None
        page = Captured(
            check.observation_id,
            check.address_id,
            check.observed_at,
            self.reading(body, title, text, canonical_url),
        )
        with self.archive.writing() as session:
            (recorded,) = record_articles(session, [page])
            if isinstance(recorded, NeedsBaseline):
                record_rereadings(session, [(recorded.version_id, self._reread(recorded))])
                (recorded,) = record_articles(session, [page])
        assert isinstance(recorded, Recorded)
        return recorded

    def _reread(self, baseline: NeedsBaseline) -> Reading:
        with self.archive.reading() as session:
            body = load_capture(session, baseline.observation_id).body
        title, text, _ = json.loads(body)
        return self.reading(body, title, text)
