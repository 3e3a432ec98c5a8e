"""`permalien sources`: the sites of the archive."""

from dataclasses import asdict

import click

from scripts.output import echo, json_option, moment, print_json, print_table
from storage import schema
from storage.archive import Archive
from storage.queries import source_records


@click.command()
@json_option
@click.pass_obj
def sources(archive: Archive, as_json: bool) -> None:
    """List the sources, with what the archive holds of each."""
    schema.require_current(archive)
    with archive.reading() as session:
        records = source_records(session)
    if as_json:
        print_json([asdict(record) for record in records])
        return
    if not records:
        echo("No source yet: permalien add URL")
        return
    print_table(
        ("source", "articles", "pages", "listings", "every", "last good run", "next due"),
        (
            (
                record.name,
                record.articles,
                record.pages,
                record.feeds + record.sitemaps,
                f"{record.cadence} s",
                moment(record.good_at),
                moment(record.next_due_at),
            )
            for record in records
        ),
    )
