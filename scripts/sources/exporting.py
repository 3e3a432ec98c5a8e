"""`permalien sources export`: the sources as OPML, for feed readers, or as CSV."""

import csv
import io
import sys

import click

from scripts.sources.lists import COLUMNS
from storage import schema
from storage.database.archive import Archive
from storage.models import AddressKind, Outcome
from storage.query.articles import SourceRecord, source_records
from storage.query.listings import ListingRecord, listing_records

_NOT_THERE = {Outcome.NOT_FOUND, Outcome.GONE, Outcome.UNREADABLE, Outcome.MOVED}


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["opml", "csv"]),
    default="opml",
    show_default=True,
    help="OPML has sites and feeds; CSV all that `sources import` takes.",
)
@click.pass_obj
def export(archive: Archive, form: str) -> None:
    """Write the sources to standard output as OPML or CSV.

    \b
    permalien sources export > subscriptions.opml
    permalien sources export --format csv > sources.csv
    """
    schema.require_current(archive)
    with archive.reading() as session:
        found = [
            (record, listing_records(session, record.id))
            for record in source_records(session)
            if record.removed_at is None
        ]
    sys.stdout.buffer.write(_opml(found) if form == "opml" else _csv(found))
    sys.stdout.buffer.flush()


def _opml(found: list[tuple[SourceRecord, list[ListingRecord]]]) -> bytes:
    from crawler.discovery.opml import Subscription, write_opml

    return write_opml(
        (
            Subscription(record.url, feed or None, record.name)
            for record, listings in found
            for feed in _urls(listings, AddressKind.FEED) or [""]
        ),
        "Permalien's sources",
    )


def _csv(found: list[tuple[SourceRecord, list[ListingRecord]]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for record, listings in found:
        writer.writerow(
            {
                "url": record.url,
                "name": record.name,
                "enabled": str(record.enabled).lower(),
                "resume_at": record.resume_at and record.resume_at.isoformat(),
                "delay": f"{record.delay:g}",
                "cadence": record.cadence,
                "feeds": " ".join(_urls(listings, AddressKind.FEED)),
                "sitemaps": " ".join(_urls(listings, AddressKind.SITEMAP)),
                "hosts": " ".join(record.hosts),
                "terms": record.terms,
                "notes": record.notes,
            }
        )
    return text.getvalue().encode()


def _urls(listings: list[ListingRecord], kind: AddressKind) -> list[str]:
    """The listings of a kind that are read and that were there when they were last looked at."""
    return [
        it.url
        for it in listings
        if it.kind is kind and not it.excluded and it.outcome not in _NOT_THERE
    ]
