"""`permalien warc import`: the pages of WARC and WACZ files, put into the archive."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from crawler.importing.captures import Unwanted
from crawler.importing.import_tally import Imported, Progress
from crawler.importing.importer import import_files
from crawler.importing.restoring import restore_files
from crawler.process.printable import printable
from scripts.exit_codes import FAILED, INTERRUPTED
from scripts.known_redactions import Again
from scripts.output import echo, json_option, print_json
from scripts.redact import end
from scripts.writing import Interrupted
from storage import schema
from storage.database.archive import Archive
from storage.database.errors import ArchiveError
from storage.frontier.sources import find_source
from storage.history.imports import Place
from storage.models import RunEnd

_MOST_TOLD = 10  # places of damage, hosts
_STANDARD_INPUT = Path("-")


@click.command("import")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
)
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="Only its pages; repeatable."
)
@click.option("--only-known", is_flag=True, help="Only pages of sources that are there; make none.")
@click.option(
    "--sidecar",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Make the archive again that it is of, in an empty database.",
)
@json_option
@click.pass_obj
def import_warc(
    archive: Archive,
    files: tuple[Path, ...],
    sources: tuple[str, ...],
    only_known: bool,
    sidecar: Path | None,
    as_json: bool,
) -> None:
    """Put the pages of WARC and WACZ files into the archive, at the times they were fetched.

    Nothing is fetched. A page goes to the source of its host; a host of no source makes one of its
    registered domain, which is paused: `permalien sources resume` has it crawled. What is in the
    archive already is passed over: a file that was imported, or an import that was stopped, is
    taken up where it was. What is damaged is told, and the rest is taken; exit code 1. A FILE may
    be - for standard input, which is kept in a temporary file meanwhile.

    \b
    permalien warc import CC-NEWS-20260301081000-00001.warc.gz
    permalien warc import site.wacz --source example.org
    permalien warc import *.warc.gz --only-known
    curl https://example.org/pages.warc.gz | permalien warc import -
    permalien --database sqlite:///again.db warc import all.warc.gz --sidecar all.sidecar.jsonl.gz
    """
    for file in files if sidecar is None else (*files, sidecar):
        if file != _STANDARD_INPUT and not file.is_file():
            raise click.UsageError(f"{file}: there is no such file")
    if files.count(_STANDARD_INPUT) > 1 or sidecar == _STANDARD_INPUT:
        raise click.UsageError("standard input (-) can be one of the FILEs, once")
    if sidecar is not None and (sources or only_known):
        raise click.UsageError("--sidecar makes the whole archive: leave the other options out")
    with _with_standard_input(files) as files:
        if sidecar is not None:
            _restore(archive, files, sidecar, as_json=as_json)
        else:
            _import(archive, files, sources, only_known=only_known, as_json=as_json)


@contextmanager
def _with_standard_input(files: tuple[Path, ...]) -> Iterator[tuple[Path, ...]]:
    """The same, with what standard input holds in a file, for as long as this lasts: where a
    stream is damaged, what follows is found by going back."""
    if _STANDARD_INPUT not in files:
        yield files
        return
    with TemporaryDirectory(prefix="permalien-") as folder:
        path = Path(folder) / "standard-input"
        try:
            with path.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file, 2**20)
        except KeyboardInterrupt:
            raise Interrupted("interrupted; nothing was imported") from None
        except OSError as error:
            raise click.ClickException(f"standard input: {error.strerror or error}") from error
        yield tuple(path if it == _STANDARD_INPUT else it for it in files)


def _import(
    archive: Archive,
    files: tuple[Path, ...],
    sources: tuple[str, ...],
    *,
    only_known: bool,
    as_json: bool,
) -> None:
    schema.ensure(archive)
    only = None
    if sources:
        with archive.reading() as session:
            only = [find_source(session, name).id for name in sources]
    imported = _shown(
        lambda progress: import_files(
            archive, files, only=only, make_sources=not only_known, progress=progress
        )
    )
    if as_json:
        print_json(_document(imported))
    else:
        _report(imported)
    if imported.error is not None and not isinstance(imported.error, ArchiveError):
        raise imported.error
    if imported.how is RunEnd.INTERRUPTED:
        click.echo("permalien: interrupted; run it again to go on", err=True)
        raise SystemExit(INTERRUPTED)
    if imported.error is not None:
        raise imported.error
    if imported.tally.damaged:
        raise SystemExit(FAILED)


def _restore(archive: Archive, files: tuple[Path, ...], sidecar: Path, *, as_json: bool) -> None:
    from rich.console import Console
    from rich.status import Status

    again = Again.of(None)
    with Status("reading", console=Console(stderr=True, quiet=not sys.stderr.isatty())) as shown:
        try:
            rows = restore_files(
                archive,
                files,
                sidecar,
                progress=lambda table, done: shown.update(f"{table}: {done:,} rows"),
                redact=again,
            )
        except KeyboardInterrupt:
            raise Interrupted("interrupted; nothing is kept") from None
        except OSError as error:
            raise click.ClickException(f"{sidecar}: {error.strerror or error}") from error
    again.tell_left()
    if not as_json:
        echo(f"{archive.name}: the archive that {sidecar} is of")
        echo(
            f"{rows['article']:,} articles, {rows['version']:,} versions, {rows['fetch']:,} fetches"
        )
    if again.done:
        end(archive, {"tables": rows, "redacted": again.done}, full=False, as_json=as_json)
    elif as_json:
        print_json({"tables": rows, "redacted": 0})


def _shown(work: Callable[[Callable[[Progress], None]], Imported]) -> Imported:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[captures]:,} captures"),
        TimeRemainingColumn(),
    )
    quiet = Console(stderr=True, quiet=not sys.stderr.isatty())
    with Bar(*columns, console=quiet, transient=True) as bar:
        task = bar.add_task("importing", total=None, captures=0)

        def show(now: Progress) -> None:
            name = printable(Path(now.file).name)
            bar.update(
                task, description=name, completed=now.done, total=now.whole, captures=now.captures
            )

        return work(show)


def _document(imported: Imported) -> dict[str, object]:
    tally = imported.tally
    return {
        "run": imported.run_id,
        "ended": imported.how.value,
        **tally.as_document(),
        "sources": sorted(tally.sources),
        "new_sources": sorted(tally.new_sources),
        "elsewhere_hosts": dict(tally.elsewhere.most_common(_MOST_TOLD)),
        "damage": [{"file": it.file, "offset": it.offset, "why": it.why} for it in tally.damage],
    }


_PLACES = {
    Place.NEW: "new",
    Place.KNOWN: "known already",
    Place.WAITING: "that an earlier import had stored and not read",
    Place.NO_BODY: "revisits of pages that are not here",
    Place.EXCLUDED: "at addresses that are excluded",
    Place.LISTING: "of front and section pages, feeds and sitemaps",
    Place.REFUSED: "that the database refused",
}
_UNWANTED = {
    Unwanted.NO_PAGE: "no pages: images, scripts, feeds …",
    Unwanted.NO_ADDRESS: "at addresses that can't be crawled",
    Unwanted.NO_GET: "answers to requests other than GET",
}


def _report(imported: Imported) -> None:
    tally = imported.tally
    echo(f"{tally.captures:,} captures read", bold=True)
    lines = [(tally.places[it], what) for it, what in _PLACES.items()]
    lines += [(count, _UNWANTED[it]) for it, count in tally.unwanted.items()]
    lines += [(tally.outside, "of hosts that are no source's, or were not asked for")]
    lines += [(tally.articles, "new articles"), (tally.versions, "new versions")]
    lines += [(tally.unchanged, "pages as they were")]
    lines += [(count, f"no articles: {it.value}") for it, count in tally.non_articles.items()]
    for count, what in lines:
        if count:
            echo(f"  {count:>9,}  {what}")
    if tally.new_sources:
        names = sorted(tally.new_sources)
        more = f" and {len(names) - _MOST_TOLD:,} more" if len(names) > _MOST_TOLD else ""
        echo(f"new sources, paused: {', '.join(names[:_MOST_TOLD])}{more}")
    if tally.elsewhere:
        hosts = ", ".join(f"{host} {n:,}" for host, n in tally.elsewhere.most_common(_MOST_TOLD))
        echo(f"passed over, by host: {hosts}")
    for it in tally.damage[:_MOST_TOLD]:
        where = it.file if it.offset is None else f"{it.file} at byte {it.offset:,}"
        click.echo(f"permalien: {printable(f'{where}: {it.why}')}", err=True)
    if tally.damaged > _MOST_TOLD:
        more_damage = tally.damaged - _MOST_TOLD
        click.echo(f"permalien: {more_damage:,} more places are damaged (--json)", err=True)
