"""How fast an archive is exported, and in how much memory, beside its plain limit.

    python -m tests.benchmark.export_speed --articles 100000
    python -m tests.benchmark.export_speed --articles 1000000 --database postgresql:///speed

Each format is exported by the command, in a process of its own, and timed by the CPU that it took
and by the clock. The limit is the same rows read from the database and thrown away.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from storage import schema
from storage.database.archive import Archive
from storage.query.export.exporting import Format
from storage.query.selection import Selection
from storage.query.version_rows import count_version_rows, version_rows
from tests.benchmark.made_up_archive import fill

ROUNDS = 3


def limit(url: str) -> None:
    """Read every row and do nothing with it."""
    archive = Archive(url)
    with archive.reading() as session:
        for _ in version_rows(session, Selection()):
            pass


def export(url: str, path: Path) -> None:
    from scripts.main import main

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    main(["--database", url, "export", str(path), "--force"])


def measured(work: Callable[[], None]) -> tuple[float, float, float]:
    """Seconds of CPU and by the clock, and MiB at most, of a process of its own."""
    start = time.perf_counter()
    child = os.fork()
    if not child:
        try:
            work()
        except SystemExit as error:
            os._exit(int(error.code or 0))
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"it ended with {os.waitstatus_to_exitcode(status)}")
    return used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss / 1024


def measure(url: str, folder: Path) -> list[str]:
    """A line of the table for the limit and for each format."""
    archive = Archive(url)
    with archive.reading() as session:
        rows = count_version_rows(session, Selection())
    archive.close()
    works: dict[str, Callable[[], None]] = {"rows read, and thrown away": lambda: limit(url)}
    for format in Format:
        path = folder / f"export.{format.replace('tei', 'xml')}"
        works[format.value] = lambda path=path: export(url, path)  # type: ignore[misc]
    lines = []
    for name, work in works.items():
        taken = [measured(work) for _ in range(ROUNDS)]
        cpu, clock, memory = (
            sorted(column)[len(column) // 2] for column in zip(*taken, strict=True)
        )
        per_cpu, per_clock = rows / cpu, rows / clock
        lines.append(f"| {name} | {per_cpu:,.0f} | {per_clock:,.0f} | {memory:.0f} |")
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--database", help="An archive that is there, or is made; a file without.")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{folder}/archive.db"
        archive = Archive(url)
        if schema.current(archive) is None:
            schema.upgrade(archive)
            fill(archive, options.articles, lambda done: None)
        archive.close()
        print("| | articles per second of CPU | by the clock | MiB at most |\n|---|---|---|---|")
        print("\n".join(measure(url, Path(folder))))


if __name__ == "__main__":
    main()
