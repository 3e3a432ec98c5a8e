"""How fast search is: 200 queries of ten kinds over an archive of made-up articles.

    python -m tests.benchmark.search_speed --articles 100000
    python -m tests.benchmark.search_speed --articles 1000000 --database postgresql://…/empty

Makes the archive where the database is empty, indexes it, asks, and prints a table. `process` is a
question to a `Search` that is open, the archive's rows of the 20 hits included; `command` a whole
`permalien search`, from the start of the process to its end. On a machine that has other things to
do the times mean little.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from storage import schema
from storage.database.archive import Archive
from storage.models import Article, Content
from storage.search.counts import Interval
from storage.search.follower import follow, open_index
from storage.search.options import Options, Sort
from storage.search.search import Search
from tests.benchmark.made_up_archive import DAYS, START, fill, vocabulary

QUERIES_A_KIND = 20
COMMANDS = 10

Ask = Callable[[Search], object]


def questions() -> Iterator[tuple[str, list[Ask]]]:
    """Kinds of questions, and those of each."""
    chance = random.Random(7)
    words = vocabulary().words

    def word(lowest: int, highest: int) -> str:
        return words[chance.randrange(lowest, highest)]

    def kind(make: Callable[[], tuple[str, Options]]) -> list[Ask]:
        return [_ask(*make()) for _ in range(QUERIES_A_KIND)]

    def year() -> Options:
        since = START + timedelta(days=chance.randrange(DAYS - 365))
        return Options(since=since, until=since + timedelta(days=30))

    none = Options()
    yield "a rare word", kind(lambda: (word(20_000, 100_000), none))
    yield "a common word", kind(lambda: (word(50, 500), none))
    yield "a word in nearly every text", kind(lambda: (word(0, 5), none))
    yield "the same, newest first", kind(lambda: (word(0, 5), Options(sort=Sort.NEWEST)))
    yield (
        "three words, OR and NOT",
        kind(lambda: (f"({word(5, 50)} OR {word(50, 500)}) -{word(5, 50)}", none)),
    )
    yield "a phrase of two common words", kind(lambda: (f'"{word(0, 5)} {word(0, 20)}"', none))
    yield "a prefix", kind(lambda: (f"{word(500, 5_000)[:5]}*", none))
    yield (
        "a word, a source and a language",
        kind(lambda: (f"{word(5, 50)} source:site{chance.randrange(1, 50)}.example", none)),
    )
    yield "a word and a month", kind(lambda: (word(5, 50), year()))
    yield (
        "a word, as of a day",
        kind(
            lambda: (
                word(5, 500),
                Options(as_of=START + timedelta(days=chance.randrange(1, DAYS))),
            )
        ),
    )
    yield (
        "counts by month, a word in nearly every text",
        [_count(word(0, 5)) for _ in range(QUERIES_A_KIND)],
    )


def _ask(query: str, options: Options) -> Ask:
    return lambda search: search.find(query, options)


def _count(query: str) -> Ask:
    return lambda search: search.counts(query, by=Interval.MONTH)


Times = list[tuple[float, float]]
"""Milliseconds by the clock, and of this process's CPU."""


def times_of(asks: Sequence[Callable[[], object]]) -> Times:
    found = []
    for ask in asks:
        began, cpu = time.perf_counter(), time.process_time()
        ask()
        taken = time.perf_counter() - began, time.process_time() - cpu
        found.append((1_000 * taken[0], 1_000 * taken[1]))
    return found


def shown(times: Times) -> str:
    """The median and the 95th percentile, of both."""
    cells = []
    for column in zip(*times, strict=True):
        cells += [statistics.median(column), statistics.quantiles(column, n=20)[-1]]
    return " | ".join(f"{cell:.1f}" for cell in cells)


def measure(archive: Archive, url: str, articles: int) -> None:
    with archive.reading() as session:
        there = session.scalar(select(func.count()).select_from(Article)) or 0
    if not there:
        began = time.perf_counter()
        fill(archive, articles, lambda done: _tell(f"{done:,} articles"))
        _tell(f"made in {time.perf_counter() - began:.0f} s\n")
    with archive.reading() as session:
        size = session.scalar(
            select(func.sum(func.length(Content.title) + func.length(Content.text)))
        )
    index, _ = open_index(archive)
    began, cpu = time.perf_counter(), time.process_time()
    follow(archive, index, rebuild=True, progress=lambda done, all_: _tell(f"{done:,} of {all_:,}"))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    versions = index.searcher().num_docs - 1
    _tell("\n")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(
        f"{versions:,} versions indexed in {took:.0f} s ({versions / took:,.0f} a second, "
        f"{cpu:.0f} s of CPU: {versions / cpu:,.0f} a second)"
    )
    ratio = index.bytes() / (size or 1)
    print(f"index {index.bytes() / 1e6:,.0f} MB, text {(size or 0) / 1e6:,.0f} MB: {ratio:.2f}\n")
    print(
        "| 20 questions each | p50 ms | p95 ms | p50 ms CPU | p95 ms CPU |\n|---|---|---|---|---|"
    )
    whole: Times = []
    with Search(archive) as search:
        for name, asks in questions():
            found = times_of([partial(ask, search) for ask in asks])
            print(f"| {name} | {shown(found)} |")
            whole += found
    print(f"| all, in the process | {shown(whole)} |")
    command = [sys.executable, "-m", "scripts.main", "--database", url, "search"]
    words = vocabulary().words[100 : 100 + COMMANDS]
    found = times_of([partial(_run, [*command, word]) for word in words])
    print(f"| {COMMANDS} commands, a common word | {shown(found)} |")


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _tell(text: str) -> None:
    print(f"\r{text}", end="", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--database", help="an empty database, or one that this made before")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'archive.db'}"
        archive = Archive(url)
        schema.upgrade(archive)
        measure(archive, url, given.articles)
        archive.close()


if __name__ == "__main__":
    main()
