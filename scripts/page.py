"""`permalien page`: the stored bytes of a page."""

import os
import sys
import tempfile
from pathlib import Path

import click

from crawler.process.printable import printable
from scripts.output import echo, json_option, print_json
from scripts.retraction import told
from storage import schema
from storage.database.archive import Archive
from storage.query.documents import page_document
from storage.query.stored_page import PageRecord, page_record


@click.command()
@click.argument("page", metavar="VERSION|FETCH|URL")
@click.option("--headers", is_flag=True, help="Print status and headers, and not the bytes.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the bytes there.",
)
@click.option("--force", is_flag=True, help="Write over a FILE that is there.")
@json_option
@click.pass_obj
def page(
    archive: Archive,
    page: str,
    headers: bool,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write the stored bytes of a page to standard output or to a file.

    VERSION is a version's permanent identifier, FETCH the number of a fetch; a URL or an article's
    number stand for its current version. The bytes are those that came, content encodings undone:
    their SHA-256 is the one that `permalien cite` names. On a terminal text is shown with control
    characters replaced, and what is no text is not shown.

    \b
    permalien page bw2hfqdjc7gz6rrw --output bridge.html
    permalien page bw2hfqdjc7gz6rrw | sha256sum
    permalien page https://example.org/bridge --headers
    """
    schema.require_current(archive)
    with archive.reading() as session:
        record = page_record(session, page)
    if output is not None:
        _write(record.body, output, force=force)
        if not (headers or as_json):
            echo(f"{output}: {len(record.body):,} bytes, SHA-256 {record.sha256}")
    if as_json:
        print_json(page_document(record))
    elif headers:
        _print_headers(record)
    elif output is None:
        _print(record)
    if record.cut:
        click.echo("permalien: only the beginning of this page was kept", err=True)
    if record.retraction is not None:
        click.echo(printable(f"permalien: {told(record.retraction)}"), err=True)


def _write(body: bytes, path: Path, *, force: bool) -> None:
    """All of the bytes or none; never over a file that is there unless that is asked for."""
    if path.exists() and not force:
        raise click.ClickException(f"{path} is there already: name another file, or say --force")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        umask = os.umask(0)
        os.umask(umask)
        written.chmod(0o666 & ~umask)
        if force:
            written.replace(path)
        else:
            os.link(written, path)
    except FileExistsError as error:
        raise click.ClickException(f"{path} is there already: say --force") from error
    finally:
        written.unlink(missing_ok=True)


def _print_headers(record: PageRecord) -> None:
    echo(f"{record.url}  {record.fetched_at:%Y-%m-%dT%H:%M:%SZ}  {record.status or '-'}", bold=True)
    for name, value in record.headers:
        echo(f"{name}: {'(withheld)' if value is None else value}")
    echo(f"SHA-256 {record.sha256}, {len(record.body):,} bytes", dim=True)


def _print(record: PageRecord) -> None:
    if not sys.stdout.isatty():
        sys.stdout.flush()
        sys.stdout.buffer.write(record.body)
        return
    try:
        text = record.body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise click.ClickException("these bytes are no text for a terminal: use --output FILE")
    click.echo(printable(text))
