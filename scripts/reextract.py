"""`permalien reextract`: today's extractor over stored pages."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from sqlalchemy import select

from crawler.process.printable import printable
from scripts.exit_codes import INTERRUPTED
from scripts.output import json_option, print_json
from scripts.writing import Interrupted
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.sources import find_source
from storage.history.readings import VersionRange, sample_of_versions
from storage.models import RunEnd, Source
from storage.query.export.new_file import NewFile, Taken

if TYPE_CHECKING:
    from crawler.reading.change_report import ChangeReport
    from crawler.reading.reextraction_run import By, Told
    from storage.history.reading_changes import ReadingChange
    from storage.history.reextractions import Progress as HowFar

_Result = TypeVar("_Result")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option(
    "--source", "names", multiple=True, metavar="NAME", help="Only this source; repeatable."
)
@click.option("--since", type=_DAY, help="Only versions first seen on this day or later (UTC).")
@click.option("--until", type=_DAY, help="Only versions first seen before this day (UTC).")
@click.option(
    "--extractor-older-than",
    "older_than",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only what an extractor before number N read.",
)
@click.option(
    "--extractor",
    "own",
    metavar="MODULE:FUNCTION",
    help="An extractor of your own; its readings are kept beside ours (docs/own-extractors.md).",
)
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Read on the Dask cluster whose scheduler is there (docs/dask.md).",
)
@click.option("--dry-run", is_flag=True, help="Write nothing; tell what would change.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Of a dry run: what would change, as a page (.html) or JSON (.json); repeatable.",
)
@click.option("--force", is_flag=True, help="Write over a FILE that is there.")
@click.option(
    "--sample",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help="Of a dry run: N versions, the same each time.",
)
@json_option
@click.pass_obj
def reextract(
    archive: Archive,
    names: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    older_than: int | None,
    own: str | None,
    dask: str | None,
    dry_run: bool,
    reports: tuple[Path, ...],
    force: bool,
    sample: int | None,
    as_json: bool,
) -> None:
    """Read stored pages again with today's extractor and templates, on all cores.

    Adds readings and never a version; what a version's text was before is kept. Versions that
    are up to date are passed over. How far it is stands in the archive (`permalien status`): one
    that was stopped, by whatever, goes on where it was when the same is asked for again.

    \b
    permalien reextract --dry-run --sample 500 --report changes.html --report changes.json
    permalien reextract --since 2026-01-01 --extractor-older-than 11
    permalien reextract --extractor bylines:read
    """
    from crawler.reading.change_report import ChangeReport
    from crawler.reading.errors import CannotRead
    from crawler.reading.pool import NotLearned
    from crawler.reading.reextraction import Wanted
    from crawler.reading.reextraction_run import By, preview
    from crawler.reading.reextraction_run import reextract as reextract_versions
    from scripts.reading_changes import document, print_report

    _refuse(reports, sample, dry_run=dry_run)
    if own is not None:
        if older_than is not None:
            raise click.UsageError("--extractor-older-than is about ours: leave it out")
        sys.path.insert(0, str(Path.cwd()))  # where a function of one's own is, as a rule
    schema.require_current(archive)
    among = VersionRange(
        since=since and since.replace(tzinfo=UTC), until=until and until.replace(tzinfo=UTC)
    )
    with archive.reading() as session:
        ids = sorted({find_source(session, name).id for name in names}) or list(
            session.scalars(select(Source.id).order_by(Source.id))
        )
        if sample is not None:
            ids, among = sample_of_versions(session, ids, among, sample)
    wanted, by = Wanted(ids, among, older_than), By(own, dask)
    asked: dict[str, Any] = {
        "sources": sorted(set(names)),
        "since": since and f"{since:%Y-%m-%d}",
        "until": until and f"{until:%Y-%m-%d}",
        "extractor_older_than": older_than,
    }
    if dask is not None:
        click.echo(f"permalien: looking for the Dask scheduler at {printable(dask)} ...", err=True)
    report = ChangeReport()
    number: int | None = None
    error: Exception | None = None
    how = RunEnd.FINISHED
    if dry_run:
        try:
            with _written(reports, report, by, {**asked, "sample": sample}, force=force):
                _shown(report, lambda told: preview(archive, wanted, told=told, by=by))
        except KeyboardInterrupt:
            raise Interrupted("interrupted; nothing was written") from None
        except (NotLearned, CannotRead) as caught:
            error = caught
    else:
        try:
            ended = _shown(
                report,
                lambda told: reextract_versions(archive, wanted, asked=asked, told=told, by=by),
            )
        except CannotRead as caught:
            raise click.ClickException(str(caught)) from caught
        number, how, error = ended.id, ended.how, ended.error
    if isinstance(error, CannotRead):
        raise click.ClickException(str(error)) from error
    if isinstance(error, NotLearned):
        raise click.ClickException(f"a site's template could not be learned: {error}") from error
    if error is not None:
        raise error
    if as_json:
        print_json(document(report, number, how))
    else:
        print_report(report, "would change" if dry_run else "read differently now", own)
    if how is RunEnd.INTERRUPTED:
        click.echo("permalien: interrupted; run it again to go on", err=True)
        raise SystemExit(INTERRUPTED)


def _shown(report: "ChangeReport", work: "Callable[[Told], _Result]") -> "_Result":
    """The work, with a bar on a terminal that tells how far it is and when it will be done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}, {task.fields[changed]:,} changed"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[end]}"),
    )
    quiet = Console(stderr=True, quiet=not sys.stderr.isatty())
    with Progress(*columns, console=quiet, transient=True) as bar:
        task = bar.add_task("reading", total=0, changed=0, end="")

        def told(now: "HowFar", changes: "Sequence[ReadingChange]") -> None:
            report.add(now, changes)
            bar.update(
                task,
                completed=now.done,
                total=max(now.total, now.done),
                changed=now.changed,
                end=_end(bar.tasks[task].time_remaining),
            )

        return work(told)


def _end(seconds: float | None) -> str:
    """When it will be done, by the clock of whoever looks at it."""
    if seconds is None:
        return ""
    return f"done at {datetime.now().astimezone() + timedelta(seconds=seconds):%a %H:%M}"


def _refuse(reports: Sequence[Path], sample: int | None, *, dry_run: bool) -> None:
    if not dry_run and (reports or sample):
        raise click.UsageError("--report and --sample go with --dry-run")
    for path in reports:
        if path.suffix not in (".html", ".json"):
            raise click.UsageError(f"{path}: name a file that ends with .html or .json")


@contextmanager
def _written(
    paths: Sequence[Path],
    report: "ChangeReport",
    by: "By",
    asked: dict[str, Any],
    *,
    force: bool,
) -> Iterator[None]:
    """The report in these files, after what is done within; of what is stopped, nothing."""
    from crawler.reading.change_page import About, as_json, as_page
    from crawler.settings import VERSION

    with ExitStack() as stack:
        try:
            files = [stack.enter_context(NewFile(path, replace=force)) for path in paths]
            yield
            about = About(utc_now(), f"permalien {VERSION}", by.name, asked)
            for path, file in zip(paths, files, strict=True):
                made = as_page if path.suffix == ".html" else as_json
                file.stream.write(made(report, about))
        except Taken as error:
            raise click.ClickException(f"{error}: name another file, or say --force") from error
        except OSError as error:
            raise click.ClickException(f"{paths[0]}: {error.strerror or error}") from error
