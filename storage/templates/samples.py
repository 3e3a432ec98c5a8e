"""The pages that a source's templates are learned from: those fetched last, a bounded number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from storage.database.dialects import upsert
from storage.ledger.compression import compress, decompress
from storage.models import Address, Article, PageSample, Source

SAMPLE = 200
"""Pages a source."""

_LATEST = (
    select(PageSample.address_id, PageSample.sample, PageSample.before)
    .join(Address, Address.id == PageSample.address_id)
    .outerjoin(Article, Article.id == Address.article_id)
    .where(PageSample.source_id == bindparam("source"), Article.dismissed_as.is_(None))
    .order_by(PageSample.fetched_at.desc(), PageSample.address_id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Sampled:
    """A page's sample as JSON, and what it was when templates were last learned, None where it was
    the same or there was none."""

    address_id: int
    sample: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class NewSample:
    address_id: int
    source_id: int
    fetched_at: datetime
    sample: str


def sample_pages(session: Session, pages: Sequence[NewSample]) -> None:
    """Put pages in their sources' samples; the latest of a page counts."""
    rows = {page.address_id: page for page in pages}
    if not rows:
        return
    insert = upsert(session, PageSample)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["address_id"],
            set_={
                "before": func.coalesce(PageSample.before, PageSample.sample),
                "sample": insert.excluded.sample,
                "fetched_at": insert.excluded.fetched_at,
            },
        ),
        [
            {
                "address_id": page.address_id,
                "source_id": page.source_id,
                "fetched_at": page.fetched_at,
                "sample": compress(page.sample.encode()),
                "before": None,
            }
            for page in rows.values()
        ],
    )
    sources = {page.source_id for page in rows.values()}
    session.execute(
        update(Source).where(Source.id.in_(sources), Source.relearn.is_(False)).values(relearn=True)
    )


def samples_of(session: Session, source_id: int) -> list[Sampled]:
    """The source's sample, the page fetched last first, without what proved to be no article."""
    rows = session.execute(_LATEST, {"source": source_id, "most": SAMPLE})
    return [
        Sampled(address_id, _text(sample), None if before is None else _text(before))
        for address_id, sample, before in rows
    ]


def settle_samples(session: Session, samples: Mapping[int, str]) -> None:
    """Keep these samples, by address id, as what templates were last learned from."""
    rows = [
        {"address_id": address_id, "sample": compress(sample.encode()), "before": None}
        for address_id, sample in samples.items()
    ]
    if rows:
        session.execute(update(PageSample), rows)


def trim_samples(session: Session, source_id: int) -> None:
    """Let go of what is beyond the source's sample."""
    oldest = session.scalar(
        select(PageSample.fetched_at)
        .where(PageSample.source_id == source_id)
        .order_by(PageSample.fetched_at.desc())
        .offset(SAMPLE - 1)
        .limit(1)
    )
    if oldest is not None:
        session.execute(
            delete(PageSample).where(
                PageSample.source_id == source_id, PageSample.fetched_at < oldest
            )
        )


def _text(data: bytes) -> str:
    return decompress(data).decode()
