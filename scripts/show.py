"""`permalien show`: one article as its readers saw it."""

from collections.abc import Mapping
from typing import Any

import click

from scripts.output import echo, json_option, moment, paged, print_json
from scripts.retraction import told
from scripts.version_name import VersionName
from storage import schema
from storage.database.archive import Archive
from storage.query.articles import ArticleRecord, article_record
from storage.query.documents import article_document


@click.command()
@click.argument("article", metavar="URL|ID")
@click.option(
    "--version", type=VersionName(), metavar="N", help="Not the current one; or its identifier."
)
@click.option("--removed", is_flag=True, help="Show what was left out of the text, and why.")
@json_option
@click.pass_obj
def show(archive: Archive, article: str, version: str | None, removed: bool, as_json: bool) -> None:
    """Show an article: its current version, or version N.

    An article is named by its URL, its number, or the permanent identifier of one of its versions,
    which shows that version.

    \b
    permalien show https://example.org/bridge
    permalien show 17 --version 1 --json
    permalien show bw2hfqdjc7gz6rrw
    """
    schema.require_current(archive)
    with archive.reading() as session:
        record = article_record(session, article, version)
    if as_json:
        print_json(article_document(record, removed=removed))
        return
    with paged():
        if not removed:
            _print(record)
        for reason, text in record.shown.removed if removed else []:
            echo(f"[{reason}] {text}")
        if removed and not record.shown.removed:
            echo("Nothing was left out.")


def _print(record: ArticleRecord) -> None:
    shown = record.shown
    echo(shown.title, bold=True)
    echo(record.url)
    byline = ", ".join(shown.authors)
    facts = [
        byline,
        f"published {moment(shown.published_at)}" if shown.published_at else "",
        f"version {shown.version}" + ("" if record.retraction else f" of {record.versions}"),
        record.state.value,
        f"seen {moment(shown.first_seen_at)} to {moment(shown.last_seen_at)}",
        shown.identifier,
    ]
    echo(" · ".join(fact for fact in facts if fact), dim=True)
    if said := reuse(shown.details.get("rights") or {}):
        echo(f"reuse: {said}", dim=True)
    if record.dismissed_as is not None:
        echo(f"no article: {record.dismissed_as}", dim=True)
    if record.retraction is not None:
        echo(told(record.retraction), bold=True)
    if record.redaction is not None:
        echo(f"redacted on {moment(record.redaction.at)}: {record.redaction.reason}", bold=True)
    for kind, text in shown.paragraphs:
        prefix = {"list-item": "• ", "key-point": "• ", "quotation": "> "}.get(kind, "")
        echo("")
        echo(prefix + text, bold=kind in ("heading", "standfirst"))


def reuse(rights: Mapping[str, Any]) -> str:
    """What the page and its site say of reuse, in words; empty where they say nothing."""
    reserved = rights.get("reserved")
    mining = "" if reserved is None else f"mining {'' if reserved else 'not '}reserved"
    parts = [
        f"{mining} (the site's tdmrep.json)" if rights.get("by_site") else mining,
        f"policy {rights['policy']}" if rights.get("policy") else "",
        *(rights.get("directives") or ()),
        f"licence {rights['license']}" if rights.get("license") else "",
    ]
    return ", ".join(part for part in parts if part)
