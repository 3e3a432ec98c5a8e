"""What is verified: all of the archive, or what hangs on some sources' fetches of some time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true

from storage.ledger.fetch_ids import first_id_at
from storage.models import Address, Article, Fetch, Payload


@dataclass(frozen=True, slots=True)
class Scope:
    """All, where nothing is said. `sources` are ids; fetches from `since` on and before `until`;
    `sample` is how many stored pages are picked at random, and nothing but these is checked."""

    sources: tuple[int, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    sample: int | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return self == Scope()

    @property
    def of_pages(self) -> bool:
        """Whether some stored pages are all that is checked."""
        return self.sample is not None

    def of_fetches(self) -> ColumnElement[bool]:
        """For a statement that has Fetch."""
        found: ColumnElement[bool] = true()
        if self.sources:
            own = select(Address.id).where(Address.source_id.in_(self.sources))
            found &= Fetch.address_id.in_(own)
        if self.since is not None:
            found &= Fetch.id >= first_id_at(self.since)
        if self.until is not None:
            found &= Fetch.id < first_id_at(self.until)
        return found

    def of_articles(self) -> ColumnElement[bool]:
        """For a statement that has Article; the time of fetches limits none."""
        return Article.source_id.in_(self.sources) if self.sources else true()

    def of_payloads(self) -> ColumnElement[bool]:
        """For a statement that has Payload."""
        if self.whole:
            return true()
        fetched = select(Fetch.digest).where(Fetch.digest.is_not(None), self.of_fetches())
        some = Payload.digest.in_(fetched)
        if self.sample is None:
            return some
        picked = select(Payload.digest).where(some).order_by(func.random()).limit(self.sample)
        return Payload.digest.in_(picked)
