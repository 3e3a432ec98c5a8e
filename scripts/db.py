"""`permalien db`: the archive's schema, and a copy of it all in another database."""

import sys
from dataclasses import asdict

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.engine import make_url

from scripts.output import echo, json_option, print_json
from storage import schema
from storage.database.archive import Archive
from storage.database.settings import DATABASE_URL_VARIABLE


@click.group()
def db() -> None:
    """Create the archive's schema, bring it up to date, or tell which one it is; copy it all.

    \b
    permalien db upgrade
    permalien db copy --to postgresql:///permalien
    """


@db.command()
@click.pass_obj
def upgrade(archive: Archive) -> None:
    """Create the schema, or bring it up to date. Does nothing when it is.

    \b
    permalien db upgrade
    """
    before = schema.current(archive)
    schema.upgrade(archive)
    after = schema.current(archive)
    echo(f"{archive.name}: {'already at' if before == after else 'now at'} revision {after}")


@db.command()
@click.option("--to", "where", metavar="URL", required=True, help="An empty database.")
@json_option
@click.pass_obj
def copy(archive: Archive, where: str, as_json: bool) -> None:
    """Copy the archive to another database, from SQLite to PostgreSQL, or back.

    All of it is copied or nothing: both are counted and digested, and the copy is kept only if
    they are the same. The archive may be crawled meanwhile; what is copied is as it was at the
    beginning. One that was stopped can be begun again.

    \b
    permalien db copy --to postgresql:///permalien
    permalien --database postgresql:///permalien db copy --to sqlite:///permalien.db
    """
    from storage.copying import copy_archive

    target = Archive(where)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    quiet = Console(stderr=True, quiet=not sys.stderr.isatty())
    try:
        with Progress(*columns, TimeRemainingColumn(), console=quiet, transient=True) as bar:
            task = bar.add_task("copying", total=None)

            def show(name: str, done: int, whole: int) -> None:
                bar.update(task, description=name, completed=done, total=whole)

            copied = copy_archive(archive, target, progress=show)
    finally:
        target.close()
    if as_json:
        tables = [asdict(it) for it in copied]
        print_json({"from": archive.name, "to": target.name, "tables": tables})
        return
    rows = sum(it.rows for it in copied)
    echo(f"{archive.name} is copied to {target.name}: {rows:,} rows, the same in both")
    there = make_url(where).render_as_string(hide_password=True)
    echo(f"\nNext: export {DATABASE_URL_VARIABLE}={there}")


@db.command()
@json_option
@click.pass_obj
def current(archive: Archive, as_json: bool) -> None:
    """Tell the schema's revision, and the one this Permalien needs. Exit code 1 if they differ.

    \b
    permalien db current --json
    """
    revision, needed = schema.current(archive), schema.head()
    if as_json:
        print_json({"database": archive.name, "revision": revision, "needed": needed})
    else:
        echo(f"{archive.name}: revision {revision or 'none'}, this Permalien needs {needed}")
    if revision != needed:
        raise SystemExit(1)
