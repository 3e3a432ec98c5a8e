"""`permalien warc`: the archive's pages in the files that web archives exchange."""

import click

from scripts.lazy_group import Lazy, LazyGroup

COMMANDS = {
    "export": Lazy("scripts.warc.exporting:export", "Write stored pages to FILE as WARC, or WACZ."),
    "import": Lazy(
        "scripts.warc.importing:import_warc",
        "Put the pages of WARC and WACZ files into the archive, at the times they were fetched.",
    ),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def warc() -> None:
    """Exchange stored pages with other web archives, as WARC and WACZ files.

    \b
    permalien warc export pages.warc.gz --source example.org
    permalien warc import CC-NEWS-20260301081000-00001.warc.gz
    """
