"""`permalien boilerplate`: what was learned of a site's template, and an operator's say in it."""

from collections.abc import Mapping
from typing import Any

import click

from crawler.extraction.template.book import Layout
from crawler.extraction.template.telling_pages import MINIMUM_PAGES
from crawler.extraction.template.template import Decision
from crawler.reading.template_refresh import load_templates
from scripts.output import echo, json_option, print_json, print_table
from scripts.site_changes import show_site_changes
from storage import schema
from storage.database.archive import Archive
from storage.database.errors import NotFound
from storage.frontier.sources import find_source
from storage.templates.decisions import decide, decisions_of

_EXAMPLE = 60  # characters


@click.command()
@click.argument("source")
@click.option("--pin", metavar="KEY", help="Never take this block out of a text.")
@click.option("--forbid", metavar="KEY", help="Always take this block out.")
@click.option("--undo", metavar="KEY", help="Leave this block to learning again.")
@click.option("--all", "whole", is_flag=True, help="List the repeating blocks that are kept too.")
@click.option("--changes", is_flag=True, help="Show what changed alike on many pages, and when.")
@json_option
@click.pass_obj
def boilerplate(
    archive: Archive,
    source: str,
    pin: str | None,
    forbid: str | None,
    undo: str | None,
    whole: bool,
    changes: bool,
    as_json: bool,
) -> None:
    """List the blocks that repeat on a site's pages and are taken out of its texts.

    Each layout of the site has its own, and each block the time since when it is known. KEY is a
    block's first column. A decision takes effect with the next crawl of the site, or at once with
    `permalien reextract --source SOURCE`; no version comes of it.

    --changes shows the site-wide changes instead, the latest first: a new theme, or a notice that
    came on every page, and so was no edit of any article. Each with the layout of the pages, on how
    many of those that were looked at it was seen, and what came, went or was reworded.

    \b
    permalien boilerplate example.org --all
    permalien boilerplate example.org --changes
    """
    choices = ((pin, Decision.NEVER_REMOVE), (forbid, Decision.ALWAYS_REMOVE), (undo, None))
    wanted = [(key, decision) for key, decision in choices if key is not None]
    if changes and (wanted or whole):
        raise click.UsageError("--changes goes with --json alone")
    schema.require_current(archive)
    if changes:
        show_site_changes(archive, source, as_json=as_json)
        return
    with archive.writing() if wanted else archive.reading() as session:
        found = find_source(session, source)
        layouts = load_templates(session, found.id).book.layouts
        keys = {block.key for layout in layouts for block in layout.template.blocks}
        for key, decision in wanted:
            if key not in keys:
                raise NotFound(f"no block {key}: see `permalien boilerplate {source} --all`")
            decide(session, found.id, key, decision and decision.value)
        decided = decisions_of(session, found.id)
    documents = [_document(layout, decided, whole=whole) for layout in layouts]
    if as_json:
        print_json({"source": found.name, "layouts": documents})
        return
    if not any(document["blocks"] for document in documents):
        pages = max((layout.template.pages for layout in layouts), default=0)
        few = "learning takes three pages" if pages < MINIMUM_PAGES else "nothing repeats"
        echo(f"Nothing is taken out of {found.name}'s texts: {few}.")
        return
    for document in documents:
        if document["blocks"]:
            _print(document)
    if wanted:
        echo(f"\nNext: permalien reextract --source {found.name}")


def _document(layout: Layout, decided: Mapping[str, str], *, whole: bool) -> dict[str, Any]:
    blocks = sorted(layout.template.blocks, key=lambda block: (-block.pages, block.key))
    return {
        "layout": layout.key,
        "pages": layout.template.pages,
        "blocks": [
            {
                "key": block.key,
                "decision": decided.get(block.key, block.decision.value),
                "pages": block.pages,
                "since": block.since and block.since.isoformat(),
                "place": block.place,
                "example": block.example,
            }
            for block in blocks
            if whole or block.decision is not Decision.KEEP or block.key in decided
        ],
    }


def _print(document: Mapping[str, Any]) -> None:
    name = document["layout"] or "of pages of no other layout"
    echo(f"\nlayout {name}, learned from {document['pages']} pages", bold=True)
    print_table(
        ("key", "decision", "pages", "since", "block"),
        (
            (
                row["key"],
                row["decision"],
                row["pages"],
                str(row["since"] or "ever")[:10],
                str(row["example"])[:_EXAMPLE],
            )
            for row in document["blocks"]
        ),
    )
