"""Sources: adding and finding them, and the leases that let one run at a time crawl each."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, update
from sqlalchemy.orm import Session, aliased, selectinload

from storage.database.clock import system_now
from storage.database.dialects import database_now, insert_new, try_lock
from storage.database.errors import NotFound, Refused
from storage.database.types import UtcDateTime
from storage.frontier.addresses import InvalidURL, normalize, site_host
from storage.frontier.domains import is_public_suffix, registered_domain
from storage.frontier.revisits import RETRY_HORIZON
from storage.models import Frontier, Run, Source, SourceHost

_CHUNK = 500  # names a statement: SQLite takes 32,766 parameters
_NONE: Mapping[int, datetime] = MappingProxyType({})
_LEASES = 1  # of the locks that a PostgreSQL archive's processes share


def source_name(url: str) -> str:
    """The name of the source that has this front page: its host without `www.`, and a port that
    is not the scheme's own. `url` is normalised."""
    return site_host(urlsplit(url).netloc)


def owners(session: Session, netlocs: Collection[str]) -> dict[str, Source]:
    """Whose each host is: the source named like it or like the longest of its parent domains, or
    the one that an operator gave such a host."""
    names = {netloc: _names(netloc) for netloc in netlocs}
    wanted = sorted({name for candidates in names.values() for name in candidates})
    sources: dict[str, Source] = {}
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        given = (
            select(SourceHost.name, Source)
            .join(Source, Source.id == SourceHost.source_id)
            .where(SourceHost.name.in_(some))
        )
        sources |= dict(session.execute(given).all())
        named = session.scalars(select(Source).where(Source.name.in_(some)))
        sources |= {source.name: source for source in named}
    return {
        netloc: sources[name]
        for netloc, candidates in names.items()
        if (name := next((n for n in candidates if n in sources), None)) is not None
    }


def add_source(
    session: Session,
    url: str,
    *,
    now: datetime,
    allow_private: bool = False,
    delay: float | None = None,
    cadence: int | None = None,
) -> tuple[Source, bool]:
    """The source with that front page, and whether it is new.

    One that is there already keeps its history, takes the settings that were given and is crawled
    again if it was not. Raises storage.frontier.addresses.InvalidURL, and Refused for a site that
    an operator gave to another source.
    """
    url = normalize(url)
    name = source_name(url)
    require_own_domain(session, url)
    new = session.scalar(
        insert_new(session, Source)
        .values(name=name, url=url, domain=registered_domain(url), added_at=now)
        .returning(Source.id)
    )
    source = session.scalars(select(Source).where(Source.name == name)).one()
    source.enabled, source.resume_at, source.removed_at = True, None, None
    if new is not None:
        source.paused_until = domain_pauses(session, [source.domain], now).get(source.domain)
    if allow_private:
        source.allow_private = True
    if delay is not None:
        source.delay = delay
    if cadence is not None:
        source.cadence = cadence
    session.flush()
    return source, new is not None


def require_own_domain(session: Session, url: str, *, of: int | None = None) -> None:
    """Raises Refused where the site at a normalised URL can be no source, or none but `of`: it is
    a public suffix, or an operator gave it to another one, which asks its whole domain at its own
    pace."""
    if is_public_suffix(url):
        host = urlsplit(url).netloc
        raise Refused(f"{host} is no site: everybody's names end so. Name one, like news.{host}")
    domain, names = registered_domain(url), _names(urlsplit(url).netloc)
    given = session.execute(
        select(SourceHost.name, Source.id, Source.name, Source.domain)
        .join(Source, Source.id == SourceHost.source_id)
        .where(SourceHost.domain == domain)
    )
    for host, source_id, source, its_domain in given:
        if source_id != of and (its_domain != domain or host in names):
            raise Refused(
                f"{host} is a host of {source}: "
                f"`permalien sources edit {source} --drop-host {host}` first"
            )


def find_source(session: Session, name: str) -> Source:
    """The source of that name, host or address. Raises NotFound."""
    try:
        url = normalize(name if "//" in name else f"https://{name.strip()}")
    except InvalidURL as error:
        raise NotFound(f"{name!r} is no source: {error}") from error
    source = session.scalar(select(Source).where(Source.name == source_name(url)))
    if source is None:
        raise NotFound(f"no source {name}: see `permalien sources`, or `permalien add URL`")
    return source


