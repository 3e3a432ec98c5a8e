"""`permalien add`: make a site a source, and look at once where it lists its articles."""

from pathlib import Path

import click

from scripts.crawl import DISCOVERY, LOOKS
from scripts.exit_codes import FAILED, USAGE
from scripts.output import echo, json_option, print_json
from scripts.run_report import fail_like, failure
from scripts.seconds import Seconds
from scripts.targets import Missing, Settings, Target, look_for, normal
from storage import schema
from storage.database.archive import Archive
from storage.frontier.listings import Listing, listings
from storage.frontier.sources import source_name
from storage.models import RunEnd


@click.command()
@click.argument("urls", metavar="URL...", nargs=-1)
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Add every site of this file, a URL a line.",
)
@click.option(
    "--allow-private",
    is_flag=True,
    help="The site may be at a loopback, private or link-local address.",
)
@click.option(
    "--delay",
    type=Seconds(0, 3600),
    metavar="S",
    help="Seconds between two requests to the site.  [default: 1]",
)
@click.option(
    "--cadence",
    type=click.IntRange(60, 31_536_000),
    metavar="S",
    help="Seconds between two looks at the site's feeds.  [default: 900]",
)
@click.option("--anyway", is_flag=True, help="Add a site that can't be reached now, too.")
@json_option
@click.pass_obj
def add(
    archive: Archive,
    urls: tuple[str, ...],
    file: Path | None,
    allow_private: bool,
    delay: float | None,
    cadence: int | None,
    anyway: bool,
    as_json: bool,
) -> None:
    """Add sites as sources, and find their feeds and sitemaps.

    URL may be anything of a site: what it is, is told by looking at it. A feed or sitemap is read
    as one, a section as a section, and an article is archived. A source that is there already
    keeps its history; its settings change to those given. A site that can't be reached is not
    added, unless --anyway; exit code 1.

    \b
    permalien add https://example.org
    permalien add https://example.org/politics/feed.xml --delay 5
    permalien add --file sites.txt
    """
    from crawler.running import run_crawl
    from crawler.sessions.scope import Scope

    given = [*(normal(url) for url in urls), *(_listed_in(file) if file else [])]
    if not given:
        raise click.UsageError("name a URL, or a file of URLs with --file")
    schema.ensure(archive)
    settings = Settings(allow_private, delay, cadence)
    looked = look_for(archive, list(dict.fromkeys(given)), settings, anyway=anyway)
    targets = [it for it in looked.found if isinstance(it, Target)]
    missing = [it for it in looked.found if isinstance(it, Missing)]
    ids = frozenset(it.source_id for it in targets)
    summary = None
    if targets:
        first = frozenset[int]().union(*(it.first for it in targets))
        summary = run_crawl(
            archive,
            scope=Scope(ids, DISCOVERY, first=first, most=LOOKS),
            request={"command": "add", "urls": given[:100]},
            tell=failure,
            robots=looked.robots,
        )
    with archive.reading() as session:
        told = listings(session, sorted(ids))
    if as_json:
        print_json(
            [
                {
                    **listing.as_document(),
                    "left": summary is not None and listing.source in summary.cut,
                }
                for listing in told
            ]
            + [_not_added(it) for it in missing]
        )
    else:
        for listing in told:
            _report(listing)
            if summary is not None and listing.source in summary.cut:
                echo(f"  after {LOOKS} looks the rest is left to the next crawl")
        if told:
            echo("\nNext: permalien crawl")
    for it in missing:
        hint = "nothing was added; `--anyway` adds its site all the same"
        click.echo(f"permalien: {it.url}: {it.why}: {hint}", err=True)
    if summary is not None and summary.how is not RunEnd.FINISHED:
        fail_like(summary)
    if missing or any(not listing.reached for listing in told):
        raise SystemExit(FAILED)


def _not_added(it: Missing) -> dict[str, object]:
    """As --json prints a URL at which nothing is."""
    nothing = {"reached": False, "error": it.why, "found": [], "left": False}
    return {"source": source_name(it.url), "url": it.url, **nothing}


def _listed_in(file: Path) -> list[str]:
    from crawler.discovery.url_lists import read_url_list

    listed = read_url_list(file.read_bytes())
    for error in listed.errors:
        click.echo(f"{file}:{error.line}: {error.message}", err=True)
    if listed.errors:
        raise SystemExit(USAGE)
    return [candidate.url for candidate in listed.candidates]


def _report(listing: Listing) -> None:
    echo(listing.source, bold=True)
    if not listing.reached:
        echo(f"  could not be reached: {listing.error or 'no answer'}")
        return
    for kind, url, detail in listing.found:
        echo(f"  {kind:<8} {url}  {detail}")
    if not listing.found:
        echo("  no feed and no sitemap: its front page and sections will be read")
