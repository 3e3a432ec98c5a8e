"""What a person names on the command line, a source or any URL, and what that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
from sqlalchemy import false, select, update
from sqlalchemy.orm import Session

from crawler.discovery.shapes import ARTICLE_SCORE, article_score, is_file
from scripts.output import moment
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.addresses import InvalidURL, address_key, is_front_page, normalize
from storage.frontier.domains import registered_domain
from storage.frontier.due import make_due
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.enrolment import enrol
from storage.frontier.robots_txt import RobotsCopy, robots_copy
from storage.frontier.sources import domain_pauses, find_source, owners
from storage.models import Address, AddressKind, Source

if TYPE_CHECKING:
    from crawler.fetching.robots import RobotsAnswer
    from crawler.probing.fetch import Host
    from crawler.probing.looking import Look


@dataclass(frozen=True, slots=True)
class Settings:
    """How a source that is new is to be crawled; None for as usual, or as before."""

    allow_private: bool = False
    delay: float | None = None
    cadence: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What was named. `address_id` is of the URL, None for a source by its name; `kind` what is
    there; `is_new` says that its source is."""

    given: str
    source_id: int
    address_id: int | None
    kind: AddressKind | None
    is_new: bool = False

    @property
    def first(self) -> frozenset[int]:
        """The address that is to be looked at before all else, if one is."""
        if self.address_id is None or self.kind in (AddressKind.FRONT, AddressKind.ROBOTS):
            return frozenset()
        return frozenset({self.address_id})


@dataclass(frozen=True, slots=True)
class Missing:
    """A URL at which there is nothing to crawl, and why."""

    url: str
    why: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found at some URLs, in their order, and what each robots.txt answered that was asked
    for, which the crawl that follows need not ask for."""

    found: list[Target | Missing]
    robots: "list[RobotsAnswer]"


def normal(text: str) -> str:
    """The URL that a person means. Raises click.BadParameter."""
    try:
        return normalize(text if "//" in text else f"https://{text}")
    except InvalidURL as error:
        raise click.BadParameter(str(error), param_hint="URL") from error


def known_target(session: Session, name: str) -> Target | None:
    """The target with this name or URL, if the archive knows it, or can tell it by the address
    alone: what reads like an article's, of a source. It is made due.

    Raises NotFound for a name without a slash, which may be a slip of the hand.
    """
    if "/" not in name:
        return Target(name, find_source(session, name).id, None, None)
    url, now = normal(name), utc_now()
    query = select(Address).where(Address.key == address_key(url))
    address = session.scalar(query)
    if address is None and article_score(url) >= ARTICLE_SCORE and not is_file(url):
        enqueue(session, [Found(url, AddressKind.PAGE)], now=now)
        address = session.scalar(query)
    if address is None:
        return None
    make_due(session, [address.id], now=now)
    source = session.get_one(Source, address.source_id)
    source.next_due_at = min(source.next_due_at or now, now)
    return Target(name, source.id, address.id, address.kind)


def look_for(archive: Archive, urls: Sequence[str], settings: Settings, *, anyway: bool) -> Looked:
    """Look at each URL, and make what is there known and due, and its site a source.

    Where nothing is there nothing is made known, unless `anyway`, or its site is a source: then
    the crawl puts on record what it finds.
    """
    from crawler.probing.looking import look_at

    wanted = [normal(url) for url in urls]
    netlocs = {urlsplit(url).netloc for url in wanted}
    with archive.writing() as session:
        # Where nothing can be written nobody is asked for anything.
        session.execute(update(Source).where(false()).values(quiet_since=None))
        known = owners(session, netlocs)
        domains = {url: registered_domain(url) for url in wanted}
        alone = domain_pauses(session, set(domains.values()), utc_now())
        copies = _copies(session, wanted)
        hosts = {netloc: _host(known.get(netloc), settings) for netloc in netlocs}
    archive.close()
    asked = [url for url in wanted if domains[url] not in alone]
    robots: list[RobotsAnswer] = []
    looked = look_at(asked, hosts, copies=copies, hand_over=robots.append) if asked else []
    looks = dict(zip(asked, looked, strict=True))
    found: list[Target | Missing] = []
    with archive.writing() as session:
        for given, url in zip(urls, wanted, strict=True):
            look = looks.get(url) or _not_asked(url, alone[domains[url]])
            # What nobody has looked at is taken for nothing: it may be anything.
            is_known = url in looks and urlsplit(look.url).netloc in known
            if look.kind is None and not (anyway or is_known):
                found.append(Missing(look.given, look.detail or "nothing is there"))
                continue
            target = _enrolled(session, given, look, settings)
            session.get_one(Source, target.source_id).quiet_since = utc_now()
            _tell(look, target, session.get_one(Source, target.source_id).name)
            found.append(target)
    return Looked(found, robots)


def _copies(session: Session, urls: Sequence[str]) -> dict[str, RobotsCopy]:
    """What the archive has of the robots.txt of these URLs' hosts, by origin."""
    origins = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, urls)}
    found = {origin: robots_copy(session, origin) for origin in sorted(origins)}
    return {origin: copy for origin, copy in found.items() if copy is not None}


def _not_asked(url: str, until: datetime) -> "Look":
    from crawler.probing.looking import Look

    why = f"left alone until {moment(until)}, as its site asked, or since it did not answer"
    return Look(url, url, None, why)


def _host(source: Source | None, settings: Settings) -> "Host":
    """How to ask a host that may be a source's."""
    from crawler.probing.fetch import Host

    if source is None:
        given = {} if settings.delay is None else {"delay": settings.delay}
        return Host(**given, private=settings.allow_private)
    since = source.quiet_since
    return Host(
        source.delay if settings.delay is None else settings.delay,
        None if since is None else max(0.0, (utc_now() - since).total_seconds()),
        settings.allow_private or source.allow_private,
    )


def _enrolled(session: Session, given: str, look: "Look", settings: Settings) -> Target:
    from crawler.probing.looking import Kind

    kinds = {
        Kind.FRONT: AddressKind.FRONT,
        Kind.SECTION: AddressKind.SECTION,
        Kind.FEED: AddressKind.FEED,
        Kind.SITEMAP: AddressKind.SITEMAP,
    }
    kind = AddressKind.PAGE if look.kind is None else kinds.get(look.kind, AddressKind.PAGE)
    if is_front_page(look.url):
        kind = AddressKind.FRONT
    now = utc_now()
    source = enrol(
        session,
        look.url,
        now=now,
        kind=kind,
        allow_private=settings.allow_private,
        delay=settings.delay,
        cadence=settings.cadence,
    )
    address_id = session.scalar(select(Address.id).where(Address.key == address_key(look.url)))
    return Target(given, source.id, address_id, kind, is_new=source.added_at == now)


def _tell(look: "Look", target: Target, source: str) -> None:
    """What the URL is, to standard error: what a command finds is its output."""
    where = look.url if look.url == look.given else f"{look.given} leads to {look.url}"
    if look.kind is None:
        what = f"nothing there: {look.detail}"
    else:
        what = look.detail or _PHRASES[look.kind]
    new = f"; {source} is a source now" if target.is_new else f", of {source}"
    click.echo(f"{where}: {what}{new}", err=True)


_PHRASES = {
    "front": "a front page",
    "section": "a section",
    "feed": "a feed",
    "sitemap": "a sitemap, or a list of URLs",
    "article": "an article",
    "page": "a page",
}
