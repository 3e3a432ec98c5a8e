"""`permalien sources list`."""

import click

from scripts.output import echo, json_option, moment, print_json, print_table
from scripts.sources.documents import source_document, state_of
from storage import schema
from storage.database.archive import Archive
from storage.query.articles import source_records


@click.command("list")
@click.option("--removed", is_flag=True, help="Those that were removed, whose record was kept.")
@json_option
@click.pass_obj
def list_sources(archive: Archive, removed: bool, as_json: bool) -> None:
    """List the sources.

    \b
    permalien sources list --json
    """
    print_sources(archive, as_json=as_json, removed=removed)


def print_sources(archive: Archive, *, as_json: bool, removed: bool) -> None:
    """Every source that is not removed, or those that are."""
    schema.require_current(archive)
    with archive.reading() as session:
        records = [
            record
            for record in source_records(session)
            if (record.removed_at is not None) == removed
        ]
    if as_json:
        print_json([source_document(record) for record in records])
        return
    if not records:
        echo("No source was removed" if removed else "No source yet: permalien add URL")
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
                state_of(record) or moment(record.next_due_at),
            )
            for record in records
        ),
    )
