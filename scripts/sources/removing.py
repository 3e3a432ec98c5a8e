"""`permalien sources remove`: with its record kept, or gone with it."""

import sys

import click

from scripts.output import echo, json_option, print_json
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import system_now, utc_now
from storage.frontier.operating import found_sources
from storage.frontier.removal import Holding, holding, remove_with_record
from storage.frontier.removal import remove as remove_source
from storage.ledger.runs import bury_dead_runs


@click.command()
@click.argument("names", metavar="SOURCE...", nargs=-1, required=True)
@click.option(
    "--with-record",
    is_flag=True,
    help="Its articles, versions, checks and stored pages go too, for good.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def remove(
    archive: Archive, names: tuple[str, ...], with_record: bool, yes: bool, as_json: bool
) -> None:
    """Remove SOURCE: it is crawled and listed no more. Its record is kept, unless --with-record.

    What goes is said, and asked for. A source that never showed an article goes entirely; what went
    is told by `sources list --gone`. One whose record is kept can still be searched and read;
    `sources resume` takes it up again.

    \b
    permalien sources remove example.org
    permalien sources remove example.org --with-record --yes
    """
    schema.require_current(archive)
    with archive.reading() as session:
        held = {it.name: holding(session, it) for it in found_sources(session, names)}
    for name, what in held.items():
        click.echo(f"{name}: {_told(what, with_record=with_record)}", err=True)
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("nobody is there to ask: say --yes")
        if not click.confirm("Remove?", err=True):
            raise click.ClickException("nothing is removed")
    removed = []
    with archive.writing() as session:
        bury_dead_runs(session, system_now(), ended_at=utc_now())
        for source in found_sources(session, names):
            name, kept = source.name, False
            if with_record:
                remove_with_record(session, source, utc_now())
            else:
                kept = remove_source(session, source, utc_now())
            removed.append({"source": name, "record_kept": kept})
    if as_json:
        print_json(removed)
        return
    for it in removed:
        left = "its record is kept" if it["record_kept"] else "nothing of it is left"
        echo(f"{it['source']} is removed: {left}")


def _told(what: Holding, *, with_record: bool) -> str:
    record = (
        f"{what.articles:,} articles in {what.versions:,} versions, {what.checks:,} checks of "
        f"{what.addresses:,} addresses"
    )
    if with_record:
        return f"{record}: all of it goes, for good"
    return f"{record}: kept" if what.articles else f"no article, {record.partition(', ')[2]}: goes"
