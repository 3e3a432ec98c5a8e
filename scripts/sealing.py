"""Closing the log's days, with a progress bar."""

import sys

from storage.database.archive import Archive
from storage.proof.sealing import Sealed, seal, waiting


def seal_with_bar(archive: Archive) -> None:
    """Close every day that is over. What was done when it is stopped stays done."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with archive.reading() as session:
        whole = waiting(session)
    columns = (TextColumn("closing {task.fields[day]}"), BarColumn(), MofNCompleteColumn())
    quiet = Console(stderr=True, quiet=not sys.stderr.isatty())
    with Progress(*columns, TimeRemainingColumn(), console=quiet, transient=True) as bar:
        task = bar.add_task("", total=whole, day="days")
        done, day, leaves = 0, None, 0

        def show(sealed: Sealed) -> None:
            nonlocal done, day, leaves
            done += sealed.leaves - (leaves if sealed.day == day else 0)
            day, leaves = sealed.day, sealed.leaves
            bar.update(task, completed=done, day=sealed.day)

        seal(archive, progress=show)
