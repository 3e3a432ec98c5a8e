"""`permalien sources list`."""

import click

from scripts.output import echo, json_option, moment, print_json, print_table
from scripts.sources.documents import state_of
from storage import schema
from storage.database.archive import Archive
from storage.query.articles import source_records


@click.command("list")
@click.option("--removed", is_flag=True, help="Those that were removed, whose record was kept.")
@click.option("--gone", is_flag=True, help="Those that went with their record.")
@json_option
@click.pass_obj
def list_sources(archive: Archive, removed: bool, gone: bool, as_json: bool) -> None:
    """List the sources.

    \b
    permalien sources list --json
    permalien sources list --gone
    """
    if removed and gone:
        raise click.UsageError("--removed or --gone, one of them")
    if gone:
        _print_gone(archive, as_json=as_json)
        return
    print_sources(archive, as_json=as_json, removed=removed)


def _print_gone(archive: Archive, *, as_json: bool) -> None:
    from storage.frontier.removal import removals

    schema.require_current(archive)
    with archive.reading() as session:
        gone = removals(session)
    if as_json:
        columns = ("url", "added_at", "removed_at", "articles", "versions", "addresses", "checks")
        print_json(
            [{"source": it.name} | {key: getattr(it, key) for key in columns} for it in gone]
        )
        return
    if not gone:
        echo("No source was removed with its record")
        return
    print_table(
        ("source", "added", "removed", "articles", "versions", "addresses", "checks"),
        (
            (
                it.name,
                moment(it.added_at),
                moment(it.removed_at),
                it.articles,
                it.versions,
                it.addresses,
                it.checks,
            )
            for it in gone
        ),
    )


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
        print_json(records)
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
