"""How fast stored pages are read again, beside bare extraction of the same pages in the same pool
of readers, and in how much memory.

    python -m tests.benchmark.reextraction_speed --pages 10000 --bytes 50000

The pages are made up. `bare` loads the pages too, and throws their readings away. Both are measured
by the CPU that the process and its readers took and by the clock, in turn, so many rounds.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import select

from crawler.reading.pool import ReaderPool
from crawler.reading.template_refresh import input_of
from crawler.reading.worker import Templates
from storage import schema
from storage.database.archive import Archive
from storage.ledger.pages import load_pages
from storage.models import Version
from tests.benchmark.import_speed import measured
from tests.support.stale_archive import fill

_TOGETHER = 8


def bare(url: str) -> None:
    """Extraction of every version's page, and nothing else."""

    async def work() -> None:
        archive, pool = Archive(url), ReaderPool()
        try:
            with archive.reading() as session:
                fetches = session.scalars(select(Version.fetch_id).order_by(Version.id)).all()
            waiting: set[asyncio.Task[object]] = set()
            for start in range(0, len(fetches), _TOGETHER):
                with archive.reading() as session:
                    pages = load_pages(session, fetches[start : start + _TOGETHER])
                for page in pages.values():
                    reading = pool.extract(input_of(page), Templates())
                    waiting.add(asyncio.ensure_future(reading))
                while len(waiting) > _TOGETHER * (pool.workers + 2):
                    _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(*waiting)
        finally:
            pool.close()
            archive.close()

    asyncio.run(work())


def reextract(url: str) -> None:
    from scripts.main import main

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    main(["--database", url, "reextract"])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--sites", type=int, default=20)
    parser.add_argument("--bytes", type=int, default=50_000, help="of a page")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        made = Path(name) / "made.db"
        archive = Archive(f"sqlite:///{made}")
        schema.ensure(archive)
        fill(archive, given.pages, sites=given.sites, size=given.bytes)
        archive.close()
        found: dict[str, list[tuple[float, float, float]]] = {"bare": [], "reextract": []}
        for number in range(given.rounds):
            path = Path(name) / f"{number}.db"
            path.write_bytes(made.read_bytes())
            url = f"sqlite:///{path}"
            found["bare"].append(measured(partial(bare, url)))
            found["reextract"].append(measured(partial(reextract, url)))
            path.unlink()
    print(f"{given.pages:,} pages of {given.sites} sites, load {os.getloadavg()[0]:.0f}")
    print("| | pages a second of CPU | by the clock | MiB at most |\n|---|---|---|---|")
    for what, rounds in found.items():
        cpu, clock, memory = (statistics.median(it) for it in zip(*rounds, strict=True))
        pages = given.pages
        print(f"| {what} | {pages / cpu:,.1f} | {pages / clock:,.1f} | {memory:.0f} |")
    pairs = list(zip(found["bare"], found["reextract"], strict=True))
    cpus = statistics.median(one[0] / other[0] for one, other in pairs)
    clocks = statistics.median(one[1] / other[1] for one, other in pairs)
    print(f"reextract is {cpus:.3f} of bare by CPU, {clocks:.3f} by the clock (medians of pairs)")


if __name__ == "__main__":
    main()
