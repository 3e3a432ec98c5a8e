"""`permalien sources`: the sites of the archive, and which of them are crawled."""

from dataclasses import asdict

import click

from scripts.output import echo, json_option, moment, print_json, print_table
from storage import schema
from storage.database.archive import Archive
from storage.frontier.sources import find_source
from storage.query.articles import source_records


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def sources(context: click.Context, as_json: bool) -> None:
    """List the sources, with what the archive holds of each."""
    if context.invoked_subcommand is None:
        _list(context.obj, as_json)


@sources.command()
@click.argument("names", metavar="SOURCE...", nargs=-1, required=True)
@click.pass_obj
def disable(archive: Archive, names: tuple[str, ...]) -> None:
    """Crawl SOURCE no more; what the archive holds of it stays.

    A crawl that is under way finishes with it.
    """
    _enable(archive, names, False)


@sources.command()
@click.argument("names", metavar="SOURCE...", nargs=-1, required=True)
@click.pass_obj
def enable(archive: Archive, names: tuple[str, ...]) -> None:
    """Crawl SOURCE again."""
    _enable(archive, names, True)


def _enable(archive: Archive, names: tuple[str, ...], enabled: bool) -> None:
    schema.require_current(archive)
    with archive.writing() as session:
        found = [find_source(session, name) for name in names]
        for source in found:
            source.enabled = enabled
    for source in found:
        echo(f"{source.name} is {'crawled again' if enabled else 'not crawled any more'}")


def _list(archive: Archive, as_json: bool) -> None:
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
                moment(record.next_due_at) if record.enabled else "disabled",
            )
            for record in records
        ),
    )
