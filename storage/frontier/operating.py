"""What an operator decides about a source: whether it is crawled, how, and from where.

What changes its addresses is refused while a run is crawling it: that run may hold them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.database.errors import Refused
from storage.frontier.addresses import address_key, host_of, is_local, normalize
from storage.frontier.domains import registered_domain
from storage.frontier.enrolment import enter, know, step_down
from storage.frontier.sources import find_source, owners, require_own_domain, source_name
from storage.ledger.runs import named
from storage.models import Address, AddressKind, Frontier, Run, Source, SourceHost

_LISTS = (AddressKind.FEED, AddressKind.SITEMAP, AddressKind.SECTION)
_OF_THE_SITE = (AddressKind.FRONT, AddressKind.ROBOTS, *_LISTS)


def pause(source: Source, until: datetime | None) -> None:
    """Crawl the source no more, or not before `until`. A crawl that is under way finishes."""
    source.enabled, source.resume_at = False, until


def resume(source: Source, now: datetime) -> None:
    """Crawl the source again, now; but a pause that the site asked for is kept."""
    source.enabled, source.resume_at, source.removed_at = True, None, None
    source.next_due_at = min(source.next_due_at or now, now)


def add_listing(
    session: Session, source: Source, url: str, kind: AddressKind, now: datetime
) -> str:
    """Read the feed, sitemap or section at `url` from now on; returns the URL as it is kept.

    Raises InvalidURL, and Refused for what is not the source's or is an article.
    """
    url = normalize(url)
    netloc = urlsplit(url).netloc
    owner = owners(session, {netloc}).get(netloc)
    if owner is None or owner.id != source.id:
        whose = "no source" if owner is None else owner.name
        raise Refused(f"{url} is at a host of {whose}, not of {source.name}")
    address = session.scalar(select(Address).where(Address.key == address_key(url)))
    if address is not None and address.article_id is not None:
        raise Refused(f"{url} is an article: see `permalien show {url}`")
    know(session, url, kind, now)
    return url


def add_host(session: Session, source: Source, host: str) -> str:
    """Count another site's host, and its subdomains, as the source's: what leads there is followed.
    Returns its name. Raises InvalidURL, and Refused where it is one of the archive's sources, or
    another source of the same domain would ask it at a pace of its own."""
    url = normalize(host if "//" in host else f"https://{host}")
    name, domain = source_name(url), registered_domain(url)
    netloc = urlsplit(url).netloc
    owner = owners(session, {netloc}).get(netloc)
    if owner is not None:
        raise Refused(f"{name} is a host of {owner.name} already")
    require_own_domain(session, url, of=source.id)
    if is_local(host_of(url)) and not source.allow_private:
        raise Refused(
            f"{name} is no host of the public web: "
            f"`permalien sources edit {source.name} --allow-private` first, if it is yours"
        )
    other = select(Source.name).where(Source.domain == domain, Source.id != source.id)
    if domain != source.domain and (sibling := session.scalar(other.limit(1))) is not None:
        raise Refused(f"{name} is of {domain}, as {sibling} is, which is a source of its own")
    session.add(SourceHost(name=name, source_id=source.id, domain=domain))
    session.flush()
    return name


def drop_host(session: Session, source: Source, host: str) -> str:
    """Take a host from the source that `add_host` gave it; what is known at it stays, and is asked
    for. Raises InvalidURL, and Refused where it is none of the source's."""
    require_idle(session, source)
    name = source_name(normalize(host if "//" in host else f"https://{host}"))
    row = session.get(SourceHost, name)
    if row is None or row.source_id != source.id:
        raise Refused(f"{source.name} was given no host {name}")
    session.delete(row)
    session.flush()
    return name


def drop_listing(session: Session, source: Source, url: str) -> str:
    """Read the feed, sitemap or section at `url` no more, whatever names it; what came of it
    stays. Raises InvalidURL, and Refused for what is none of the source's."""
    require_idle(session, source)
    url = normalize(url)
    address = session.scalar(
        select(Address).where(Address.key == address_key(url), Address.source_id == source.id)
    )
    if address is None or address.kind not in _LISTS:
        raise Refused(
            f"{source.name} has no feed, sitemap or section {url}: "
            f"see `permalien sources show {source.name}`"
        )
    _exclude(session, [address.id])
    return address.url


def move_front(session: Session, source: Source, url: str, now: datetime) -> None:
    """Make `url`, at the same host, the front page; the one before is read as a section.

    Raises InvalidURL and Refused.
    """
    require_idle(session, source)
    url = normalize(url)
    if source_name(url) != source.name:
        raise Refused(
            f"{url} is at another host than {source.name}: "
            f"`permalien sources rename {source.name} {url}`"
        )
    step_down(session, source)
    source.url = url
    enter(session, source, now)


def rename(session: Session, source: Source, url: str, now: datetime) -> None:
    """The site has moved to the host of `url`, its new front page; its record stays its own.

    Its articles' addresses are asked as before, and lead to the new ones by the site's redirects;
    its old feeds, sitemaps and sections are not. Raises InvalidURL, and Refused where another
    source has that host.
    """
    require_idle(session, source)
    url = normalize(url)
    name = source_name(url)
    if name == source.name:
        raise Refused(
            f"{source.name} has that name: `permalien sources edit --url` moves its front"
        )
    if session.scalar(select(Source.id).where(Source.name == name)) is not None:
        raise Refused(f"{name} is a source of its own already: see `permalien sources show {name}`")
    require_own_domain(session, url, of=source.id)
    session.execute(delete(SourceHost).where(SourceHost.name == name))
    old = select(Address.id).where(Address.source_id == source.id, Address.kind.in_(_OF_THE_SITE))
    _exclude(session, session.scalars(old).all())
    source.name, source.url, source.domain = name, url, registered_domain(url)
    session.flush()
    enter(session, source, now)


def require_idle(session: Session, source: Source) -> None:
    """Raises Refused while a run is crawling the source; nobody else takes it up before this
    transaction ends."""
    session.execute(select(Source.id).where(Source.id == source.id).with_for_update())
    session.refresh(source)
    if source.lease_run_id is None:
        return
    raise Refused(
        f"{source.name} is being crawled by {named(session.get_one(Run, source.lease_run_id))}: "
        f"stop that process; or say `permalien sources pause {source.name}`, and try again when "
        f"`permalien sources show {source.name}` names no run any more"
    )


def found_sources(session: Session, names: Sequence[str]) -> list[Source]:
    """The sources of these names, each once. Raises NotFound."""
    return list(
        {source.id: source for source in (find_source(session, it) for it in names)}.values()
    )


def _exclude(session: Session, address_ids: Collection[int]) -> None:
    session.execute(update(Address).where(Address.id.in_(address_ids)).values(excluded=True))
    session.execute(delete(Frontier).where(Frontier.address_id.in_(address_ids)))
