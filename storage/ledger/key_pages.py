"""Which key page a page is compressed against: one of its source's that makes it small.

A source has a key page for each of its layouts, in effect: a page of another layout gains little
from a key, and becomes the next one. So does a page after a redesign, once the pages since are
compressed worse than was usual. A key page is stored plain: a payload needs one other to be read,
never a chain of them.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.orm import Session

from storage.database.clock import utc_now
from storage.database.dialects import insert_new
from storage.ledger.compression import compress, prepared_keys
from storage.models import KeyPage, Payload

SMALLEST: Final = 1_024  # bytes of a page that a key is tried on
LARGEST_KEYED: Final = 2 * 2**20  # bytes of one, and of a key

_GAIN: Final = 0.6
"""A page that no key makes smaller than this share of itself compressed alone, is stored plain and
offered as a key."""
_GOOD: Final = 1.25  # times what is usual of a key: no other is tried
_STALE: Final = 1.5  # times what was usual of a key: the next page is a new one
_SETTLED: Final = 4  # pages after which what is usual is known well enough
_FIRST: Final = 16  # pages that tell what is usual
_LATEST: Final = 8  # pages that tell what is so of late
_KEY: Final = tuple_(KeyPage.source_id, KeyPage.digest)
_PROVEN: Final = 4  # keys a source that were of use
_UNPROVEN: Final = 2  # keys a source that were of none yet


@dataclass(frozen=True, slots=True)
class Compressed:
    """A body's bytes, and the key that they are read with, if any."""

    data: bytes
    key: bytes | None = None


@dataclass(slots=True)
class _Offer:
    """A key on offer, and what pages were compressed to against it: bytes a byte."""

    digest: bytes
    used_at: datetime
    alone: float
    pages: int = 0
    usual: float = 0.0
    recent: float = 0.0
    is_new: bool = False
    is_changed: bool = False

    def is_good(self, share: float) -> bool:
        return self.pages >= _SETTLED and share <= _GOOD * self.usual

    @property
    def is_stale(self) -> bool:
        return self.pages >= _FIRST and self.recent > _STALE * self.usual

    def use(self, share: float, now: datetime) -> None:
        if self.pages < _FIRST:
            self.usual += (share - self.usual) / (self.pages + 1)
        self.recent += (share - self.recent) / min(self.pages + 1, _LATEST)
        self.pages += 1
        self.used_at, self.is_changed = now, True

    def renew(self) -> None:
        """What is so of late is what is usual now."""
        self.usual, self.is_changed = self.recent, True


class KeyPages:
    """The key pages of some sources, for the pages that one transaction stores; it may be a later
    one than these are read in.

    `load` gives the body of a payload that is in the archive.
    """

    def __init__(
        self, session: Session, source_ids: Collection[int], load: Callable[[bytes], bytes]
    ) -> None:
        self._load = load
        self._now = utc_now()
        self._bodies: dict[bytes, bytes] = {}  # of keys that are stored only at the end
        self._gone: list[tuple[int, bytes]] = []
        self._offers: dict[int, list[_Offer]] = {source_id: [] for source_id in source_ids}
        if not source_ids:
            return
        rows = session.scalars(
            select(KeyPage)
            .join(Payload, Payload.digest == KeyPage.digest)
            .where(KeyPage.source_id.in_(source_ids), Payload.key_digest.is_(None))
            .order_by(KeyPage.used_at, KeyPage.digest)
        )
        for row in rows:
            offer = _Offer(row.digest, row.used_at, row.alone, row.pages, row.usual, row.recent)
            self._offers[row.source_id].append(offer)

    def compress(self, source_id: int | None, digest: bytes, body: bytes) -> Compressed:
        """The body as it is to be stored; of no source, compressed alone."""
        if source_id is None or not SMALLEST <= len(body) <= LARGEST_KEYED:
            return Compressed(compress(body))
        offers = self._offers[source_id]
        best = self._best(offers, body)
        if best is None:
            return self._offer(source_id, digest, body, compress(body))
        offer, data = best
        share = len(data) / len(body)
        if offer.is_stale:
            offer.renew()
            return self._offer(source_id, digest, body, compress(body))
        if share > _GAIN * offer.alone:
            alone = compress(body)
            if len(data) > _GAIN * len(alone):
                return self._offer(source_id, digest, body, alone)
        offer.use(share, self._now)
        offers.remove(offer)
        offers.append(offer)
        return Compressed(data, offer.digest)

    def save(self, session: Session) -> None:
        """Put on record what is on offer now; the payloads are stored."""
        new: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for source_id, offers in self._offers.items():
            for it in offers:
                values = {"used_at": it.used_at, "pages": it.pages, "usual": it.usual}
                values |= {"recent": it.recent, "alone": it.alone}
                row = {"source_id": source_id, "digest": it.digest, **values}
                if it.is_new:
                    new.append(row)
                elif it.is_changed:
                    changed.append(row)
        free = _free(session, [*((it["source_id"], it["digest"]) for it in changed), *self._gone])
        changed = [it for it in changed if (it["source_id"], it["digest"]) in free]
        gone = free.intersection(self._gone)
        if changed:
            session.execute(update(KeyPage), changed)
        if gone:
            session.execute(delete(KeyPage).where(_KEY.in_(sorted(gone))))
        if new:
            session.execute(insert_new(session, KeyPage), new)

    def _best(self, offers: list[_Offer], body: bytes) -> tuple[_Offer, bytes] | None:
        """The key that makes the body smallest, the one used last first; with what comes out."""
        best: tuple[_Offer, bytes] | None = None
        for offer in reversed(offers):
            key = prepared_keys.get(offer.digest, partial(self._body, offer.digest))
            data = key.compress(body)
            if best is None or len(data) < len(best[1]):
                best = offer, data
            if offer.is_good(len(data) / len(body)):
                break
        return best

    def _body(self, digest: bytes) -> bytes:
        known = self._bodies.get(digest)
        return self._load(digest) if known is None else known

    def _offer(self, source_id: int, digest: bytes, body: bytes, data: bytes) -> Compressed:
        """Store the body plain, and offer it as a key in place of one that is of less use."""
        offers = self._offers[source_id]
        for most, among in (
            (_UNPROVEN - 1, [it for it in offers if not it.pages]),
            (_PROVEN, [it for it in offers if it.pages]),
        ):
            for it in among[: max(0, len(among) - most)]:
                offers.remove(it)
                if not it.is_new:
                    self._gone.append((source_id, it.digest))
        self._bodies[digest] = body
        offers.append(_Offer(digest, self._now, len(data) / len(body), is_new=True))
        return Compressed(data)


def _free(session: Session, rows: Collection[tuple[int, bytes]]) -> set[tuple[int, bytes]]:
    """Those of these rows that are there, and that nobody else is writing: what is measured of
    a key is worth waiting for nobody. They are locked then."""
    if not rows:
        return set()
    among = select(KeyPage.source_id, KeyPage.digest).where(_KEY.in_(sorted(rows)))
    locked = session.execute(among.with_for_update(skip_locked=True))
    return {(row.source_id, row.digest) for row in locked}
