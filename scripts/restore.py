"""`permalien restore`: an archive made of a backup, in an empty database."""

from pathlib import Path

import click

from scripts.known_redactions import Again, ask_for_none, redactions_option
from scripts.output import echo, json_option, print_json
from scripts.redact import end
from scripts.table_progress import table_progress
from storage.database.archive import Archive


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@redactions_option
@click.option("--no-redactions", is_flag=True, help="Nothing was redacted since the backup.")
@json_option
@click.pass_obj
def restore(
    archive: Archive, file: Path, listed: Path | None, no_redactions: bool, as_json: bool
) -> None:
    """Make the archive of the backup FILE, in a database that holds nothing yet.

    The database is the one that --database or PERMALIEN_DATABASE_URL names, of either kind,
    whichever the backup came from. All is restored or nothing, and only if every table is what
    the backup's manifest says. One that was stopped can be begun again.

    What was redacted after the backup was made is in it. The list that PERMALIEN_REDACTIONS names
    says what to take out again, before anybody can read it; without a list, you are asked whether
    there is none.

    \b
    permalien --database sqlite:///restored.db restore backup.db --redactions redactions.json
    permalien --database postgresql:///permalien restore backup.db --no-redactions

    \b
    Exit code 1: as for `permalien redact`, a file may have what was taken out; redact --finish.
    """
    from storage.backup import manifest_of, restore_backup

    again = Again(None) if no_redactions else Again.of(listed)
    if again.document is None and not no_redactions:
        ask_for_none(manifest_of(file).made_at)
    with table_progress("restore") as progress:
        manifest = restore_backup(file, archive, progress=progress, redact=again)
    again.tell_left()
    document = {
        "file": str(file),
        "to": archive.name,
        "made_at": manifest.made_at,
        "schema": manifest.schema,
        "rows": manifest.rows,
        "redacted": again.done,
    }
    if not as_json:
        made = manifest.made_at.strftime("%Y-%m-%d %H:%M UTC")
        echo(f"{archive.name} is as it was at {made}: {manifest.rows:,} rows, as the backup says")
    if again.done:
        if not as_json:
            echo(f"{again.done:,} redactions of after were carried out")
        end(archive, document, full=False, as_json=as_json)
    elif as_json:
        print_json(document)
