"""`permalien status`: what the archive holds, what is due, what needs a person."""

from collections.abc import Sequence

import click

from scripts.output import echo, json_option, moment, print_json, print_table
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import system_now, utc_now
from storage.history.reextractions import ReextractionRecord
from storage.models import RunEnd
from storage.review.status import RunRecord, Status
from storage.review.status import status as status_of

_HOW = {
    RunEnd.FINISHED: "finished",
    RunEnd.INTERRUPTED: "interrupted",
    RunEnd.FAILED: "failed",
    RunEnd.LOST: "died",
}
_SHOWN = 20  # rows a table; --json has more


@click.command()
@json_option
@click.pass_obj
def status(archive: Archive, as_json: bool) -> None:
    """Show the archive at a glance: what it holds, what is due, what is wrong; the latest runs.

    Exit code 1 when something needs a person: a source is late, or a front page, section, feed or
    sitemap keeps failing. docs/operating.md tells what to do.

    \b
    permalien status || mail -s 'the archive needs you' archive@example.org
    """
    schema.require_current(archive)
    with archive.reading() as session:
        now = status_of(session, now=utc_now(), system=system_now())
    if as_json:
        print_json({"database": archive.name, **_document(now)})
    else:
        _show(archive.name, now)
    if now.needs_a_person:
        raise SystemExit(1)


def _document(now: Status) -> dict[str, object]:
    return {
        "sources": now.sources,
        "articles": now.articles,
        "versions": now.versions,
        "observations": now.observations,
        "estimated": now.estimated,
        "due": now.due,
        "due_sources": now.due_sources,
        "stale": now.stale,
        "late_total": now.late_total,
        "late": [
            {"source": it.source, "due_at": it.due_at, "good_at": it.good_at} for it in now.late
        ],
        "failing_total": now.failing_total,
        "failing": [
            {"source": it.source, "url": it.url, "detail": it.detail, "good_at": it.good_at}
            for it in now.failing
        ],
        "without_browser": now.without_browser,
        "lost_total": now.lost_total,
        "lost": [_run_document(run) for run in now.lost],
        "runs": [_run_document(run) for run in now.runs],
        "reextraction": now.reextraction and _reextraction_document(now.reextraction),
    }


def _show(name: str, now: Status) -> None:
    echo(f"Archive {name}", bold=True)
    for label, name, number in (
        ("sources", "sources", now.sources),
        ("articles", "articles", now.articles),
        ("versions", "versions", now.versions),
        ("checks", "observations", now.observations),
        ("due now", "due", now.due),
        ("sources due now", "due_sources", now.due_sources),
        ("sources without a good run lately", "stale", now.stale),
    ):
        about = "about " if name in now.estimated else ""
        echo(f"{about}{number:,}".rjust(20) + f"  {label}")
    if now.runs:
        echo("")
        print_table(
            ("run", "started", "ended", "how", "requests", "new articles", "new versions"),
            (_run_row(run) for run in now.runs),
        )
    for run in now.runs:
        if run.error:
            echo(f"\nRun {run.id} failed: {run.error}")
    if now.lost_total:
        echo(
            f"\nRuns that died in the last day: {now.lost_total:,}, the latest {now.lost[0].id}; "
            "killed, or unable to write a word of it, as on a full disk. The next crawl goes on."
        )
    if now.without_browser:
        echo(
            f"\nSources whose pages seem to need a browser: {now.without_browser:,}. "
            "`permalien health` names them; install permalien[browser] and Chromium."
        )
    if now.reextraction is not None:
        echo(f"\n{_reextraction_line(now.reextraction)}")
    _print_some(
        "Late: nobody crawls them",
        now.late_total,
        ("source", "due since", "last good run"),
        [(it.source, moment(it.due_at), moment(it.good_at)) for it in now.late],
    )
    _print_some(
        "Failing",
        now.failing_total,
        ("source", "url", "why", "last good run"),
        [(it.source, it.url, it.detail, moment(it.good_at)) for it in now.failing],
    )


def _print_some(
    title: str, total: int, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    """A table of the first rows, and how many there are in all."""
    if not total:
        return
    echo(f"\n{title}", bold=True)
    print_table(columns, rows[:_SHOWN])
    if total > _SHOWN:
        echo(f"and {total - _SHOWN:,} more")


def _run_document(run: RunRecord) -> dict[str, object]:
    return {
        "run": run.id,
        "software": run.software,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "ended": run.ended and run.ended.value,
        "error": run.error,
        "settings": run.settings,
        "counts": run.counts,
    }


def _reextraction_document(it: ReextractionRecord) -> dict[str, object]:
    return {
        "reextraction": it.id,
        "run": it.run_id,
        "extractor": it.extractor,
        "asked": it.asked,
        "versions": it.progress.total,
        "done": it.progress.done,
        "read": it.progress.read,
        "changed": it.progress.changed,
        "unreadable": it.progress.unreadable,
        "under_way": it.alive,
        "started_at": it.started_at,
        "moved_at": it.moved_at,
        "finished_at": it.finished_at,
    }


def _reextraction_line(it: ReextractionRecord) -> str:
    far = f"{it.progress.done:,} of {it.progress.total:,} versions"
    if it.finished_at is not None:
        return f"Re-extraction {it.id}: {far}, finished {moment(it.finished_at)}."
    if it.alive:
        return f"Re-extraction {it.id}: {far}, under way in run {it.run_id}."
    return (
        f"Re-extraction {it.id}: {far}, stopped {moment(it.moved_at)}; "
        "`permalien reextract` with the same options goes on."
    )


def _run_row(run: RunRecord) -> tuple[object, ...]:
    return (
        run.id,
        moment(run.started_at),
        moment(run.ended_at),
        _HOW[run.ended] if run.ended else "under way",
        run.counts.get("requests", 0),
        run.counts.get("new_articles", 0),
        run.counts.get("new_versions", 0),
    )
