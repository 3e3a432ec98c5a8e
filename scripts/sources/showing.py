"""`permalien sources show`: one source, its settings and its listings."""

import click

from scripts.output import echo, json_option, moment, print_json, print_table
from scripts.sources.documents import state_of
from storage import schema
from storage.database.archive import Archive
from storage.frontier.sources import find_source
from storage.models import BrowserNeed, BrowserUse
from storage.query.articles import SourceRecord, source_records
from storage.query.listings import ListingRecord, listing_records
from storage.query.source_documents import ShownSource

_BROWSER = {
    (BrowserUse.AUTO, BrowserNeed.LIKELY): "its pages seem to need one: permalien[browser]",
    (BrowserUse.AUTO, BrowserNeed.SHOWN): "shows its pages, which need it",
    **{(BrowserUse.ALWAYS, need): "always shows its pages" for need in BrowserNeed},
    **{(BrowserUse.NEVER, need): "never shows its pages" for need in BrowserNeed},
}


@click.command()
@click.argument("name", metavar="SOURCE")
@json_option
@click.pass_obj
def show(archive: Archive, name: str, as_json: bool) -> None:
    """Show a source: its settings, what it lists its articles in, and what each gave last.

    \b
    permalien sources show example.org
    """
    schema.require_current(archive)
    with archive.reading() as session:
        source = find_source(session, name)
        (record,) = source_records(session, [source.id])
        listings = listing_records(session, source.id)
    if as_json:
        print_json(ShownSource.of(record, listings))
    else:
        _print(record, listings)


def _print(record: SourceRecord, listings: list[ListingRecord]) -> None:
    echo(record.name, bold=True)
    facts = {
        "front page": record.url,
        "other hosts": ", ".join(record.hosts),
        "state": state_of(record) or f"crawled, next due {moment(record.next_due_at)}",
        "at it now": record.run_id and f"run {record.run_id}",
        "site's pause": record.paused_until and f"until {moment(record.paused_until)}",
        "delay": f"{record.delay:g} s between two requests",
        "cadence": f"{record.cadence} s between two looks at its feeds",
        "private": "may be at a private address" if record.allow_private else None,
        "browser": _BROWSER.get((record.browser, record.browser_need)),
        "added": moment(record.added_at),
        "last good run": moment(record.good_at),
        "holds": f"{record.articles:,} articles, {record.pages:,} pages",
        "terms": record.terms,
        "notes": record.notes,
    }
    for label, fact in facts.items():
        if fact:
            echo(f"  {label:<14} {fact}")
    echo("")
    print_table(
        ("kind", "url", "last looked at", "gave"),
        (
            (
                it.kind.value,
                it.url,
                "not read" if it.excluded else moment(it.checked_at),
                ": ".join(part for part in (it.outcome and it.outcome.value, it.detail) if part),
            )
            for it in listings
        ),
    )
