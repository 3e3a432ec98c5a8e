"""The summary at the end of a crawl, and the exit code that goes with it."""

from typing import TYPE_CHECKING, Any, NoReturn

import click

from scripts.exit_codes import FAILED, INTERRUPTED
from scripts.output import echo
from storage.database.errors import ArchiveError
from storage.models import Outcome, RunEnd

if TYPE_CHECKING:
    from crawler.running import Summary


def as_document(summary: "Summary") -> dict[str, Any]:
    """The summary as --json prints it."""
    return {
        "run": summary.run_id,
        "ended": summary.how.value,
        "error": None if summary.error is None else str(summary.error),
        "seconds": round(summary.seconds, 2),
        **summary.tally.as_document(),
    }


def report(summary: "Summary", next_command: str) -> None:
    """The summary for a person, with the next command to try."""
    tally = summary.tally
    pages = tally.pages
    echo(f"\nRun {summary.run_id} {summary.how.value} in {_duration(summary.seconds)}", bold=True)
    lines = [
        ("pages seen", pages.total()),
        ("new articles", tally.articles),
        ("new versions", tally.versions),
        ("unchanged", pages[Outcome.UNCHANGED]),
        ("moved", pages[Outcome.MOVED]),
        ("gone or not found", pages[Outcome.GONE] + pages[Outcome.NOT_FOUND]),
        ("no articles", pages[Outcome.NOT_ARTICLE]),
        ("no articles after all", tally.dismissed),
        ("articles after all", tally.readmitted),
        ("unreadable", pages[Outcome.UNREADABLE]),
        ("behind a wall", pages[Outcome.CHALLENGE] + pages[Outcome.PAYWALL]),
        ("feeds, sitemaps, fronts", tally.listings),
    ]
    always = {"pages seen", "new articles", "new versions", "unchanged"}
    for label, count in lines:
        if count or label in always:
            echo(f"  {count:>8,}  {label}")
    for kind, count in tally.failures.most_common():
        echo(f"  {count:>8,}  failed: {kind}")
    if not tally.requests and summary.how is RunEnd.FINISHED:
        echo("  nothing was due")
    echo(f"\nNext: {next_command}")


def fail_like(summary: "Summary") -> NoReturn:
    """Exit as a run that did not finish: its error in one line."""
    raise SystemExit(failure(summary))


def failure(summary: "Summary") -> int:
    """The exit code of a run that did not finish, of which its error is told in one line."""
    if summary.how is RunEnd.INTERRUPTED:
        click.echo(
            "permalien: interrupted; what was fetched is kept, crawl again to go on", err=True
        )
        return INTERRUPTED
    error = summary.error
    # A mistake of ours says little without its kind: a KeyError is its key alone.
    told = str(error) if isinstance(error, ArchiveError) else f"{type(error).__name__}: {error}"
    click.echo(f"permalien: {' '.join(told.split())}", err=True)
    return FAILED


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} seconds"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s"
