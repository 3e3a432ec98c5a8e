"""Enrolling a site: its source, and the entrances at which a crawl begins."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.frontier.addresses import address_key, is_front_page, normalize
from storage.frontier.due import make_due, recheck
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.sources import add_source
from storage.models import Address, AddressKind, Source


def enrol(
    session: Session,
    url: str,
    *,
    now: datetime,
    kind: AddressKind = AddressKind.SECTION,
    allow_private: bool = False,
    delay: float | None = None,
    cadence: int | None = None,
) -> Source:
    """The source whose site `url` is of, made or found; its front page and robots.txt known, and
    everything but its articles due.

    A `url` that is not the front page itself is known as `kind`, and due too. Raises InvalidURL.
    """
    url = normalize(url)
    source, _ = add_source(
        session,
        normalize("/", base=url),
        now=now,
        allow_private=allow_private,
        delay=delay,
        cadence=cadence,
    )
    if is_front_page(url) and not is_front_page(source.url):
        # It was added by its section, which is read all the same.
        step_down(session, source)
        source.url = url
    enter(session, source, now)
    if not is_front_page(url) and url != source.url:
        know(session, url, kind, now)
    recheck(session, [source.id], now=now, articles=False)
    return source


def enter(session: Session, source: Source, now: datetime) -> None:
    """The source's front page and robots.txt are known for what they are, and due."""
    know(session, normalize("/robots.txt", base=source.url), AddressKind.ROBOTS, now)
    know(session, source.url, AddressKind.FRONT, now)


def know(session: Session, url: str, kind: AddressKind, now: datetime) -> None:
    """The address at a normalised URL is known as `kind`, whatever it was taken for, and due; but
    what is an article stays one."""
    key = address_key(url)
    session.execute(
        update(Address)
        .where(Address.key == key, Address.article_id.is_(None))
        .values(kind=kind, excluded=False)
        .execution_options(synchronize_session=False)
    )
    enqueue(session, [Found(url, kind)], now=now)
    make_due(session, session.scalars(select(Address.id).where(Address.key == key)).all(), now=now)


def step_down(session: Session, source: Source) -> None:
    """The source's front page is a section from now on."""
    session.execute(
        update(Address)
        .where(Address.source_id == source.id, Address.kind == AddressKind.FRONT)
        .values(kind=AddressKind.SECTION)
        .execution_options(synchronize_session=False)
    )
