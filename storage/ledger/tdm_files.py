"""What each site's tdmrep.json answered, and when: evidence of what it said of mining its pages.

The file of the TDM Reservation Protocol is a site's, not a page's. A row tells that it was so from
`asked_at` to `last_asked_at`; what it answers otherwise is a new row, and no row is ever changed
but for that last time.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from storage.models import TdmFile


@dataclass(frozen=True, slots=True)
class TdmAnswer:
    """What was answered at `asked_at`. `status` is None where nobody answered, or robots.txt
    forbids to ask; `body` is None where there is no such file, or none that can be meant."""

    asked_at: datetime
    status: int | None
    body: bytes | None = field(default=None, repr=False)

    @property
    def is_conclusive(self) -> bool:
        """Whether it tells if there is a file: a server that fails, or asks to be left alone,
        does not."""
        return self.status is not None and self.status < 500 and self.status != 429


def origin_of(url: str) -> str:
    """The scheme, host and port of the URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def tdm_file_asked_at(session: Session, origin: str) -> datetime | None:
    """When it was last asked for, None for never."""
    last = select(TdmFile.last_asked_at).where(TdmFile.origin == origin)
    return session.scalar(last.order_by(TdmFile.asked_at.desc()).limit(1))


def keep_tdm_answers(session: Session, answers: Sequence[tuple[str, TdmAnswer]]) -> list[TdmAnswer]:
    """Put on record what these origins answered, in order; returns what they answered."""
    last = _latest(session, {origin for origin, _ in answers})
    for origin, answer in answers:
        known = last.get(origin)
        if known is not None and known.last_asked_at >= answer.asked_at:
            continue  # another crawl asked meanwhile
        if known is not None and (known.status, known.body) == (answer.status, answer.body):
            known.last_asked_at = answer.asked_at
            continue
        last[origin] = TdmFile(
            origin=origin,
            asked_at=answer.asked_at,
            last_asked_at=answer.asked_at,
            status=answer.status,
            conclusive=answer.is_conclusive,
            body=answer.body,
        )
        session.add(last[origin])
    return [answer for _, answer in answers]


def tdm_files_at(
    session: Session, pages: Collection[tuple[str, datetime]]
) -> dict[tuple[str, datetime], bytes]:
    """The files of the URLs' sites, as they were known at those times; without those of which
    there was none."""
    if not pages:
        return {}
    times: defaultdict[str, list[datetime]] = defaultdict(list)
    for origin, asked_at in session.execute(
        select(TdmFile.origin, TdmFile.asked_at)
        .where(TdmFile.origin.in_({origin_of(url) for url, _ in pages}), TdmFile.conclusive)
        .order_by(TdmFile.asked_at)
    ):
        times[origin].append(asked_at)
    known = {}
    for url, at in pages:
        origin = origin_of(url)
        if before := [it for it in times[origin] if it <= at]:
            known[url, at] = origin, before[-1]
    rows = session.execute(
        select(TdmFile.origin, TdmFile.asked_at, TdmFile.body).where(
            tuple_(TdmFile.origin, TdmFile.asked_at).in_(set(known.values())),
            TdmFile.body.is_not(None),
        )
    )
    bodies = {(origin, asked_at): body for origin, asked_at, body in rows}
    return {page: body for page, row in known.items() if (body := bodies.get(row)) is not None}


def tdm_file_at(session: Session, url: str, at: datetime) -> bytes | None:
    """The file of the URL's site as it was known at that time; None where there was none."""
    return tdm_files_at(session, [(url, at)]).get((url, at))


def _latest(session: Session, origins: Collection[str]) -> dict[str, TdmFile]:
    last = (
        select(TdmFile.origin, func.max(TdmFile.asked_at).label("asked_at"))
        .where(TdmFile.origin.in_(origins))
        .group_by(TdmFile.origin)
        .subquery()
    )
    rows = session.scalars(
        select(TdmFile).join(
            last, (TdmFile.origin == last.c.origin) & (TdmFile.asked_at == last.c.asked_at)
        )
    )
    return {row.origin: row for row in rows}
