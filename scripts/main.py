"""The `permalien` command: one module a subcommand, each thin."""

import sys
from importlib.metadata import version

import click

from scripts import (
    add,
    boilerplate,
    crawl,
    db,
    diff,
    extract,
    history,
    reextract,
    search,
    show,
    sources,
    status,
)
from scripts.demo.command import demo
from storage.archive import Archive
from storage.errors import ArchiveError
from storage.settings import DATABASE_URL_VARIABLE, DEFAULT_DATABASE_URL, database_url


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--database",
    metavar="URL",
    help=f"The archive: sqlite:///FILE or postgresql://… [env {DATABASE_URL_VARIABLE}; "
    f"default {DEFAULT_DATABASE_URL}]",
)
@click.version_option(version("permalien"), prog_name="permalien")
@click.pass_context
def cli(context: click.Context, database: str | None) -> None:
    """Archive the news: crawl sites, keep every version of every article.

    Begin with `permalien add https://example.org`, then `permalien crawl`.

    Shell completion: eval "$(_PERMALIEN_COMPLETE=bash_source permalien)", or zsh_source,
    fish_source.
    """
    context.obj = Archive(database or database_url())
    context.call_on_close(context.obj.close)


for command in (
    add.add,
    sources.sources,
    crawl.crawl,
    show.show,
    history.history,
    diff.diff,
    boilerplate.boilerplate,
    reextract.reextract,
    search.search,
    extract.extract,
    status.status,
    db.db,
    demo,
):
    cli.add_command(command)


def main() -> None:
    """Run the command; an error of the archive is one line and exit code 1."""
    try:
        cli.main(prog_name="permalien")
    except ArchiveError as error:
        click.echo(f"permalien: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
