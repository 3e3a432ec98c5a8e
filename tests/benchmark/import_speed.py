"""How fast a file like those of Common Crawl's news crawl is imported, and in how much memory.

    python -m tests.benchmark.import_speed --pages 10000 --hosts 500

The pages are made up. The import is measured by the CPU that it and its readers took and by the
clock, with the most memory that its processes held; beside it, the same pages read and thrown away
(`bare extraction`), and the file read and thrown away.
"""

import argparse
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.extraction import PageInput
from crawler.importing.exchanges import Exchange, exchanges
from crawler.importing.warc_file import WarcFile
from crawler.reading.worker import Templates, read
from tests.support.generated_news import generate_articles
from tests.support.memory import memory_of_tree
from tests.support.warcs import Shot, page, warc

START = datetime(2026, 3, 1, tzinfo=UTC)
_SAMPLE = 0.5  # seconds between two looks at the memory


def shots(pages: int, hosts: int, size: int) -> Iterator[Shot]:
    """Pages of about so many bytes, of so many sites, a third of a second apart."""
    filler = "<script>/* " + "x" * max(0, size - 6_000) + " */</script>"
    for number, article in enumerate(generate_articles(pages)):
        host = f"paper{number % hosts}.example"
        body = page(article, site=f"The Paper {number % hosts}").replace(
            b"</head>", f"{filler}</head>".encode()
        )
        yield Shot(f"https://{host}{article.path}", START + timedelta(seconds=number // 3), body)


def parse(path: Path) -> None:
    with path.open("rb") as stream:
        for _ in exchanges(WarcFile(stream)):
            pass


def extract(path: Path) -> None:
    with path.open("rb") as stream:
        for it in exchanges(WarcFile(stream)):
            if isinstance(it, Exchange) and it.body is not None:
                given = PageInput(it.body, it.url, it.headers.by_name(), it.fetched_at)
                read(given, Templates())


def import_it(url: str, path: Path) -> None:
    from scripts.main import main

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    main(["--database", url, "warc", "import", str(path)])


def measured(work: Callable[[], None]) -> tuple[float, float, float]:
    """Seconds of CPU, of its processes too, and by the clock; and MiB that they held at most."""
    start = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = os.fork()
    if not child:
        try:
            work()
        except SystemExit as error:
            os._exit(int(error.code or 0))
        os._exit(0)
    most, ended = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not ended.wait(_SAMPLE):
            most = max(most, memory_of_tree(child))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, status = os.waitpid(child, 0)
    ended.set()
    watcher.join()
    if status:
        raise RuntimeError(f"it ended with {os.waitstatus_to_exitcode(status)}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - start, most / 2**20


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--bytes", type=int, default=50_000, help="of a page")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "news.warc.gz"
        path.write_bytes(warc(shots(given.pages, given.hosts, given.bytes)))
        url = f"sqlite:///{folder / 'archive.db'}"
        print(f"{given.pages:,} pages of {given.hosts} sites, {path.stat().st_size:,} bytes")
        print("| | pages a second of CPU | by the clock | MiB at most |\n|---|---|---|---|")
        works: dict[str, Callable[[], None]] = {
            "the file read, and thrown away": lambda: parse(path),
            "bare extraction": lambda: extract(path),
            "import": lambda: import_it(url, path),
            "import again": lambda: import_it(url, path),
        }
        for what, work in works.items():
            cpu, clock, memory = measured(work)
            print(
                f"| {what} | {given.pages / cpu:,.0f} | {given.pages / clock:,.0f} | {memory:.0f} |"
            )


if __name__ == "__main__":
    main()
