"""`permalien reextract`: today's extractor over stored pages."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from sqlalchemy import select

from scripts.output import echo, json_option, print_json
from storage import schema
from storage.database.archive import Archive
from storage.frontier.sources import find_source
from storage.history.diffs import DiffOp
from storage.history.diffs import diff as diff_texts
from storage.history.readings import VersionRange
from storage.models import Source

if TYPE_CHECKING:
    from crawler.reading.reextraction import Example, Report

_DAY = click.DateTime(["%Y-%m-%d"])
_CONTEXT = 60  # characters of an unchanged stretch that are shown


@click.command()
@click.option(
    "--source", "names", multiple=True, metavar="NAME", help="Only this source; repeatable."
)
@click.option("--since", type=_DAY, help="Only versions first seen on this day or later (UTC).")
@click.option("--until", type=_DAY, help="Only versions first seen before this day (UTC).")
@click.option("--dry-run", is_flag=True, help="Write nothing; tell what would change.")
@json_option
@click.pass_obj
def reextract(
    archive: Archive,
    names: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read stored pages again with today's extractor and templates.

    Adds readings and never a version; what a version's text was before is kept. Versions that
    are up to date are passed over, so a run that was stopped goes on where it was.

    \b
    permalien reextract --source example.org --dry-run
    """
    from rich.console import Console
    from rich.status import Status

    from crawler.reading.pool import NotLearned
    from crawler.reading.reextraction import reextract as reextract_versions

    schema.require_current(archive)
    with archive.reading() as session:
        ids = [find_source(session, name).id for name in names] or list(
            session.scalars(select(Source.id).order_by(Source.id))
        )
    among = VersionRange(
        since=since and since.replace(tzinfo=UTC), until=until and until.replace(tzinfo=UTC)
    )
    with Status("reading", console=Console(stderr=True, quiet=not sys.stderr.isatty())) as shown:
        try:
            report = reextract_versions(
                archive,
                ids,
                among,
                dry_run=dry_run,
                progress=lambda now: shown.update(f"{now.read:,} read, {now.changed:,} changed"),
            )
        except NotLearned as error:
            raise click.ClickException(
                f"a site's template could not be learned: {error}"
            ) from error
    if as_json:
        print_json(_document(report, dry_run))
    else:
        _print(report, dry_run)


def _document(report: "Report", dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "read": report.read,
        "changed": report.changed,
        "unreadable": report.unreadable,
        "fields": dict(report.fields),
        "examples": [
            {
                "url": example.url,
                "version": example.version,
                "field": example.field,
                "before": example.before,
                "after": example.after,
            }
            for example in report.examples
        ],
    }


def _print(report: "Report", dry_run: bool) -> None:
    echo(f"{report.read:,} versions read again", bold=True)
    echo(f"  {report.changed:>8,}  {'would change' if dry_run else 'read differently now'}")
    if report.unreadable:
        echo(f"  {report.unreadable:>8,}  no article any more: left as they were")
    for name, count in report.fields.most_common():
        echo(f"  {count:>8,}  in {name}")
    for example in report.examples:
        echo(f"\n{example.field} of version {example.version}, {example.url}", bold=True)
        for line in _side_by_side(example):
            echo(f"  {line}")


def _side_by_side(example: "Example") -> list[str]:
    """Texts as their differing stretches, other values whole: - before, + after."""
    if not (isinstance(example.before, str) and isinstance(example.after, str)):
        return [f"- {example.before}", f"+ {example.after}"]
    signs = {DiffOp.DELETE: "-", DiffOp.INSERT: "+", DiffOp.EQUAL: " "}
    return [
        f"{signs[part.op]} {_short(part.text) if part.op is DiffOp.EQUAL else part.text.strip()}"
        for part in diff_texts(example.before, example.after)
        if part.text.strip()
    ]


def _short(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= _CONTEXT:
        return line
    return f"{line[: _CONTEXT // 2]} … {line[-_CONTEXT // 2 :]}"
