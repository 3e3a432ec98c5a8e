"""Pages a second of the whole crawl, side by side with the plain way and with the limit.

    python -m tests.benchmark.crawl_speed
    python -m tests.benchmark.crawl_speed --proxy URL --sites sites.txt --pages 3000

Without --proxy the pages are those of generated sites on loopback. With it they are whatever the
proxy serves of the sites in the file, a URL a line. Each round measures, one after the other:

    permalien   `permalien crawl` of a fresh SQLite archive that knows the pages, delay 0, from the
                start of the process to its end
    plain       tests.benchmark.plain_spider over the same URLs
    limit       Trafilatura alone over the same bytes, in as many processes as there are cores

and the end gives medians, the spread of each, and the ratios of the medians. Peak memory is the
sum over the crawl's processes, read from /proc.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import trafilatura
from sqlalchemy import select

from crawler.discovery.sitemaps import read_sitemap
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.enrolment import enrol
from storage.models import AddressKind, Frontier
from tests.support.memory import memory_of_tree
from tests.support.newsroom import Newsroom

GENERATED_SITES = 16


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--proxy", metavar="URL")
    parser.add_argument("--sites", type=Path, metavar="FILE")
    parser.add_argument("--pages", type=int, default=1_500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["permalien", "plain", "limit"])
    options = parser.parse_args()
    if (options.proxy is None) != (options.sites is None):
        parser.error("--proxy and --sites go together")
    if options.proxy:
        os.environ["http_proxy"] = options.proxy
    with _sites(options.sites, options.pages) as sites, tempfile.TemporaryDirectory() as folder:
        listed = [url for site in sites for url in _pages(site)][: options.pages]
        pages = {url: body for url in listed if (body := _get(url)) is not None}
        sys.stdout.write(f"{len(pages)} pages of {len(sites)} sites\n")
        _measure(pages, Path(folder), options.rounds, options.only, local=not options.proxy)


def _measure(
    pages: dict[str, bytes], folder: Path, rounds: int, only: str | None, *, local: bool
) -> None:
    urls = list(pages)
    speeds: dict[str, list[float]] = {}
    for number in range(rounds):
        if only in (None, "permalien"):
            seconds, memory = _permalien(urls, folder / f"{number}.db", local=local)
            speeds.setdefault("permalien", []).append(len(urls) / seconds)
            sys.stdout.write(f"round {number + 1}: peak memory {memory / 2**20:.0f} MiB\n")
        if only in (None, "plain"):
            seconds = _plain(urls, folder / f"plain-{number}.db")
            speeds.setdefault("plain", []).append(len(urls) / seconds)
        if only in (None, "limit"):
            speeds.setdefault("limit", []).append(len(urls) / _limit(list(pages.values())))
    median = {name: statistics.median(values) for name, values in speeds.items()}
    for name, values in speeds.items():
        spread = f"{min(values):.1f} to {max(values):.1f}"
        sys.stdout.write(f"{name:<10}{median[name]:8.1f} pages/s   ({spread})\n")
    for name in ("plain", "limit"):
        if {name, "permalien"} <= median.keys():
            ratio = median["permalien"] / median[name]
            sys.stdout.write(f"permalien / {name:<6}{ratio:6.2f}\n")


@contextmanager
def _sites(file: Path | None, pages: int) -> Iterator[list[str]]:
    if file is not None:
        yield file.read_text(encoding="utf-8").split()
        return
    with ExitStack() as stack:
        rooms = [stack.enter_context(Newsroom()) for _ in range(GENERATED_SITES)]
        for seed, room in enumerate(rooms):
            room.publish_generated(-(-pages // GENERATED_SITES), seed=seed)
        yield [f"{room.url}/" for room in rooms]


def _pages(site: str) -> list[str]:
    url = f"{site.rstrip('/')}/sitemap.xml"
    return [candidate.url for candidate in read_sitemap(_get(url) or b"", url=url)]


def _get(url: str) -> bytes | None:
    """The body at a URL, None where it answers with an error."""
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            body: bytes = response.read()
    except urllib.error.HTTPError:
        return None
    return body


def _permalien(urls: list[str], database: Path, *, local: bool) -> tuple[float, int]:
    """Seconds, and bytes of memory at the peak, of a crawl of exactly these pages."""
    archive = Archive(f"sqlite:///{database}")
    schema.upgrade(archive)
    with archive.writing() as session:
        now = utc_now()
        for front in sorted({url.split("/", 3)[0] + "//" + url.split("/", 3)[2] for url in urls}):
            enrol(session, f"{front}/", now=now, allow_private=local, delay=0)
        # The fronts and feeds are not what is measured.
        for row in session.scalars(select(Frontier)):
            row.due_at = now + timedelta(days=1)
        session.flush()
        enqueue(session, [Found(url, AddressKind.PAGE) for url in urls], now=now)
    archive.close()
    began = time.monotonic()
    command = [sys.executable, "-m", "scripts.main", "--database", f"sqlite:///{database}", "crawl"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, memory_of_tree(process.pid))
            time.sleep(0.5)
    if process.returncode:
        raise SystemExit(f"permalien crawl ended with {process.returncode}")
    return time.monotonic() - began, peak


def _plain(urls: list[str], database: Path) -> float:
    listed = database.with_suffix(".txt")
    listed.write_text("\n".join(urls), encoding="utf-8")
    command = [sys.executable, "-m", "tests.benchmark.plain_spider", str(listed), str(database)]
    began = time.monotonic()
    subprocess.run(command, check=True)
    return time.monotonic() - began


def _limit(bodies: list[bytes]) -> float:
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        list(pool.map(_bare, bodies[:4]))  # the processes have started
        began = time.monotonic()
        list(pool.map(_bare, bodies, chunksize=8))
        return time.monotonic() - began


def _bare(body: bytes) -> bool:
    return trafilatura.bare_extraction(body, with_metadata=True) is not None


if __name__ == "__main__":
    main()
