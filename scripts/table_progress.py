"""A bar for what goes through an archive table by table."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def table_progress(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """A function to be told what is under way, and how many rows of how many are done."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    quiet = Console(stderr=True, quiet=not sys.stderr.isatty())
    with Progress(*columns, TimeRemainingColumn(), console=quiet, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def show(name: str, done: int, whole: int) -> None:
            bar.update(task, description=name, completed=done, total=whole)

        yield show
