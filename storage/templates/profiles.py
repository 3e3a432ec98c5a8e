"""Site profiles in the archive: the sample of pages a site's is learned from, and what was learned.

The sample of a source is the pages whose addresses hash lowest (a bottom-k sample), so it is
bounded, and the same whatever order the pages came in.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.database.dialects import upsert
from storage.ledger.payloads import compress, decompress
from storage.models import Address, PageOutline, SiteProfile, Source

SAMPLE = 200
"""Pages a source that a profile is learned from."""


def sample_pages(session: Session, pages: Sequence[tuple[Address, Sequence[str]]]) -> None:
    """Offer pages' outlines to their sources' samples; the latest outline of a page counts."""
    bounds = {
        source_id: _last_in_sample(session, source_id)
        for source_id in {address.source_id for address, _ in pages}
    }
    rows = {}
    for address, outline in pages:
        rank = int.from_bytes(hashlib.sha256(address.key.encode()).digest()[:7])
        bound = bounds[address.source_id]
        if bound is None or rank <= bound:
            rows[address.id] = {
                "address_id": address.id,
                "source_id": address.source_id,
                "rank": rank,
                "outline": compress("\n".join(outline).encode()),
            }
    known = session.execute(
        select(PageOutline.address_id, PageOutline.outline).where(PageOutline.address_id.in_(rows))
    )
    for address_id, data in known:
        if rows[address_id]["outline"] == data:
            del rows[address_id]
    if not rows:
        return
    insert = upsert(session, PageOutline)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["address_id"], set_={"outline": insert.excluded.outline}
        ),
        list(rows.values()),
    )
    session.execute(
        update(Source)
        .where(
            Source.id.in_({row["source_id"] for row in rows.values()}), Source.relearn.is_(False)
        )
        .values(relearn=True)
    )


def _last_in_sample(session: Session, source_id: int) -> int | None:
    """The highest rank in the source's sample, None while there is room in it."""
    return session.scalar(
        select(PageOutline.rank)
        .where(PageOutline.source_id == source_id)
        .order_by(PageOutline.rank)
        .offset(SAMPLE - 1)
        .limit(1)
    )


def sampled_outlines(session: Session, source_id: int) -> list[list[str]]:
    """The outlines of the source's sample, at most SAMPLE."""
    rows = session.scalars(
        select(PageOutline.outline)
        .where(PageOutline.source_id == source_id)
        .order_by(PageOutline.rank)
        .limit(SAMPLE)
    )
    outlines = (decompress(data).decode() for data in rows)
    return [outline.split("\n") if outline else [] for outline in outlines]


def current_profile(session: Session, source_id: int) -> tuple[str, str] | None:
    """(digest, canonical JSON) of the source's profile, None where none was learned yet."""
    row = session.execute(
        select(SiteProfile.digest, SiteProfile.profile)
        .where(SiteProfile.source_id == source_id)
        .order_by(SiteProfile.learned_at.desc(), SiteProfile.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.digest, row.profile)


def save_profile(
    session: Session, source_id: int, *, digest: str, profile: str, pages: int, now: datetime
) -> bool:
    """Make this the source's profile, and let go of what is beyond its sample.

    Returns whether the profile is another than before.
    """
    bound = _last_in_sample(session, source_id)
    if bound is not None:
        session.execute(
            delete(PageOutline).where(PageOutline.source_id == source_id, PageOutline.rank > bound)
        )
    session.execute(update(Source).where(Source.id == source_id).values(relearn=False))
    known = current_profile(session, source_id)
    if known is not None and known[0] == digest:
        return False
    session.execute(
        upsert(session, SiteProfile)
        .values(source_id=source_id, digest=digest, profile=profile, pages=pages, learned_at=now)
        .on_conflict_do_update(
            index_elements=["source_id", "digest"], set_={"learned_at": now, "pages": pages}
        )
    )
    return True