def lease_sources(
    session: Session,
    run_id: int,
    *,
    now: datetime,
    limit: int,
    only: Collection[int] | None,
    rested: Mapping[int, datetime] = _NONE,
) -> list[Source]:
    """Take up to `limit` of the `waiting_sources`.

    Takes none while another process is choosing. Call it in a short transaction of its own: others
    take nothing until it ends.
    """
    if not try_lock(session, _LEASES):
        return []
    resume_sources(session, now)
    chosen = waiting_sources(session, run_id, now=now, limit=limit, only=only, rested=rested)
    query = (
        select(Source)
        .options(selectinload(Source.hosts))
        .where(Source.id.in_(chosen))
        .order_by(Source.next_due_at)
        .with_for_update(skip_locked=True)
    )
    sources = list(session.scalars(query))
    quiet_since = _quiet_since(session, {source.domain for source in sources})
    for source in sources:
        source.lease_run_id = run_id
        source.quiet_since = quiet_since.get(source.domain)
    session.flush()
    return sources


def waiting_sources(
    session: Session,
    run_id: int,
    *,
    now: datetime,
    limit: int,
    only: Collection[int] | None,
    rested: Mapping[int, datetime] = _NONE,
) -> list[int]:
    """The ids of up to `limit` sources that have something due and that no live run holds, nor any
    other source of their registered domain, whose delay is one run's to keep; the longest waiting
    first.

    `only` bounds the choice to these ids. What is `rested` is left out, unless something is due of
    it sooner than is said there.
    """
    query = (
        select(Source.id, Source.next_due_at)
        .where(
            Source.enabled,
            Source.lease_run_id.is_(None),
            ~_asked_elsewhere(run_id),
            Source.next_due_at <= now,
            _is_awake(now),
        )
        .order_by(Source.next_due_at, Source.id)
    )
    return _not_rested(session, query, now, limit=limit, only=only, rested=rested)


def _not_rested(
    session: Session,
    query: Select[*tuple[Any, ...]],
    until: datetime,
    *,
    limit: int,
    only: Collection[int] | None,
    rested: Mapping[int, datetime],
) -> list[int]:
    """The ids of up to `limit` of what the query gives, without what is rested; `until` bounds
    their due times."""
    if only is not None:
        query = query.where(Source.id.in_(only))
    # Of what is rested no more than these can be among them.
    resting = sum(due_at <= until for due_at in rested.values())
    rows = session.execute(query.limit(limit + resting))
    woken = (it.id for it in rows if it.id not in rested or it.next_due_at < rested[it.id])
    return list(islice(woken, limit))


def _quiet_since(session: Session, domains: Collection[str]) -> dict[str, datetime]:
    """Since when none of a domain's sources is held, of those that were, by this machine's clock:
    who gave them back went by another."""
    rows = session.execute(
        select(Source.domain, func.max(Source.quiet_since, type_=UtcDateTime()))
        .where(Source.domain.in_(domains), Source.quiet_since.is_not(None))
        .group_by(Source.domain)
    ).all()
    ahead = system_now() - database_now(session)
    return {domain: since + ahead for domain, since in rows if since is not None}


def _is_awake(now: datetime) -> ColumnElement[bool]:
    return or_(Source.paused_until.is_(None), Source.paused_until <= now)


def _asked_elsewhere(run_id: int) -> ColumnElement[bool]:
    """Whether another run holds a source of this one's domain."""
    other = aliased(Source)
    return (
        select(other.id)
        .where(
            other.domain == Source.domain,
            other.lease_run_id.is_not(None),
            other.lease_run_id != run_id,
        )
        .exists()
    )


def resume_sources(session: Session, now: datetime) -> None:
    """Crawl those again whose pause by an operator is over."""
    session.execute(
        update(Source)
        .where(~Source.enabled, Source.resume_at <= now)
        .values(enabled=True, resume_at=None)
        .execution_options(synchronize_session=False)
    )


def due_sources(session: Session, *, now: datetime, only: Collection[int] | None) -> int:
    """How many sources have something due, held or not, paused or not; `only` as for
    `lease_sources`."""
    query = select(func.count()).where(Source.enabled, Source.next_due_at <= now)
    if only is not None:
        query = query.where(Source.id.in_(only))
    return session.scalar(query) or 0


def release_sources(
    session: Session, run_id: int, sources: Mapping[int, datetime | None]
) -> dict[int, datetime | None]:
    """Give the sources back, by id, with when their sessions ended where work was left: such a one
    waits behind the others. Of others the next address's time counts, and now while a page waits to
    be read. Returns when each is due."""
    due_at: dict[int, datetime | None] = {}
    for unfinished_at in set(sources.values()):
        among = [it for it, ended_at in sources.items() if ended_at == unfinished_at]
        due_at |= _release(session, run_id, among, unfinished_at)
    return due_at


