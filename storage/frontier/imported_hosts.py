"""Whose the hosts are of pages that come from files, and the sources that they make."""

from collections.abc import Collection, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from storage.database.errors import Refused
from storage.frontier.addresses import normalize, site_host
from storage.frontier.domains import registered_domain
from storage.frontier.enrolment import enter
from storage.frontier.sources import add_source, owners
from storage.models import Source


class Held(Exception):
    """Other runs hold these sources, which must not be imported into meanwhile."""


def sources_of(
    session: Session,
    urls: Mapping[str, str],
    *,
    make: bool,
    only: Collection[int] | None,
    now: datetime,
) -> dict[str, Source]:
    """The source of each host (with its port) of these normalised URLs, those of no source left
    out; of all but `only` these ids too.

    With `make` a host of no source makes one, of its whole registered domain, which is paused:
    nothing of it is crawled before an operator resumes it.
    """
    found = owners(session, set(urls))
    if make and only is None:
        missing = {netloc: url for netloc, url in urls.items() if netloc not in found}
        for netloc, url in sorted(missing.items()):
            _make(session, netloc, url, now)
        if missing:
            found |= owners(session, set(missing))
    return {netloc: source for netloc, source in found.items() if only is None or source.id in only}


def hold(session: Session, run_id: int, source_ids: Collection[int]) -> None:
    """Let no other run crawl these sources before this one ends. Raises Held."""
    if not source_ids:
        return
    free = or_(Source.lease_run_id.is_(None), Source.lease_run_id == run_id)
    held = session.scalars(
        update(Source)
        .where(Source.id.in_(source_ids), free)
        .values(lease_run_id=run_id)
        .returning(Source.id)
        .execution_options(synchronize_session=False)
    ).all()
    if missing := set(source_ids) - set(held):
        query = select(Source.name).where(Source.id.in_(missing)).order_by(Source.name)
        raise Held(", ".join(session.scalars(query)))


def _make(session: Session, netloc: str, url: str, now: datetime) -> None:
    domain = registered_domain(url)
    scheme = urlsplit(url).scheme
    front = f"{scheme}://{netloc if site_host(netloc) == domain else domain}/"
    try:
        source, new = add_source(session, normalize(front), now=now)
    except Refused:
        return  # an operator gave the domain's hosts to another source
    if new:
        source.enabled = False
        session.flush()
        enter(session, source, now)
