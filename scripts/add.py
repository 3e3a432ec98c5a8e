"""`permalien add`: make a site a source, and look at once where it lists its articles."""

from pathlib import Path

import click

from scripts.output import echo, json_option, print_json
from scripts.run_report import fail_like, failure
from scripts.seconds import Seconds
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.addresses import InvalidURL, normalize
from storage.frontier.enrolment import enrol
from storage.frontier.listings import Listing, listings
from storage.models import AddressKind, RunEnd

LOOKS = 60
"""Requests to one site; what is left is the next crawl's."""
DISCOVERY = frozenset(AddressKind) - {AddressKind.PAGE, AddressKind.SECTION}


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
@json_option
@click.pass_obj
def add(
    archive: Archive,
    urls: tuple[str, ...],
    file: Path | None,
    allow_private: bool,
    delay: float | None,
    cadence: int | None,
    as_json: bool,
) -> None:
    """Add sites as sources, and find their feeds and sitemaps.

    URL is a site's front page. A source that is there already keeps its history; its settings
    change to those given. Exit code 1 when a site could not be reached.
    """
    from crawler.running import run_crawl
    from crawler.scheduler import Scope

    fronts = [*_front_pages(urls), *(_front_pages_of(file) if file else [])]
    if not fronts:
        raise click.UsageError("name a URL, or a file of URLs with --file")
    schema.ensure(archive)
    with archive.writing() as session:
        ids = sorted(
            {
                enrol(
                    session,
                    url,
                    now=utc_now(),
                    allow_private=allow_private,
                    delay=delay,
                    cadence=cadence,
                ).id
                for url in fronts
            }
        )
    summary = run_crawl(
        archive,
        scope=Scope(frozenset(ids), DISCOVERY, most=LOOKS),
        request={"command": "add", "urls": fronts[:100]},
        tell=failure,
    )
    with archive.reading() as session:
        found = listings(session, ids)
    if as_json:
        print_json([listing.as_document() for listing in found])
    else:
        for listing in found:
            _report(listing)
            if listing.source in summary.cut:
                echo(f"  after {LOOKS} looks the rest is left to the next crawl")
    if summary.how is not RunEnd.FINISHED:
        fail_like(summary)
    if any(not listing.reached for listing in found):
        raise SystemExit(1)


def _front_pages(urls: tuple[str, ...]) -> list[str]:
    pages = []
    for url in urls:
        try:
            pages.append(normalize(url if "//" in url else f"https://{url}"))
        except InvalidURL as error:
            raise click.BadParameter(str(error), param_hint="URL") from error
    return pages


def _front_pages_of(file: Path) -> list[str]:
    from crawler.discovery.url_lists import read_url_list

    listed = read_url_list(file.read_bytes())
    for error in listed.errors:
        click.echo(f"{file}:{error.line}: {error.message}", err=True)
    if listed.errors:
        raise SystemExit(2)
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
