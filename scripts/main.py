"""The `permalien` command: one module a subcommand, each thin."""

import errno
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

import click

from scripts import (
    add,
    articles,
    boilerplate,
    crawl,
    db,
    diff,
    extract,
    health,
    history,
    reextract,
    schedule,
    search,
    show,
    sources,
    status,
)
from scripts.demo.command import demo
from scripts.run_report import INTERRUPTED
from storage.database.archive import Archive
from storage.database.errors import ArchiveError
from storage.database.settings import DATABASE_URL_VARIABLE, DEFAULT_DATABASE_URL, database_url


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
    schedule.schedule,
    show.show,
    history.history,
    diff.diff,
    articles.articles,
    boilerplate.boilerplate,
    reextract.reextract,
    search.search,
    extract.extract,
    status.status,
    health.health,
    db.db,
    demo,
):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command (sys.argv's, unless `arguments` are given) and exit.

    Whatever is wrong is said in one line. Exit code 2 is for a command that was put wrongly, 130
    for one that was interrupted, 1 for every other failure.
    """
    try:
        code = cli.main(arguments, prog_name="permalien", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = error.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "permalien"
        code = _fail(f"{error.format_message()} (`{command} --help`)", error.exit_code)
    except click.ClickException as error:
        code = _fail(error.format_message(), error.exit_code)
    except click.Abort:
        code = _fail("interrupted", INTERRUPTED)
    except ArchiveError as error:
        code = _fail(str(error), 1)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO):
            raise
        # Nothing more can be written there; what is left must not be tried at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _fail(error.strerror or str(error), 1)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> int:
    click.echo(f"permalien: {' '.join(message.split())}", err=True)
    return code


if __name__ == "__main__":
    main()
