"""`permalien sources`: the sites of the archive, and what an operator does with them."""

import click

from scripts.lazy_group import Lazy, LazyGroup
from scripts.output import json_option

COMMANDS = {
    "list": Lazy("scripts.sources.listing:list_sources", "List the sources."),
    "show": Lazy("scripts.sources.showing:show", "Show a source: its settings, what it lists."),
    "add": Lazy("scripts.add:add", "Add sites as sources, and find their feeds and sitemaps."),
    "edit": Lazy("scripts.sources.editing:edit", "Change how SOURCE is crawled, and from where."),
    "pause": Lazy("scripts.sources.pausing:pause", "Crawl SOURCE no more, or not before a day."),
    "resume": Lazy("scripts.sources.pausing:resume", "Crawl SOURCE again."),
    "rename": Lazy(
        "scripts.sources.renaming:rename", "Tell that SOURCE has moved to another host."
    ),
    "remove": Lazy("scripts.sources.removing:remove", "Remove SOURCE, and keep its record."),
    "import": Lazy(
        "scripts.sources.importing:import_sources", "Add the sites of an OPML, CSV or plain list."
    ),
    "export": Lazy(
        "scripts.sources.exporting:export", "Write the sources to standard output as OPML or CSV."
    ),
    "disable": Lazy("scripts.sources.pausing:disable", "As `pause`."),
    "enable": Lazy("scripts.sources.pausing:enable", "As `resume`."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS, invoke_without_command=True)
@json_option
@click.pass_context
def sources(context: click.Context, as_json: bool) -> None:
    """List the sources, with what the archive holds of each; add, edit, pause and remove them.

    \b
    permalien sources                                    the list
    permalien sources edit example.org --delay 5
    permalien sources pause example.org --until 2026-12-01
    """
    if context.invoked_subcommand is None:
        from scripts.sources.listing import print_sources

        print_sources(context.obj, as_json=as_json, removed=False)
    elif as_json:
        raise click.UsageError(
            f"put --json at the end: permalien sources {context.invoked_subcommand} … --json"
        )
