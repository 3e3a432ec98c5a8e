"""`permalien verify`: the archive held against itself."""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from scripts.exit_codes import DAMAGED, INTERRUPTED
from scripts.output import echo, json_option, print_json
from storage import schema
from storage.database.archive import Archive
from storage.frontier.sources import find_source

if TYPE_CHECKING:
    from storage.verification.report import Mismatch, Report
    from storage.verification.verifying import Progress

_DAY = click.DateTime(["%Y-%m-%d"])
_MOST_SHOWN = 100  # mismatches on a terminal; --json has more


@click.command()
@click.option(
    "--source", "names", multiple=True, metavar="NAME", help="Only this source; repeatable."
)
@click.option("--since", type=_DAY, help="Only fetches of this day or later (UTC).")
@click.option("--until", type=_DAY, help="Only fetches before this day (UTC).")
@click.option(
    "--sample",
    type=click.IntRange(1),
    metavar="N",
    help="Only N stored pages, picked at random, and what was extracted of them.",
)
@click.option("--no-extract", is_flag=True, help="Read no page again; much faster.")
@json_option
@click.pass_obj
def verify(
    archive: Archive,
    names: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    sample: int | None,
    no_extract: bool,
    as_json: bool,
) -> None:
    """Hold the archive against itself, and name what does not match.

    Stored pages are hashed and read again, versions and edits made again of what is on record,
    and rows looked for that others name. Nothing is written. Exit code 3 where something does not
    match; docs/verify.md tells what is found and what can't be.

    \b
    permalien verify
    permalien verify --source example.org --since 2026-11-01
    permalien verify --sample 1000
    """
    from crawler.verifying.verifying import verify as verify_archive
    from storage.verification.report import Report
    from storage.verification.scope import Scope

    schema.require_current(archive)
    with archive.reading() as session:
        ids = tuple(find_source(session, name).id for name in names)
    scope = Scope(
        ids, since and since.replace(tzinfo=UTC), until and until.replace(tzinfo=UTC), sample
    )
    report = Report()
    with suppress(KeyboardInterrupt):
        _verify(
            lambda show: verify_archive(
                archive, scope, extract=not no_extract, progress=show, report=report
            )
        )
    if as_json:
        print_json(_document(report))
    else:
        _print(report)
    if not report.complete:
        click.echo("permalien: interrupted before all was checked", err=True)
        raise SystemExit(INTERRUPTED)
    if report.found:
        raise SystemExit(DAMAGED)


def _verify(work: Callable[["Progress"], None]) -> None:
    """Do it, with a bar that tells the time it takes yet."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    quiet = Console(stderr=True, quiet=not sys.stderr.isatty())
    with Bar(*columns, TimeRemainingColumn(), console=quiet, transient=True) as bar:
        task = bar.add_task("verifying", total=None)
        work(
            lambda name, done, whole: bar.update(
                task, description=name, completed=done, total=whole
            )
        )


def _document(report: "Report") -> dict[str, object]:
    return {
        "complete": report.complete,
        "checked": dict(report.checked),
        "by_digest": dict(report.by_digest),
        "found": report.found,
        "mismatches": [
            {
                "table": it.table,
                "key": it.key,
                **asdict(it.place),
                "expected": it.expected,
                "found": it.found,
                "advice": it.advice,
                "named_by": [{"table": table, "key": key} for table, key in it.named_by],
            }
            for it in report.mismatches
        ],
    }


def _print(report: "Report") -> None:
    for name, number in report.checked.items():
        echo(f"{number:>12,}  {name}")
    for why, number in report.by_digest.items():
        echo(f"{number:>12,}  extractions checked by digest alone: {why}")
    if not report.found:
        echo("all that was checked matches", bold=True)
        return
    echo(f"\n{report.found:,} rows do not match", bold=True)
    for it in report.mismatches[:_MOST_SHOWN]:
        _print_mismatch(it)
    if report.found > _MOST_SHOWN:
        echo(f"\nand {report.found - _MOST_SHOWN:,} more (--json)")


def _print_mismatch(it: "Mismatch") -> None:
    echo(f"\n{it.table} {it.key}", bold=True)
    where = [it.place.source, it.place.url, it.place.version and f"version {it.place.version}"]
    if any(where):
        echo(f"  {', '.join(part for part in where if part)}")
    echo(f"  expected  {it.expected}")
    echo(f"  found     {it.found}")
    echo(f"  do        {it.advice}")
