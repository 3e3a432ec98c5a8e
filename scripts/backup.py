"""`permalien backup`: the archive as it is now, in one file that can be restored."""

from pathlib import Path

import click

from scripts.output import echo, json_option, print_json
from scripts.table_progress import table_progress
from storage.database.archive import Archive


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Take the place of a backup that is there.")
@click.option(
    "--without-store",
    is_flag=True,
    help="Leave what is in a payload store there: the backup needs it to be kept too.",
)
@json_option
@click.pass_obj
def backup(archive: Archive, file: Path, force: bool, without_store: bool, as_json: bool) -> None:
    """Write the archive as it is now to FILE, while it is being crawled or not.

    FILE is a SQLite archive with a manifest, whichever database it comes from, and is there whole
    or not at all. It is compared with the archive, row by row, before it is kept.
    `permalien restore` makes an archive of it in an empty database of either kind.

    \b
    permalien backup backup-2026-12-01.db
    permalien --database postgresql:///permalien backup backup.db --force
    """
    from storage.backup import back_up

    with table_progress("backup") as progress:
        manifest = back_up(
            archive, file, replace=force, without_store=without_store, progress=progress
        )
    if as_json:
        print_json(
            {
                "from": archive.name,
                "file": str(file),
                "bytes": file.stat().st_size,
                "made_at": manifest.made_at,
                "schema": manifest.schema,
                "in_payload_store": manifest.in_payload_store,
                "tables": [
                    {"table": it.table, "rows": it.rows, "sha256": it.sha256}
                    for it in manifest.tables
                ],
            }
        )
        return
    size = file.stat().st_size / 2**20
    echo(f"{archive.name} is in {file}: {manifest.rows:,} rows, {size:,.1f} MiB, the same in both")
    if manifest.in_payload_store:
        echo(f"{manifest.in_payload_store:,} stored pages are in the payload store: keep it too")
    echo(f"\nNext: permalien --database URL restore {file}")
