"""`permalien sources import`: the sites of a list become sources."""

from typing import BinaryIO

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from scripts.exit_codes import FAILED
from scripts.output import echo, json_option, print_json
from scripts.seconds import Seconds
from scripts.sources.lists import ListFormat, Site, read_sites
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import NotFound, Refused
from storage.frontier.addresses import InvalidURL
from storage.frontier.enrolment import enrol
from storage.frontier.operating import add_host, add_listing, pause
from storage.frontier.sources import find_source
from storage.models import AddressKind, Source, SourceHost

_SHOWN = 20  # lines that are wrong
_LONGEST = 50 * 1024 * 1024  # bytes


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--format",
    "form",
    type=click.Choice([it.value for it in ListFormat]),
    help="What FILE is, where it can't be told by its content.",
)
@click.option("--allow-private", is_flag=True, help="As in `add`.")
@click.option("--delay", type=Seconds(0, 3600), metavar="S", help="As in `add`; FILE's own counts.")
@json_option
@click.pass_obj
def import_sources(
    archive: Archive,
    file: BinaryIO,
    form: str | None,
    allow_private: bool,
    delay: float | None,
    as_json: bool,
) -> None:
    """Add the sites of an OPML, CSV or plain list (- for standard input).

    OPML is what feed readers export; CSV has a column `url`, and may have those that
    `sources export` writes; a plain list has a URL a line. Nothing is fetched now: the next crawl
    looks at the sites. Lines that are wrong are told and passed over; exit code 1.

    \b
    permalien sources import subscriptions.opml
    permalien sources export --format csv | permalien --database sqlite:///b.db sources import -
    """
    listed = read_sites(file.read(_LONGEST), ListFormat(form) if form else None)
    errors = [
        f"{file.name}:{line}: {why}" if line else f"{file.name}: {why}"
        for line, why in listed.errors
    ]
    added: set[str] = set()
    known: set[str] = set()
    if listed.sites:
        schema.ensure(archive)
        now = utc_now()
        with archive.writing() as session:
            for site in listed.sites:
                try:
                    before = find_source(session, site.url)
                except NotFound:
                    before = None
                paused = before is not None and not before.enabled and before.removed_at is None
                until = before.resume_at if before is not None else None
                try:
                    source = enrol(
                        session,
                        site.url,
                        now=now,
                        allow_private=allow_private,
                        delay=delay if site.delay is None else site.delay,
                        cadence=site.cadence,
                    )
                except Refused as error:
                    errors.append(str(error))
                    continue
                (added if before is None else known).add(source.name)
                source.terms = site.terms or source.terms
                source.notes = site.notes or source.notes
                errors += _add_hosts(session, source, site)
                errors += _add_listings(session, source, site)
                if paused or not site.enabled:
                    pause(source, until if paused else site.resume_at)
    known -= added
    for line in errors[:_SHOWN]:
        click.echo(f"permalien: {line}", err=True)
    if len(errors) > _SHOWN:
        click.echo(f"permalien: and {len(errors) - _SHOWN:,} more", err=True)
    if as_json:
        print_json({"added": sorted(added), "known": sorted(known), "errors": errors})
    else:
        echo(f"New sources: {len(added):,}; there already: {len(known):,}")
        if added:
            echo("\nNext: permalien crawl")
    if errors:
        raise SystemExit(FAILED)


def _add_hosts(session: Session, source: Source, site: Site) -> list[str]:
    """Give it the other hosts that the list names; what is wrong with some."""
    errors = []
    known = set(session.scalars(select(SourceHost.name).where(SourceHost.source_id == source.id)))
    for host in site.hosts:
        try:
            if host not in known:
                add_host(session, source, host)
        except (InvalidURL, Refused) as error:
            errors.append(str(error))
    return errors


def _add_listings(session: Session, source: Source, site: Site) -> list[str]:
    """Make the feeds and sitemaps that the list names known; what is wrong with some."""
    errors = []
    for kind, urls in ((AddressKind.FEED, site.feeds), (AddressKind.SITEMAP, site.sitemaps)):
        for url in urls:
            try:
                add_listing(session, source, url, kind, utc_now())
            except Refused as error:
                errors.append(str(error))
    return errors
