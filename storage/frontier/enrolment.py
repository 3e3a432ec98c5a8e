"""Enrolling a site: its source, and the entrances at which a crawl begins."""

from datetime import datetime

from sqlalchemy.orm import Session

from storage.frontier.addresses import normalize
from storage.frontier.due import Found, enqueue, recheck
from storage.frontier.sources import add_source
from storage.models import AddressKind, Source


def enrol(
    session: Session,
    url: str,
    *,
    now: datetime,
    allow_private: bool = False,
    delay: float | None = None,
    cadence: int | None = None,
) -> Source:
    """The source with the front page `url`, made or found, its front page and robots.txt known,
    and everything but its articles due. Raises InvalidURL."""
    source, _ = add_source(
        session, url, now=now, allow_private=allow_private, delay=delay, cadence=cadence
    )
    front = normalize(url)
    entrances = [
        Found(normalize("/robots.txt", base=front), AddressKind.ROBOTS),
        Found(front, AddressKind.FRONT),
    ]
    enqueue(session, entrances, now=now)
    recheck(session, [source.id], now=now, articles=False)
    return source
