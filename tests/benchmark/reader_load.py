"""How the reader holds when many ask at once: `permalien serve` in a process of its own.

    python -m tests.benchmark.reader_load --people 50 --seconds 20
    python -m tests.benchmark.reader_load --articles 100000 --database postgresql://…/empty

Makes an archive of made-up articles where the database is empty. Each of the people asks for one
address after the other, on a connection of his own. A row is a kind of address: how many were
answered, and the median and 95th percentile of milliseconds to the first byte and to the last. The
CPU that the server took is told beside it: on a machine that has other things to do, times mean
little.
"""

import argparse
import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import select

from storage import schema
from storage.database.archive import Archive
from storage.history.edit_rows import refresh_edits
from storage.models import Article, Edit, Version, VersionState
from storage.search.follower import follow, open_index
from tests.benchmark.made_up_archive import fill, vocabulary

HOST = "127.0.0.1"
_STARTING = 60.0  # seconds
_EACH = 200  # addresses of a kind


@dataclass
class Answers:
    """Milliseconds to the first byte and to the last of the answers of a kind; `wrong` are those
    that were no 200 or 302."""

    first: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    wrong: int = 0


def addresses(archive: Archive) -> dict[str, list[str]]:
    """Addresses of each kind, as people and programs ask for them."""
    chance = random.Random(11)
    words = vocabulary().words
    with archive.reading() as session:
        rows = session.execute(
            select(Article.id, Article.url, Version.identifier, Version.number)
            .join(Version, Version.article_id == Article.id)
            .where(Article.id <= _EACH)
            .order_by(Article.id, Version.number)
        ).all()
    pairs = list(zip(rows[::2], rows[1::2], strict=True))
    rows = [latest for _, latest in pairs]
    found = [words[chance.randrange(5, 5_000)] for _ in range(_EACH)]
    return {
        "home": ["/"],
        "home, a year": ["/?days=365"],
        "sources, a page": ["/sources"],
        "source, a page": [f"/sources/site{number}.example" for number in range(1, 51)],
        "edits, a page": ["/edits", "/edits?source=site7.example"],
        "comparison, a page": [f"/compare/{old.identifier}/{new.identifier}" for old, new in pairs],
        "search, a page": [f"/search?q={quote(it)}" for it in found],
        "article, a page": [f"/articles/{row.id}" for row in rows],
        "search, JSON": [f"/api/search?q={quote(it)}" for it in found],
        "counts, JSON": [f"/api/counts?interval=month&q={quote(it)}" for it in found],
        "article, JSON": [f"/api/versions/{row.identifier}" for row in rows],
        "versions, JSON": [f"/api/articles/{row.id}/versions" for row in rows],
        "diff, JSON": [f"/api/articles/{row.id}/diff" for row in rows],
        "edits, JSON": ["/api/edits", "/api/edits?source=site7.example"],
        "edits, Atom": ["/feeds/edits.atom", "/feeds/edits.atom?source=site7.example"],
        "TimeGate": [f"/timegate/{row.url}" for row in rows],
        "TimeMap": [f"/timemap/link/{row.url}" for row in rows],
        "stored page": [f"/stored/{row.identifier}" for row in rows],
    }


async def ask(
    port: int, asked: dict[str, list[str]], people: int, seconds: float
) -> dict[str, Answers]:
    """So many people, each asking at random for so long."""
    found: dict[str, Answers] = defaultdict(Answers)
    until = time.monotonic() + seconds
    await asyncio.gather(*(_person(port, asked, found, until, seed) for seed in range(people)))
    return found


async def _person(
    port: int, asked: dict[str, list[str]], found: dict[str, Answers], until: float, seed: int
) -> None:
    chance = random.Random(seed)
    kinds = list(asked)
    reader, writer = await asyncio.open_connection(HOST, port)
    while time.monotonic() < until:
        kind = chance.choice(kinds)
        address = chance.choice(asked[kind])
        began = time.perf_counter()
        writer.write(f"GET {address} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        first = time.perf_counter()
        lines = head.split("\r\n")
        length = next(int(it[15:]) for it in lines if it.startswith("content-length:"))
        await reader.readexactly(length)
        answers = found[kind]
        answers.first.append(1_000 * (first - began))
        answers.last.append(1_000 * (time.perf_counter() - began))
        answers.wrong += lines[0].split()[1] not in ("200", "302")
    writer.close()


@contextmanager
def serving(url: str) -> Iterator[tuple[int, int]]:
    """A `permalien serve` of that database: its port and its process's id."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "scripts.main",
        "--database",
        url,
        "serve",
        "--port",
        str(port),
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _await(port, process)
            yield port, process.pid
        finally:
            process.terminate()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTING
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the reader ended with {process.returncode}")
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the reader did not listen")


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has taken (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def prepare(archive: Archive, articles: int) -> None:
    """Fill an archive that is empty, with the edits that made its versions, and index it."""
    schema.upgrade(archive)
    with archive.reading() as session:
        there = session.scalar(select(Article.id).limit(1))
        edited = session.scalar(select(Edit.version_id).limit(1))
    if there is None:
        fill(archive, articles, lambda _: None)
    if edited is None:
        with archive.writing() as session:
            ids = session.scalars(select(VersionState.version_id).where(VersionState.number > 1))
            refresh_edits(session, ids.all(), alone=True)
    index, _ = open_index(archive)
    follow(archive, index)


def table(found: dict[str, Answers], seconds: float) -> Iterator[str]:
    yield "| asked for | answers | wrong | first byte p50 | p95 | last byte p50 | p95 |"
    yield "|---|---|---|---|---|---|---|"
    every = Answers()
    for kind, answers in found.items():
        yield _row(kind, answers)
        every.first += answers.first
        every.last += answers.last
        every.wrong += answers.wrong
    yield _row(f"**all: {len(every.last) / seconds:,.0f} a second**", every)


def _row(kind: str, answers: Answers) -> str:
    cells = [f"{len(answers.last):,}", f"{answers.wrong:,}"]
    for times in (answers.first, answers.last):
        p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        cells += [f"{statistics.median(times):.0f}", f"{p95:.0f}"]
    return f"| {kind} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--database", help="an empty one, or one that this has filled")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{folder}/archive.db"
        archive = Archive(url)
        prepare(archive, given.articles)
        asked = addresses(archive)
        archive.close()
        with serving(url) as (port, pid):
            asyncio.run(ask(port, asked, 1, 2))
            before, began = cpu_of(pid), time.monotonic()
            found = asyncio.run(ask(port, asked, given.people, given.seconds))
            took, cpu = time.monotonic() - began, cpu_of(pid) - before
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    answered = sum(len(it.last) for it in found.values())
    print(
        f"{given.people} people: {answered:,} answers in {took:.0f} s, {cpu:.1f} s of its CPU "
        f"({1_000 * cpu / max(1, answered):.1f} ms each); milliseconds:\n"
    )
    print("\n".join(table(found, took)))


if __name__ == "__main__":
    main()
