"""`permalien warc export`: stored pages in WARC files, or in a WACZ."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from scripts.bad_queries import pointing
from scripts.output import echo, json_option, print_json
from scripts.when import When
from scripts.writing import stopping_as_asked
from storage import schema
from storage.database.archive import Archive
from storage.frontier.sources import find_source
from storage.history.lookup import find_article
from storage.query.matching import matching_articles
from storage.query.warc.captures import CaptureSelection
from storage.query.warc.exporting import SIZE, Exported, export_stream, export_wacz, export_warc


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--wacz", is_flag=True, help="One WACZ; also where FILE ends with .wacz.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="May be repeated.")
@click.option("--article", "articles", multiple=True, metavar="URL|ID", help="May be repeated.")
@click.option("--search", default="", metavar="QUERY", help="Articles that it finds now.")
@click.option("--since", type=When(), metavar="DAY", help="Fetched then or later.")
@click.option("--until", type=When(), metavar="DAY", help="Fetched before.")
@click.option(
    "--file-size",
    type=click.IntRange(1_000_000),
    default=SIZE,
    show_default=True,
    metavar="BYTES",
    help="Go on in another file after so many.",
)
@click.option(
    "--sidecar",
    is_flag=True,
    help="Beside it, what WARC can't say: with it the archive is made again.",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@json_option
@click.pass_obj
def export(
    archive: Archive,
    file: Path,
    wacz: bool,
    sources: tuple[str, ...],
    articles: tuple[str, ...],
    search: str,
    since: datetime | None,
    until: datetime | None,
    file_size: int,
    sidecar: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Write stored pages to FILE as WARC, or WACZ.

    FILE is NAME.warc.gz, with its index beside it as NAME.cdxj; NAME.wacz; or - for standard
    output, without index. Files appear when they are whole. What was asked without an answer, and
    feeds and sitemaps, whose bytes are not kept, are left out (docs/warc.md).

    \b
    permalien warc export pages.warc.gz
    permalien warc export march.wacz --since 2026-03-01 --until 2026-04-01
    permalien warc export bridge.wacz --article https://example.org/bridge
    permalien warc export ferry.warc.gz --search 'ferry -jetty'
    permalien warc export all.warc.gz --sidecar
    """
    schema.require_current(archive)
    if sum(map(bool, (sources, articles, search))) > 1:
        raise click.UsageError("name one of --source, --article and --search")
    if sidecar and (sources or articles or search or since or until or str(file) == "-"):
        raise click.UsageError("a --sidecar is of the whole archive, in a FILE: bound nothing")
    wacz = wacz or file.suffix == ".wacz"
    standard_output = str(file) == "-"
    if standard_output and wacz:
        raise click.UsageError("a WACZ can't be written to standard output: name a FILE")
    if not (wacz or standard_output or file.name.endswith((".warc.gz", ".warc"))):
        raise click.UsageError(f"{file}: end it with .warc.gz or .wacz")
    if file.name.endswith(".warc"):
        raise click.UsageError(f"{file}: WARC files are written compressed; end it with .warc.gz")
    with stopping_as_asked(file):
        selection = _selection(archive, sources, articles, search, since, until)
        if standard_output:
            written = export_stream(archive, selection, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            if as_json:
                print_json(_document(["-"], written), err=True)
            else:
                click.echo(f"permalien: wrote {_told(written)}", err=True)
            return
        write = export_wacz if wacz else export_warc
        written = _shown(
            lambda progress: write(
                archive,
                selection,
                file,
                size=file_size,
                replace=force,
                sidecar=sidecar,
                progress=progress,
            )
        )
    _report(file, written, as_json=as_json)


def _selection(
    archive: Archive,
    sources: tuple[str, ...],
    articles: tuple[str, ...],
    search: str,
    since: datetime | None,
    until: datetime | None,
) -> CaptureSelection:
    with archive.reading() as session:
        source_ids = tuple(find_source(session, name).id for name in sources)
        article_ids = tuple(find_article(session, name).id for name in articles)
    if search:
        with pointing():
            article_ids = tuple(matching_articles(archive, search))
    return CaptureSelection(
        source_ids=source_ids if sources else None,
        article_ids=article_ids if articles or search else None,
        since=since,
        until=until,
    )


def _shown(work: Callable[[Callable[[int, float], None]], Exported]) -> Exported:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("exporting"), BarColumn(), TextColumn("{task.fields[done]:,} pages"))
    quiet = Console(stderr=True, quiet=not sys.stderr.isatty())
    with Progress(*columns, TimeRemainingColumn(), console=quiet, transient=True) as bar:
        task = bar.add_task("exporting", total=1.0, done=0)

        def show(done: int, share: float) -> None:
            bar.update(task, completed=share, done=done)

        return work(show)


def _told(written: Exported) -> str:
    captures = f"{written.captures:,} captures" if written.captures != 1 else "1 capture"
    return f"{captures}, {written.revisits:,} of them revisits, {written.size:,} bytes"


def _document(files: list[str], written: Exported) -> dict[str, Any]:
    left = written.left_out
    return {
        "files": files,
        "captures": written.captures,
        "revisits": written.revisits,
        "bytes": written.size,
        "left_out": {
            "unanswered": left.unanswered,
            "without_body": left.without_body,
            "withheld": left.withheld,
        },
    }


def _report(file: Path, written: Exported, *, as_json: bool) -> None:
    if as_json:
        print_json(_document([str(file.with_name(name)) for name in written.files], written))
        return
    left = written.left_out
    echo(f"{file}: {_told(written)}")
    for name in written.files[1:]:
        echo(f"{file.with_name(name)}")
    for count, why in (
        (left.unanswered, "requests without an answer"),
        (left.without_body, "answers whose bytes are not kept: feeds, sitemaps, section pages"),
        (left.withheld, "pages that their sources' settings let nobody have (--may-export)"),
    ):
        if count:
            echo(f"left out: {count:,} {why}")
