"""What each site's tdmrep.json answered, and when: evidence of what it said of mining its pages.

The file of the TDM Reservation Protocol is a site's, not a page's. A row tells that it was so from
`asked_at` to `last_asked_at`; what it answers otherwise is a new row, and no row is ever changed
but for that last time.
"""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
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
    last = _latest(session, origin)
    return None if last is None else last.last_asked_at


def keep_tdm_answer(session: Session, origin: str, answer: TdmAnswer) -> None:
    """Put the answer on record."""
    last = _latest(session, origin)
    if last is not None and last.last_asked_at >= answer.asked_at:
        return  # another crawl asked meanwhile
    if last is not None and (last.status, last.body) == (answer.status, answer.body):
        last.last_asked_at = answer.asked_at
        return
    session.add(
        TdmFile(
            origin=origin,
            asked_at=answer.asked_at,
            last_asked_at=answer.asked_at,
            status=answer.status,
            conclusive=answer.is_conclusive,
            body=answer.body,
        )
    )


def tdm_file_at(session: Session, url: str, at: datetime) -> bytes | None:
    """The file of the URL's site as it was known at that time; None where there was none."""
    known = (
        select(TdmFile.body)
        .where(TdmFile.origin == origin_of(url), TdmFile.asked_at <= at, TdmFile.conclusive)
        .order_by(TdmFile.asked_at.desc())
        .limit(1)
    )
    return session.scalar(known)


def _latest(session: Session, origin: str) -> TdmFile | None:
    rows = select(TdmFile).where(TdmFile.origin == origin)
    return session.scalar(rows.order_by(TdmFile.asked_at.desc()).limit(1))
