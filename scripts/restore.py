"""`permalien restore`: an archive made of a backup, in an empty database."""

from pathlib import Path

import click

from scripts.output import echo, json_option, print_json
from scripts.table_progress import table_progress
from storage.database.archive import Archive


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def restore(archive: Archive, file: Path, as_json: bool) -> None:
    """Make the archive of the backup FILE, in a database that holds nothing yet.

    The database is the one that --database or PERMALIEN_DATABASE_URL names, of either kind,
    whichever the backup came from. All is restored or nothing, and only if every table is what
    the backup's manifest says. One that was stopped can be begun again.

    \b
    permalien --database sqlite:///restored.db restore backup.db
    permalien --database postgresql:///permalien restore backup.db
    """
    from storage.backup import restore_backup

    with table_progress("restore") as progress:
        manifest = restore_backup(file, archive, progress=progress)
    if as_json:
        print_json(
            {
                "file": str(file),
                "to": archive.name,
                "made_at": manifest.made_at,
                "schema": manifest.schema,
                "rows": manifest.rows,
            }
        )
        return
    made = manifest.made_at.strftime("%Y-%m-%d %H:%M UTC")
    echo(f"{archive.name} is as it was at {made}: {manifest.rows:,} rows, as the backup says")
