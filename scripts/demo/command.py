"""`permalien demo`: serve the demonstration site and archive it, before and after its edits."""

import os
import subprocess
import sys

import click

from scripts.demo.articles import EDITIONS
from scripts.demo.server import DemoSite
from scripts.output import echo
from storage import schema
from storage.database.archive import Archive
from storage.database.errors import NotFound
from storage.database.settings import DATABASE_URL_VARIABLE
from storage.frontier.sources import find_source, source_name
from storage.query.articles import source_records

PORT = 8017


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=PORT,
    show_default=True,
    help="Of 127.0.0.1. The site's addresses have it in them: with another it is another site.",
)
@click.pass_obj
def demo(archive: Archive, port: int) -> None:
    """Crawl a small news site that Permalien carries and serves itself on loopback.

    The first crawl finds its articles. Then its editors edit one article, correct another, remove
    a third and publish a new one, and a second crawl finds that. Last, its French desk gets a new
    theme, with three articles edited and one removed the same day, and a third crawl tells the
    edits from the theme.

    \b
    permalien --database sqlite:///demo.db demo
    """
    schema.ensure(archive)
    try:
        site = DemoSite(port=port)
        site.__enter__()
    except OSError as error:
        raise click.ClickException(f"port {port}: {error.strerror}; try --port 0") from error
    try:
        if _is_known(archive, site.url):
            site.edition = EDITIONS[-1]
            echo(f"The demonstration site is at {site.url}; the archive knows it already.\n")
            _permalien(archive, "crawl", site.url, "--recheck")
            return
        echo(f"A news site is served at {site.url}. Where does it list its articles?\n")
        _permalien(archive, "add", site.url, "--allow-private", "--delay", "0")
        _permalien(archive, "crawl", site.url)
        echo("\nNow its editors change one headline, correct a figure, remove an article,")
        echo("publish another, and every page shows a new advert.")
        site.edition = 2
        _permalien(archive, "crawl", site.url, "--recheck")
        echo("\nNow the French desk has a new theme: every page of it has other furniture.")
        echo("The same day three of its articles are edited, and one is removed.")
        site.edition = 3
        _permalien(archive, "crawl", site.url, "--recheck")
    finally:
        site.__exit__(None, None, None)


def _is_known(archive: Archive, url: str) -> bool:
    with archive.reading() as session:
        try:
            name = find_source(session, source_name(url)).name
        except NotFound:
            return False
        return any(it.articles for it in source_records(session) if it.name == name)


def _permalien(archive: Archive, *arguments: str) -> None:
    """Run a command in a process of its own, as a user would; stop where it fails."""
    url = archive.url.render_as_string(hide_password=False)
    done = subprocess.run(  # noqa: S603 - our own program, our own arguments
        [sys.executable, "-m", "scripts.main", *arguments],
        env={**os.environ, DATABASE_URL_VARIABLE: url},
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.returncode)
