"""`permalien history`: every version of an article, and its latest checks."""

from dataclasses import asdict

import click

from scripts.documents import version_document
from scripts.output import echo, json_option, moment, print_json, print_table
from storage import schema
from storage.archive import Archive
from storage.queries import article_checks, find_article
from storage.queries import history as versions_of

MOST_CHECKS = 20


@click.command()
@click.argument("article", metavar="URL|ID")
@click.option(
    "--checks",
    type=click.IntRange(min=0),
    default=MOST_CHECKS,
    show_default=True,
    metavar="N",
    help="How many of the latest checks to show.",
)
@json_option
@click.pass_obj
def history(archive: Archive, article: str, checks: int, as_json: bool) -> None:
    """List an article's versions and when each was seen, and how its latest checks went."""
    schema.require_current(archive)
    with archive.reading() as session:
        found = find_article(session, article)
        versions = versions_of(session, found.id)
        latest = article_checks(session, found.id, checks)
    if as_json:
        print_json(
            {
                "id": found.id,
                "url": found.url,
                "state": found.state.value,
                "versions": [version_document(version) for version in versions],
                "checks": [asdict(check) for check in latest],
            }
        )
        return
    echo(f"{found.url}  ({found.state.value})", bold=True)
    print_table(
        ("version", "first seen", "last seen", "title"),
        (
            (it.version, moment(it.first_seen_at), moment(it.last_seen_at), it.title)
            for it in versions
        ),
    )
    if latest:
        echo("")
        print_table(
            ("checked", "outcome", "status", "version", "detail"),
            (
                (
                    moment(check.observed_at),
                    check.outcome.value,
                    check.status or "",
                    check.version or "",
                    check.detail or "",
                )
                for check in latest
            ),
        )
