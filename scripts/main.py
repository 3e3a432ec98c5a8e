"""The `permalien` command: one module a subcommand, each thin."""

import atexit
import errno
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from scripts.exit_codes import FAILED, INTERRUPTED, OK
from scripts.lazy_group import Lazy, LazyGroup, importing
from storage.database.settings import DATABASE_URL_VARIABLE, DEFAULT_DATABASE_URL, database_url

COMMANDS = {
    "add": Lazy("scripts.add:add", "Add sites as sources, and find their feeds and sitemaps."),
    "sources": Lazy(
        "scripts.sources.command:sources",
        "List the sources, with what the archive holds of each; add, edit, pause and remove them.",
    ),
    "crawl": Lazy("scripts.crawl:crawl", "Crawl what is due: of every source, or of those named."),
    "schedule": Lazy(
        "scripts.schedule:schedule", "Crawl what falls due, in the foreground, until stopped."
    ),
    "search": Lazy(
        "scripts.search:search",
        "Find articles by what their title and text say, best first.",
    ),
    "index": Lazy(
        "scripts.indexing:index",
        "Bring the index that `permalien search` asks up to date, however long it takes.",
    ),
    "serve": Lazy("scripts.serve:serve", "Show the archive in a browser."),
    "show": Lazy("scripts.show:show", "Show an article: its current version, or version N."),
    "history": Lazy(
        "scripts.history:history",
        "List an article's versions and the edit that made each, and how its latest checks went.",
    ),
    "diff": Lazy(
        "scripts.diff:diff",
        "Show what changed between versions N and M of an article, word by word.",
    ),
    "edits": Lazy(
        "scripts.edits:edits",
        "List edits, removals and returns, of all articles or of one.",
    ),
    "cite": Lazy(
        "scripts.cite:cite",
        "Cite a version, for a reference manager or in a sentence.",
    ),
    "page": Lazy(
        "scripts.page:page",
        "Write the stored bytes of a page to standard output or to a file.",
    ),
    "prove": Lazy(
        "scripts.prove:prove",
        "Write the proof of a version, which another person checks without the archive.",
    ),
    "timestamp": Lazy(
        "scripts.timestamp:timestamp",
        "Close the days of the log that are over, and have the last one stamped by an authority.",
    ),
    "export": Lazy(
        "scripts.export:export",
        "Write articles to FILE (- for standard output) as JSON lines, CSV, Parquet or TEI.",
    ),
    "warc": Lazy(
        "scripts.warc.command:warc",
        "Exchange stored pages with other web archives, as WARC and WACZ files.",
    ),
    "articles": Lazy(
        "scripts.articles:articles",
        "Show which addresses are one article, and why; merge and split articles.",
    ),
    "boilerplate": Lazy(
        "scripts.boilerplate:boilerplate",
        "List the blocks that repeat on a site's pages and are taken out of its texts.",
    ),
    "overrule": Lazy(
        "scripts.overrule:overrule",
        "Say that a site-wide change was edits, or that edits were the site's.",
    ),
    "redact": Lazy(
        "scripts.redact:command",
        "Take words, or all of an article, out of the archive for good, where the law asks for it.",
    ),
    "reextract": Lazy(
        "scripts.reextract:reextract",
        "Read stored pages again with today's extractor and templates.",
    ),
    "extract": Lazy(
        "scripts.extract:extract",
        "Extract the article of a saved page (- for standard input) or of a URL.",
    ),
    "changes": Lazy(
        "scripts.changes:changes",
        "List what changed in the archive, in the order in which it became durable.",
    ),
    "status": Lazy(
        "scripts.status:status",
        "Show the archive at a glance: what it holds, what is due, what is wrong.",
    ),
    "health": Lazy(
        "scripts.health:health",
        "Tell how well SOURCE was watched, a line a day; without SOURCE, every source.",
    ),
    "backup": Lazy(
        "scripts.backup:backup",
        "Write the archive as it is now to FILE, while it is being crawled or not.",
    ),
    "restore": Lazy(
        "scripts.restore:restore",
        "Make the archive of the backup FILE, in a database that holds nothing yet.",
    ),
    "verify": Lazy(
        "scripts.verify:verify",
        "Hold the archive against itself, and name what does not match.",
    ),
    "db": Lazy(
        "scripts.db:db",
        "Create the archive's schema, bring it up to date, or tell which one it is; copy it all.",
    ),
    "replay": Lazy(
        "scripts.replay:replay",
        "Crawl what a site served at many times of its past, and tell how well it was archived.",
    ),
    "demo": Lazy(
        "scripts.demo.command:demo",
        "Crawl a small news site that Permalien carries and serves itself on loopback.",
    ),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--database",
    metavar="URL",
    help=f"The archive: sqlite:///FILE or postgresql://… [env {DATABASE_URL_VARIABLE}; "
    f"default {DEFAULT_DATABASE_URL}]",
)
@click.version_option(package_name="permalien", prog_name="permalien")
@click.pass_context
def cli(context: click.Context, database: str | None) -> None:
    """Archive the news: crawl sites, keep every version of every article.

    Begin with `permalien add https://example.org`, then `permalien crawl`.

    Shell completion: eval "$(_PERMALIEN_COMPLETE=bash_source permalien)", or zsh_source,
    fish_source.
    """
    with importing():
        from storage.database.archive import Archive

    # At its end a process looks for garbage among all that it has, which is as long as a question.
    atexit.register(gc.freeze)
    context.obj = Archive(database or database_url())
    context.call_on_close(context.obj.close)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command (sys.argv's, unless `arguments` are given) and exit.

    Whatever is wrong is said in one line. Exit code 2 is for a command that was put wrongly, 130
    for one that was interrupted, 3 for an archive that is damaged, 1 for every other failure.
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
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO):
            raise
        # Nothing more can be written there; what is left must not be tried at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _fail(error.strerror or str(error), FAILED)
    except Exception as error:
        from storage.database.errors import ArchiveError

        if not isinstance(error, ArchiveError):
            raise
        code = _fail(str(error), FAILED)
    sys.exit(code if isinstance(code, int) else OK)


def _fail(message: str, code: int) -> int:
    from crawler.process.printable import printable

    click.echo(f"permalien: {printable(' '.join(message.split()))}", err=True)
    return code


if __name__ == "__main__":
    main()
