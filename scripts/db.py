"""`permalien db`: the archive's schema."""

import click

from scripts.output import echo, json_option, print_json
from storage import schema
from storage.database.archive import Archive


@click.group()
def db() -> None:
    """Create the archive's schema, bring it up to date, or tell which one it is."""


@db.command()
@click.pass_obj
def upgrade(archive: Archive) -> None:
    """Create the schema, or bring it up to date. Does nothing when it is."""
    before = schema.current(archive)
    schema.upgrade(archive)
    after = schema.current(archive)
    echo(f"{archive.name}: {'already at' if before == after else 'now at'} revision {after}")


@db.command()
@json_option
@click.pass_obj
def current(archive: Archive, as_json: bool) -> None:
    """Tell the schema's revision, and the one this Permalien needs. Exit code 1 if they differ."""
    revision, needed = schema.current(archive), schema.head()
    if as_json:
        print_json({"database": archive.name, "revision": revision, "needed": needed})
    else:
        echo(f"{archive.name}: revision {revision or 'none'}, this Permalien needs {needed}")
    if revision != needed:
        raise SystemExit(1)
