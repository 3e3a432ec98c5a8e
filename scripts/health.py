"""`permalien health`: how well each source was watched, day by day."""

from collections import Counter
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from scripts.output import echo, json_option, moment, print_json, print_table
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.sources import find_source
from storage.ledger.day_counts import Measure
from storage.models import Source
from storage.query.documents import coverage_document
from storage.review.health_findings import health_findings
from storage.review.source_days import Day, SourceDays, days_of_source, days_of_sources


@click.command()
@click.argument("source", required=False)
@click.option(
    "--days", type=click.IntRange(1, 366), default=7, show_default=True, help="How many, to today."
)
@click.option(
    "--limit",
    type=click.IntRange(1, 2**31 - 1),
    default=50,
    show_default=True,
    help="Without SOURCE: show at most so many sources, those that stand out first.",
)
@json_option
@click.pass_obj
def health(archive: Archive, source: str | None, days: int, limit: int, as_json: bool) -> None:
    """Tell how well SOURCE was watched, a line a day; without SOURCE, every source, a line each.

    \b
    good         listings were read and named new pages
    quiet        listings were read and named nothing new
    impaired     most listings, or most pages, could not be read
    outage       nothing could be read
    no-listing   pages were asked for and no listing was
    not-crawled  no run came to the source

    \b
    permalien health example.org --days 30
    permalien health --limit 10
    """
    schema.require_current(archive)
    if source is None:
        _show_all(archive, days, limit, as_json)
    else:
        _show_one(archive, source, days, as_json)


def _show_one(archive: Archive, name: str, days: int, as_json: bool) -> None:
    now = utc_now()
    with archive.reading() as session:
        source = find_source(session, name)
        told = days_of_source(session, source, now=now, days=days)
    if as_json:
        print_json(coverage_document(told))
        return
    usual = told.days[-1].usual
    echo(f"{source.name}, last good run {moment(source.good_at)}", bold=True)
    if usual is not None:
        echo(f"{usual:,} new pages a day are usual")
    _print_days(told.days)
    if remarkable := health_findings(told):
        echo("\nWhat stands out", bold=True)
    for remark in remarkable:
        echo(remark)


def _print_days(days: list[Day]) -> None:
    print_table(
        ("day", "", "listed", "expected", "fetched", "extracted", "new", "edits"),
        (
            (
                day.day,
                day.state.value,
                day.listed,
                day.expected,
                day.fetched,
                day.extracted,
                day.counts[Measure.ARTICLES],
                day.counts[Measure.EDITS],
            )
            for day in days
        ),
    )
    if any(day.rest for day in days):
        echo("\nWhy no article came of the rest", bold=True)
    for day in days:
        if day.rest:
            echo(f"{day.day}  " + ", ".join(f"{why} {count:,}" for why, count in day.rest.items()))


def _show_all(archive: Archive, days: int, limit: int, as_json: bool) -> None:
    with archive.reading() as session:
        everything = _all(session, utc_now(), days)
    shown = everything[:limit]
    if as_json:
        print_json(
            {
                "sources": shown,
                "sources_total": len(everything),
                "remarkable_total": sum(bool(row["remarks"]) for row in everything),
            }
        )
        return
    if not everything:
        echo("No source yet: permalien add URL")
        return
    print_table(
        ("source", "days", "listed", "asked", "extracted", "new", "edits", "what stands out"),
        (
            (
                row["source"],
                ", ".join(f"{number} {state}" for state, number in row["states"].items()),
                row["listed"],
                row["asked"],
                row["extracted"],
                row["new_articles"],
                row["new_versions"],
                "; ".join(row["remarks"]) or "-",
            )
            for row in shown
        ),
    )
    if len(everything) > limit:
        left = everything[limit:]
        remarkable = sum(bool(row["remarks"]) for row in left)
        echo(f"\nNot shown (--limit): {len(left):,}, of which {remarkable:,} stand out")


def _all(session: Session, now: datetime, days: int) -> list[dict[str, Any]]:
    """A row a source, those with something that stands out first."""
    sources = session.scalars(select(Source).where(Source.enabled).order_by(Source.name)).all()
    rows = [_row(told) for told in days_of_sources(session, sources, now=now, days=days)]
    return sorted(rows, key=lambda row: not row["remarks"])


def _row(told: SourceDays) -> dict[str, Any]:
    days = told.days
    return {
        "source": told.source.name,
        "good_at": told.source.good_at,
        "states": dict(Counter(day.state.value for day in days)),
        "listed": sum(day.listed for day in days),
        "asked": sum(day.asked for day in days),
        "extracted": sum(day.extracted for day in days),
        "new_articles": sum(day.counts[Measure.ARTICLES] for day in days),
        "new_versions": sum(day.counts[Measure.EDITS] for day in days),
        "remarks": health_findings(told),
    }
