"""`permalien db`: the archive's schema, and a copy of it all in another database."""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy.engine import make_url

from scripts.output import echo, json_option, print_json
from scripts.table_progress import table_progress
from storage import schema
from storage.database.archive import Archive
from storage.database.settings import DATABASE_URL_VARIABLE, PAYLOADS_VARIABLE, payloads_url


@click.group()
def db() -> None:
    """Create the archive's schema, bring it up to date, or tell which one it is; copy it all.

    \b
    permalien db upgrade
    permalien db copy --to postgresql:///permalien
    permalien db grant-reader alice
    """


@db.command()
@click.pass_obj
def upgrade(archive: Archive) -> None:
    """Create the schema, or bring it up to date. Does nothing when it is.

    What was made of texts by rules that are others now is made anew. Stopped at any moment it goes
    on where it was when it is run again.

    \b
    permalien db upgrade
    """
    before = schema.current(archive)
    with table_progress("upgrading") as progress:
        schema.upgrade(archive, progress=progress)
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
    try:
        with table_progress("copying") as progress:
            copied = copy_archive(archive, target, progress=progress)
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
@click.option(
    "--into",
    type=click.Choice(["settings", "database"]),
    default="settings",
    show_default=True,
    help="Where stored pages go: where PERMALIEN_PAYLOADS says, or all into the database.",
)
@click.option("--shrink", is_flag=True, help="Give what became free back to the disk at the end.")
@json_option
@click.pass_obj
def compact(archive: Archive, into: str, shrink: bool, as_json: bool) -> None:
    """Compress stored pages of before against key pages, and move them where the settings say.

    A crawl may run meanwhile. Stopped at any moment it has lost nothing, and goes on where it was
    when it is run again. The room it makes is filled by new pages; --shrink gives it to the disk,
    which writes the database anew: stop crawls before, and have as much room again.

    \b
    permalien db compact --shrink
    PERMALIEN_PAYLOADS=file:///srv/payloads permalien db compact

    \b
    Exit code 1: a stored page is damaged, and stays where it is.
    """
    from storage import compaction

    with table_progress("compacting") as progress:
        done = compaction.compact(archive, into_database=into == "database", progress=progress)
        if shrink:
            compaction.shrink(archive)
    if as_json:
        print_json(asdict(done))
    else:
        echo(
            f"{done.keyed:,} of {done.payloads:,} stored pages are compressed against a key page "
            f"now, in {done.after / 2**20:,.1f} MiB and not {done.before / 2**20:,.1f}; "
            f"{done.moved:,} moved"
        )
    if done.damaged:
        raise click.ClickException(
            f"{done.damaged:,} stored pages can't be moved, for the payload store lacks what they "
            "need: `permalien verify` names them"
        )


@db.command()
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=24.0,
    metavar="HOURS",
    show_default=True,
    help="Leave what was written within these hours.",
)
@click.option("--dry-run", is_flag=True, help="Count them alone.")
@json_option
@click.pass_obj
def collect(archive: Archive, grace: float, dry_run: bool, as_json: bool) -> None:
    """Delete what is in the payload store and no stored page refers to.

    Kills leave such objects there, and what was compressed anew, moved or removed does. A crawl may
    run meanwhile. A store that is another archive's is refused.

    \b
    permalien db collect --dry-run
    permalien db collect --grace 48
    """
    from storage.orphans import collect as collect_orphans

    with table_progress("collecting") as progress:
        done = collect_orphans(
            archive,
            grace=timedelta(hours=grace),
            dry_run=dry_run,
            progress=lambda objects: progress("objects", objects, objects),
        )
    if as_json:
        print_json(asdict(done))
        return
    gone = "would go" if dry_run else "are gone"
    echo(
        f"{done.orphans:,} of {done.objects:,} objects {gone}; "
        f"{done.young:,} are younger than {grace:g} h"
    )


@db.command("take-store")
@json_option
@click.pass_obj
def take_store(archive: Archive, as_json: bool) -> None:
    """Make the payload store this archive's, where it was another's that is no more.

    A copy by `db copy`, and an archive that was restored, has the pages of the one that it is of,
    and may go on with its store. The other archive writes there no more: stop its crawls first.

    \b
    PERMALIEN_PAYLOADS=s3://bucket/prefix permalien --database postgresql:///new db take-store
    """
    from storage.ledger.payload_store import payload_store
    from storage.ledger.store_owner import take

    schema.require_current(archive)
    store = payload_store()
    if store is None:
        raise click.ClickException(f"no payload store is set: {PAYLOADS_VARIABLE}")
    with archive.reading() as session:
        before = take(session, store)
    if as_json:
        print_json({"store": payloads_url(), "was": before})
    else:
        echo(f"{payloads_url()} is this archive's; it was {before or 'no archive'}'s")


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


@db.command("grant-reader")
@click.argument("name")
@json_option
@click.pass_obj
def grant_reader(archive: Archive, name: str, as_json: bool) -> None:
    """Let a user of the PostgreSQL server read the archive, and not write.

    NAME is a role that the server has. It may read the views, and run the commands that read, now
    and when later versions add views. Exit code 1 when it may write already, as a superuser may.

    \b
    permalien --database postgresql:///permalien db grant-reader alice
    """
    from storage.granting import grant_reader as grant

    grant(archive, name)
    if as_json:
        print_json({"database": archive.name, "reader": name})
    else:
        echo(f"{name} may read {archive.name}, and not write")


@db.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json", "datasette"]),
    default="markdown",
    show_default=True,
    help="A page, the same as data, or metadata for Datasette.",
)
@click.pass_obj
def dictionary(archive: Archive, form: str) -> None:
    """Print what every view and column of the archive means, its unit, and whether it may be null.

    \b
    permalien db dictionary
    permalien db dictionary --format datasette > metadata.json
    datasette permalien.db --metadata metadata.json
    """
    from storage.query.dictionary import as_datasette, as_markdown, views

    if form == "markdown":
        click.echo(as_markdown(), nl=False)
    elif form == "json":
        print_json([asdict(view) for view in views()])
    else:
        print_json(as_datasette(Path(str(archive.url.database)).stem))
