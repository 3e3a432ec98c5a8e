"""`permalien history`: every version of an article, and its latest checks."""

from collections.abc import Iterator

import click

from scripts.output import echo, json_option, moment, paged, print_json, print_table
from storage import schema
from storage.database.archive import Archive
from storage.history.edit_history import Edit, edits_of
from storage.history.lookup import find_article
from storage.history.version_records import VersionRecord
from storage.history.version_records import history as versions_of
from storage.query.articles import article_checks
from storage.query.documents import history_document

MOST_CHECKS = 20


@click.command()
@click.argument("article", metavar="URL|ID")
@click.option(
    "--checks",
    type=click.IntRange(0, 2**31 - 1),
    default=MOST_CHECKS,
    show_default=True,
    metavar="N",
    help="How many of the latest checks to show.",
)
@click.option("--retracted", is_flag=True, help="List what turned out to be no edit too.")
@json_option
@click.pass_obj
def history(archive: Archive, article: str, checks: int, retracted: bool, as_json: bool) -> None:
    """List an article's versions and the edit that made each, and how its latest checks went.

    An edit is declared when the page tells of it, by its time of modification or in a note of
    correction; silent when it does not. A version alternates when the page has gone back and forth
    between two wordings. What was taken for an edit and turned out to be none is retracted: its
    number is left out, and --retracted lists it too.

    \b
    permalien history https://example.org/bridge
    """
    schema.require_current(archive)
    with archive.reading() as session:
        if as_json:
            print_json(history_document(session, article, checks=checks, retracted=retracted))
            return
        found = find_article(session, article)
        versions = versions_of(session, found.id, retracted=retracted)
        edits = edits_of(session, versions)
        latest = article_checks(session, found.id, checks)
    with paged():
        echo(f"{found.url}  ({found.state.value})", bold=True)
        print_table(
            ("version", "identifier", "first seen", "last seen", "title and edit"),
            (
                (
                    it.version,
                    it.identifier,
                    moment(it.first_seen_at),
                    moment(it.last_seen_at),
                    " · ".join([it.title, *_told(it, edit)]),
                )
                for it, edit in zip(versions, edits, strict=True)
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


def _told(version: VersionRecord, edit: Edit | None) -> Iterator[str]:
    if version.retracted_at is not None:
        yield f"retracted on {moment(version.retracted_at)}"
    if edit is None:
        return
    if edit.not_before is None:
        when = "beside the one before"
    else:
        when = f"after {moment(edit.not_before)}"
    remarks = {
        "declared": edit.declared,
        "silent": not edit.declared and bool(edit.kinds) and not edit.completes,
        "alternating": edit.alternating,
    }
    kinds = ["the whole, where a part was known"] if edit.completes else edit.kinds
    told = ", ".join([*kinds, *(remark for remark, holds in remarks.items() if holds)])
    yield f"{when}: {told or 'nothing'}"
