"""`permalien index`, and what a search tells of the index."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from scripts.output import echo, json_option, print_json
from storage import schema
from storage.database.archive import Archive
from storage.search.errors import IndexUnavailable
from storage.search.follower import follow, open_index

if TYPE_CHECKING:
    from rich.progress import Progress

_SOON = 0.5  # seconds that go without a bar


class Shown:
    """A progress bar on standard error, where that is a terminal and it takes a while."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def progress(self, done: int, total: int) -> None:
        if self._bar is None:
            if not sys.stderr.isatty() or time.monotonic() - self._began < _SOON:
                return
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
            )

            columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
            console = Console(stderr=True)
            self._bar = Progress(TextColumn("indexing"), *columns, console=console, transient=True)
            self._bar.start()
            self._bar.add_task("", total=total)
        self._bar.update(self._bar.tasks[0].id, completed=done, total=total)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def told(behind: int, notes: tuple[str, ...]) -> None:
    """Tell what a person should know of the index."""
    for note in notes:
        click.echo(f"permalien: {note}", err=True)
    if behind:
        changes = "1 change" if behind == 1 else f"{behind:,} changes"
        click.echo(
            f"permalien: the index is {changes} behind the archive: `permalien index`", err=True
        )


@click.command("index")
@click.option("--rebuild", is_flag=True, help="Throw the index away and make it anew.")
@json_option
@click.pass_obj
def index(archive: Archive, rebuild: bool, as_json: bool) -> None:
    """Bring the index that `permalien search` asks up to date, however long it takes.

    A search does so by itself, for two seconds at most, and tells how far behind it is where that
    did not do. The index lies beside an SQLite archive, or in the user's cache; it may be removed
    at any time.

    \b
    permalien index
    permalien index --rebuild
    """
    schema.require_current(archive)
    opened, notes = open_index(archive)
    with Shown() as shown:
        try:
            followed = follow(archive, opened, rebuild=rebuild, progress=shown.progress)
        except TimeoutError as error:
            raise IndexUnavailable("another process is at it: wait for that one to end") from error
    told(followed.behind, (*notes, *followed.notes))
    state = {
        "folder": str(opened.folder),
        "bytes": opened.bytes(),
        "documents": opened.searcher().num_docs - 1,
        "behind": followed.behind,
    }
    if as_json:
        print_json(state)
        return
    megabytes = opened.bytes() / 1e6
    echo(f"{opened.folder}: {state['documents']:,} documents, {megabytes:,.1f} MB")
