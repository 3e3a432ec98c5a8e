"""`permalien sources edit`: how a source is crawled, and from where."""

import click

from crawler.fetching.browser import can_render
from crawler.settings import BROWSER
from scripts.output import json_option
from scripts.seconds import Seconds
from scripts.sources.documents import documents, tell
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import system_now, utc_now
from storage.frontier.addresses import InvalidURL
from storage.frontier.browser_need import ask_again
from storage.frontier.operating import (
    add_host,
    add_listing,
    drop_host,
    drop_listing,
    move_front,
)
from storage.frontier.sources import find_source
from storage.ledger.runs import bury_dead_runs
from storage.models import AddressKind, BrowserUse, Reuse

_LONGEST = 10_000  # characters


@click.command()
@click.argument("name", metavar="SOURCE")
@click.option(
    "--delay", type=Seconds(0, 3600), metavar="S", help="Seconds between two requests to the site."
)
@click.option(
    "--cadence",
    type=click.IntRange(60, 31_536_000),
    metavar="S",
    help="Seconds between two looks at the site's feeds.",
)
@click.option("--url", metavar="URL", help="The front page, at the same host: else see `rename`.")
@click.option("--add-feed", "feeds", metavar="URL", multiple=True, help="Read this feed too.")
@click.option("--add-sitemap", "sitemaps", metavar="URL", multiple=True, help="This sitemap too.")
@click.option("--add-section", "sections", metavar="URL", multiple=True, help="This section too.")
@click.option(
    "--drop",
    "dropped",
    metavar="URL",
    multiple=True,
    help="Read this feed, sitemap or section no more, whatever names it.",
)
@click.option(
    "--add-host",
    "hosts",
    metavar="HOST",
    multiple=True,
    help="This host of another site is the source's too: redirects and links to it are followed.",
)
@click.option(
    "--drop-host",
    "dropped_hosts",
    metavar="HOST",
    multiple=True,
    help="This host, which --add-host gave it, is the source's no more.",
)
@click.option("--terms", metavar="TEXT", help="On which the publisher lets it be archived.")
@click.option("--notes", metavar="TEXT", help="For whoever operates the archive.")
@click.option(
    "--may-export",
    type=click.Choice([it.value for it in Reuse]),
    help="What of its articles exports may have: all; all that a page does not reserve; their "
    "metadata, without texts; nothing.",
)
@click.option(
    "--may-show",
    type=click.Choice([it.value for it in Reuse]),
    help="What of them may be shown to others, as stored pages or by a reader, likewise.",
)
@click.option(
    "--browser",
    type=click.Choice([it.value for it in BrowserUse]),
    help="Whether a browser shows its pages before they are archived (`permalien[browser]`): "
    "always; where it is found that they show their article in no other way; never.",
)
@click.option(
    "--allow-private/--no-allow-private",
    default=None,
    help="Whether the site may be at a loopback, private or link-local address.",
)
@json_option
@click.pass_obj
def edit(
    archive: Archive,
    name: str,
    delay: float | None,
    cadence: int | None,
    url: str | None,
    feeds: tuple[str, ...],
    sitemaps: tuple[str, ...],
    sections: tuple[str, ...],
    dropped: tuple[str, ...],
    hosts: tuple[str, ...],
    dropped_hosts: tuple[str, ...],
    terms: str | None,
    notes: str | None,
    may_export: str | None,
    may_show: str | None,
    browser: str | None,
    allow_private: bool | None,
    as_json: bool,
) -> None:
    """Change how SOURCE is crawled, and from where. Nothing is fetched now.

    What takes addresses away is refused while a crawl is at the source.

    \b
    permalien sources edit example.org --delay 5 --cadence 3600
    permalien sources edit example.org --add-feed https://example.org/politics.rss
    permalien sources edit example.org --drop https://example.org/comments.rss
    permalien sources edit example.org --add-host example-news.net
    permalien sources edit example.org --may-export as-stated
    permalien sources edit example.org --browser always
    permalien sources edit example.org --terms "licence of 2026-03-01" --notes ""
    """
    added = {
        AddressKind.FEED: feeds,
        AddressKind.SITEMAP: sitemaps,
        AddressKind.SECTION: sections,
    }
    values = {
        "delay": delay,
        "cadence": cadence,
        "terms": terms,
        "notes": notes,
        "may_export": may_export and Reuse(may_export),
        "may_show": may_show and Reuse(may_show),
        "browser": browser and BrowserUse(browser),
        "allow_private": allow_private,
    }
    changes = {name: value for name, value in values.items() if value is not None}
    if not (changes or url or dropped or hosts or dropped_hosts or any(added.values())):
        raise click.UsageError("say what to change")
    for text in (terms, notes):
        if text is not None and len(text) > _LONGEST:
            raise click.UsageError(f"terms and notes are {_LONGEST:,} characters long at most")
    schema.require_current(archive)
    now = utc_now()
    lines = []
    try:
        with archive.writing() as session:
            bury_dead_runs(session, system_now(), ended_at=now)
            source = find_source(session, name)
            for column, value in changes.items():
                setattr(source, column, value or None if isinstance(value, str) else value)
                lines.append(f"{column.replace('_', '-')}: {value}")
            if browser == BrowserUse.ALWAYS:
                ask_again(session, source.id, now=now)
                if not can_render(BROWSER):
                    lines.append("there is none: install permalien[browser] and Chromium")
            for given in dropped:
                lines.append(f"not read any more: {drop_listing(session, source, given)}")
            for given in dropped_hosts:
                lines.append(f"not its host any more: {drop_host(session, source, given)}")
            for given in hosts:
                lines.append(f"host: {add_host(session, source, given)}")
            for kind, urls in added.items():
                for given in urls:
                    lines.append(f"{kind}: {add_listing(session, source, given, kind, now)}")
            if url is not None:
                move_front(session, source, url, now)
                lines.append(f"front page: {source.url}")
            told = documents(session, [source])
    except InvalidURL as error:
        raise click.BadParameter(str(error)) from error
    tell([source.name, *(f"  {line}" for line in lines)], told, as_json=as_json)