def _release(
    session: Session, run_id: int, source_ids: Collection[int], unfinished_at: datetime | None
) -> dict[int, datetime | None]:
    captured = select(func.min(Frontier.checked_at)).where(
        Frontier.source_id == Source.id, Frontier.pending_fetch_id.is_not(None)
    )
    due = select(func.min(Frontier.due_at)).where(Frontier.source_id == Source.id)
    earliest = func.coalesce(captured.scalar_subquery(), due.scalar_subquery())
    rows = session.execute(
        update(Source)
        .where(Source.id.in_(source_ids), Source.lease_run_id == run_id)
        .values(
            lease_run_id=None,
            quiet_since=database_now(session),
            next_due_at=earliest if unfinished_at is None else unfinished_at,
        )
        .returning(Source.id, Source.next_due_at)
        .execution_options(synchronize_session=False)
    )
    return {row.id: row.next_due_at for row in rows}


def still_to_have(
    session: Session,
    run_id: int,
    *,
    now: datetime,
    only: Collection[int] | None,
    rested: Mapping[int, datetime] = _NONE,
    linger: timedelta = timedelta(0),
) -> list[int]:
    """The ids of sources with something due, or soon due where the run lingers, that it may have
    yet: other live runs hold them or another of their domain, another process was just choosing,
    or a pause ends in a moment. `only` and `rested` as for `waiting_sources`."""
    free = and_(Source.lease_run_id.is_(None), _is_awake(now + RETRY_HORIZON))
    query = select(Source.id, Source.next_due_at).where(
        Source.enabled,
        Source.next_due_at <= now + linger,
        or_(_asked_elsewhere(run_id), free),
    )
    return _not_rested(session, query, now + linger, limit=_CHUNK, only=only, rested=rested)


def holders(
    session: Session, run_id: int, source_ids: Collection[int]
) -> list[tuple[str, str, Run]]:
    """Of these sources, those that another run keeps this one from: the name of each, of the source
    of its domain that is held, and the run that holds it."""
    held = aliased(Source)
    rows = session.execute(
        select(Source.name, held.name, Run)
        .join(held, held.domain == Source.domain)
        .join(Run, Run.id == held.lease_run_id)
        .where(Source.id.in_(source_ids), Run.id != run_id)
        .order_by(Source.name, held.name != Source.name, held.name)
    )
    first: dict[str, tuple[str, str, Run]] = {}
    for source, other, run in rows:
        first.setdefault(source, (source, other, run))
    return list(first.values())


def pause_source(session: Session, source_id: int, until: datetime) -> None:
    """Send the source nothing before `until`; a longer pause stays."""
    _pause(session, Source.id == source_id, until)


def pause_domain(session: Session, source_id: int, until: datetime) -> None:
    """Send nothing to the source's domain, whichever of its sources, before `until`; a longer pause
    stays."""
    domain = select(Source.domain).where(Source.id == source_id).scalar_subquery()
    _pause(session, Source.domain == domain, until)


def domain_pauses(session: Session, domains: Collection[str], now: datetime) -> dict[str, datetime]:
    """Until when which of these domains are to be left alone, those of which a source is."""
    rows = session.execute(
        select(Source.domain, func.max(Source.paused_until, type_=UtcDateTime()))
        .where(Source.domain.in_(domains), Source.paused_until > now)
        .group_by(Source.domain)
    ).all()
    return {domain: until for domain, until in rows if until is not None}


def _pause(session: Session, which: ColumnElement[bool], until: datetime) -> None:
    session.execute(
        update(Source)
        .where(which, (Source.paused_until.is_(None)) | (Source.paused_until < until))
        .values(paused_until=until)
        .execution_options(synchronize_session=False)
    )


def _names(netloc: str) -> list[str]:
    """The names a source can have that owns this host, the most specific first."""
    host, colon, _ = site_host(netloc).partition(":")
    labels = host.split(".")
    if colon or labels[-1].isdigit() or host.startswith("["):
        return [site_host(netloc)]
    return [".".join(labels[i:]) for i in range(len(labels) - 1)] or [host]


def next_crawl_at(session: Session, which: ColumnElement[bool]) -> datetime | None:
    """When the first of these sources is due; a pause that its site asked for counts."""
    due_at = case(
        (Source.paused_until > Source.next_due_at, Source.paused_until), else_=Source.next_due_at
    )
    earliest: datetime | None = session.scalar(
        select(func.min(due_at, type_=UtcDateTime())).where(which)
    )
    return earliest
