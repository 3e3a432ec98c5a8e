"""`permalien changes`: what changed in the archive, for whoever follows it."""

import sys

import click

from scripts.output import json_line, json_option, moment, print_table
from storage import schema
from storage.database.archive import Archive
from storage.ledger.changes import LoggedChange, beginning, changes_since, parse_position
from storage.query.documents import change_document

_BATCH = 1_000


@click.command()
@click.option("--since", metavar="POSITION", help="What follows this position; all, without.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N of them.")
@json_option
@click.pass_obj
def changes(archive: Archive, since: str | None, limit: int | None, as_json: bool) -> None:
    """List what changed in the archive, in the order in which it became durable.

    A change whose transaction was committed late comes late, and is never left out: go on from the
    position of the last one you read. Lines of JSON into a pipe, a table in a terminal. Exit code 1
    when a position is of another archive, or of before this one was restored from a backup.

    \b
    permalien changes --limit 20
    permalien changes --since 793e1d72.41.8c1f03aa --json
    """
    schema.require_current(archive)
    with archive.reading() as session:
        position = beginning(session) if since is None else parse_position(session, since)
    as_lines = as_json or not sys.stdout.isatty()
    table: list[LoggedChange] = []
    while limit is None or limit > 0:
        size = _BATCH if limit is None else min(limit, _BATCH)
        with archive.reading() as session:
            some, position = changes_since(session, position, limit=size)
        if as_lines:
            for change in some:
                click.echo(json_line(change_document(change)))
        else:
            table += some
        limit = None if limit is None else limit - len(some)
        if len(some) < size:
            break
    if table:
        columns = ("recorded", "change", "article", "version", "source", "position")
        print_table(columns, map(_row, table))


def _row(change: LoggedChange) -> tuple[object, ...]:
    ids = (change.article_id, change.version_id, change.source_id)
    shown = ["-" if it is None else it for it in ids]
    return moment(change.recorded_at), change.kind.value, *shown, change.position
