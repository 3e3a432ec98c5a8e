"""`permalien health`: how well each source was watched, day by day, and what alarms hold back."""

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from scripts.output import echo, json_option, moment, print_json, print_table
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import NotFound
from storage.frontier.sources import find_source
from storage.ledger.day_counts import Measure
from storage.models import Source
from storage.review.alarms import clear_alarm, released_checks
from storage.review.health_findings import remarks
from storage.review.open_alarms import OpenAlarm, open_alarms
from storage.review.source_days import Day, SourceDays, days_of_source, days_of_sources

_MOST_ALARMS = 20


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
@click.option(
    "--release",
    is_flag=True,
    help="Clear SOURCE's alarm: the next crawl takes what it holds back into the record.",
)
@json_option
@click.pass_obj
def health(
    archive: Archive, source: str | None, days: int, limit: int, release: bool, as_json: bool
) -> None:
    """Tell how well SOURCE was watched, a line a day; without SOURCE, every source, a line each.

    \b
    good         listings were read and named new pages
    quiet        listings were read and named nothing new
    impaired     most listings, or most pages, could not be read
    outage       nothing could be read
    no-listing   pages were asked for and no listing was
    not-crawled  no run came to the source

    Then the alarms that are open: what was doubtful, and checks that are held back for it. If the
    site really changed all that, --release; docs/operating.md tells what else to do.

    \b
    permalien health example.org --days 30
    permalien health example.org --release
    """
    if release and source is None:
        raise click.UsageError("name the source whose alarm is to be cleared")
    schema.require_current(archive)
    if release:
        _release(archive, str(source), as_json)
    elif source is None:
        _show_all(archive, days, limit, as_json)
    else:
        _show_one(archive, source, days, as_json)


def _show_one(archive: Archive, name: str, days: int, as_json: bool) -> None:
    now = utc_now()
    with archive.reading() as session:
        source = find_source(session, name)
        told = days_of_source(session, source, now=now, days=days)
        alarms = open_alarms(session, limit=1, source_id=source.id)
        released = len(released_checks(session, source.id))
    if as_json:
        print_json(
            {
                "source": source.name,
                "good_at": source.good_at,
                "days": [_day_document(day) for day in told.days],
                "remarks": remarks(told),
                "released": released,
                "alarms": [_alarm_document(alarm) for alarm in alarms],
            }
        )
        return
    usual = told.days[-1].usual
    echo(f"{source.name}, last good run {moment(source.good_at)}", bold=True)
    if usual is not None:
        echo(f"{usual:,} new pages a day are usual")
    _print_days(told.days)
    if remarkable := remarks(told):
        echo("\nWhat stands out", bold=True)
    for remark in remarkable:
        echo(remark)
    if released:
        echo(f"\nReleased, and into the record with the next crawl: {released:,} checks")
    _print_alarms(alarms)


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
        alarms = open_alarms(session, limit=_MOST_ALARMS)
    shown = everything[:limit]
    if as_json:
        print_json(
            {
                "sources": shown,
                "sources_total": len(everything),
                "remarkable_total": sum(bool(row["remarks"]) for row in everything),
                "alarms": [_alarm_document(alarm) for alarm in alarms],
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
    _print_alarms(alarms)


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
        "held": sum(day.counts[Measure.HELD] for day in days),
        "remarks": remarks(told),
    }


def _day_document(day: Day) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "state": day.state.value,
        "listed": day.listed,
        "usual": day.usual,
        "expected": day.expected,
        "fetched": day.fetched,
        "extracted": day.extracted,
        "rest": day.rest,
        "new_articles": day.counts[Measure.ARTICLES],
        "new_versions": day.counts[Measure.EDITS],
        "held": day.counts[Measure.HELD],
        "counts": {
            measure.value: day.counts[measure] for measure in Measure if day.counts[measure]
        },
    }


def _alarm_document(alarm: OpenAlarm) -> dict[str, Any]:
    return asdict(alarm)


def _print_alarms(alarms: list[OpenAlarm]) -> None:
    for alarm in alarms:
        echo(
            f"\nAlarm on {alarm.source} since {moment(alarm.raised_at)}: {alarm.reason}", bold=True
        )
        evidence = ", ".join(f"{key} {value}" for key, value in alarm.evidence.items())
        echo(f"  {evidence}" if evidence else "  no evidence")
        echo(f"  checks held back: {alarm.held:,}" + (", such as" if alarm.examples else ""))
        for example in alarm.examples:
            echo(f"    {example.url}  {example.outcome.value}: {example.reason}")
        echo(f"  to take them into the record: permalien health {alarm.source} --release")


def _release(archive: Archive, name: str, as_json: bool) -> None:
    with archive.writing() as session:
        source = find_source(session, name)
        alarm = clear_alarm(session, source.id, utc_now())
        if alarm is None:
            raise NotFound(f"no alarm is open on {source.name}: see `permalien health`")
        released = len(released_checks(session, source.id))
    if as_json:
        print_json({"source": source.name, "cleared_at": alarm.cleared_at, "released": released})
        return
    echo(f"{source.name}: the alarm of {moment(alarm.raised_at)} is cleared.")
    echo(f"Into the record with the next crawl (permalien crawl): {released:,} checks")
