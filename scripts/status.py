"""`permalien status`: what the archive holds, what is due, what fails."""

import click

from scripts.output import echo, json_option, moment, print_json, print_table
from storage import schema
from storage.archive import Archive
from storage.clock import utc_now
from storage.models import Run
from storage.queries import status as status_of


@click.command()
@json_option
@click.pass_obj
def status(archive: Archive, as_json: bool) -> None:
    """Show the archive at a glance: what it holds, what is due, the latest runs, what fails.

    Exit code 1 when something needs a person: a front page, feed or sitemap that keeps failing.
    """
    schema.require_current(archive)
    with archive.reading() as session:
        now = status_of(session, now=utc_now())
    failing = [
        {"source": source, "url": url, "detail": detail} for source, url, detail in now.failing
    ]
    if as_json:
        print_json(
            {
                "database": archive.name,
                "sources": now.sources,
                "articles": now.articles,
                "versions": now.versions,
                "observations": now.observations,
                "due": now.due,
                "failing": failing,
                "runs": [_run_document(run) for run in now.runs],
            }
        )
    else:
        echo(f"Archive {archive.name}", bold=True)
        for label, count in (
            ("sources", now.sources),
            ("articles", now.articles),
            ("versions", now.versions),
            ("checks", now.observations),
            ("due now", now.due),
        ):
            echo(f"  {count:>10,}  {label}")
        if now.runs:
            echo("")
            print_table(
                ("run", "started", "ended", "how", "requests", "new articles", "new versions"),
                (_run_row(run) for run in now.runs),
            )
        if failing:
            echo("\nFailing", bold=True)
            print_table(("source", "url", "why"), (list(row.values()) for row in failing))
    if failing:
        raise SystemExit(1)


def _run_document(run: Run) -> dict[str, object]:
    return {
        "run": run.id,
        "software": run.software,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "ended": run.ended_how and run.ended_how.value,
        "settings": run.settings,
        "counts": run.counts,
    }


def _run_row(run: Run) -> tuple[object, ...]:
    return (
        run.id,
        moment(run.started_at),
        moment(run.ended_at),
        run.ended_how.value if run.ended_how else "under way",
        run.counts.get("requests", 0),
        run.counts.get("new_articles", 0),
        run.counts.get("new_versions", 0),
    )
