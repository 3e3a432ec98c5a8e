"""Bytes and CPU that a stored page costs, beside gzip WARC of the same.

    python -m tests.benchmark.stored_bytes FOLDER

FOLDER has pages of some sites, SITE_N.html.gz, several of each. They are stored as a crawl stores
them, twenty a transaction, in a new SQLite archive: each once, then each three times again with
other furniture: what comes after seven tenths of the page is another page's of the same site, and
one run of five digits or more in ten is another number. A row tells of the first page of each site,
of the others, and of the later captures. "Before" is what the same costs with each compressed
alone, in an archive of its own; times are CPU a page, with the transaction.
"""

import argparse
import gzip
import io
import os
import random
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sqlalchemy import func, insert, select
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.sources import add_source
from storage.ledger.payloads import digest_of, load_payload, store_payloads
from storage.models import Address, AddressKind, Payload

ROUNDS = 3
BATCH = 20
COLUMNS = (
    "pages", "number", "bytes of one", "gzip WARC", "before", "now", "of gzip WARC",
    "ms to store before", "ms to store now", "ms to load before", "ms to load now",
)  # fmt: skip
_NUMBER = re.compile(rb"\d{5,}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    sites = _read(parser.parse_args().folder)
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    with tempfile.TemporaryDirectory() as folder:
        archives = [Archive(f"sqlite:///{Path(folder) / name}") for name in ("before.db", "now.db")]
        for archive in archives:
            schema.ensure(archive)
            addresses = _add(archive, sites)
        for name, captures in _groups(sites):
            print(_row((archives[0], archives[1]), addresses, name, captures))
        for archive in archives:
            archive.close()


def _read(folder: Path) -> dict[str, list[bytes]]:
    sites = defaultdict(list)
    for path in sorted(folder.glob("*_*.html.gz")):
        sites[path.name.rpartition("_")[0]].append(gzip.decompress(path.read_bytes()))
    return sites


def _groups(sites: dict[str, list[bytes]]) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    yield "first of its site", [(site, pages[0]) for site, pages in sites.items()]
    yield "further ones", [(site, it) for site, pages in sites.items() for it in pages[1:]]
    dice = random.Random(5)
    for number in range(ROUNDS):
        yield (
            f"captured again, {number + 1}",
            [(site, _later(page, pages, dice)) for site, pages in sites.items() for page in pages],
        )


def _later(page: bytes, pages: list[bytes], dice: random.Random) -> bytes:
    cut, other = len(page) * 7 // 10, dice.choice(pages)
    page = page[:cut] + other[len(other) * 7 // 10 :]

    def other_number(match: re.Match[bytes]) -> bytes:
        if dice.random() > 0.1:
            return match[0]
        return str(dice.randrange(10 ** len(match[0]))).encode()

    return _NUMBER.sub(other_number, page)


def _add(archive: Archive, sites: dict[str, list[bytes]]) -> dict[str, int]:
    addresses = {}
    with archive.writing() as session:
        for number, site in enumerate(sites, 1):
            url = f"https://{site.lower()}.example/"
            source, _ = add_source(session, url, now=utc_now())
            session.execute(
                insert(Address).values(
                    id=number * 1000, source_id=source.id, kind=AddressKind.PAGE,
                    key=f"{url.removeprefix('https:')}p", url=f"{url}p",
                )
            )  # fmt: skip
            addresses[site] = number * 1000
    return addresses


def _row(
    archives: tuple[Archive, Archive],
    addresses: dict[str, int],
    name: str,
    captures: list[tuple[str, bytes]],
) -> str:
    bodies = {digest_of(body): body for _, body in captures}
    of = {digest_of(body): addresses[site] for site, body in captures}
    count = len(bodies)
    alone, store_before, load_before = _measured(archives[0], bodies, {})
    keyed, store_now, load_now = _measured(archives[1], bodies, of)
    warc = sum(_warc(body) for body in bodies.values())
    sizes = (sum(map(len, bodies.values())), warc, alone, keyed)
    numbers = " | ".join(f"{it / count:,.0f}" for it in sizes)
    times = (store_before, store_now, load_before, load_now)
    ms = " | ".join(f"{1000 * it / count:.2f}" for it in times)
    return f"| {name} | {count} | {numbers} | {keyed / warc:.3f} | {ms} |"


def _measured(
    archive: Archive, bodies: dict[bytes, bytes], addresses: dict[bytes, int]
) -> tuple[int, float, float]:
    """Bytes that these take, and seconds of CPU to store and to load them."""
    began = time.process_time()
    for some in _batches(bodies):
        with archive.writing() as session:
            store_payloads(session, some, addresses)
    stored = time.process_time()
    with archive.reading() as session:
        loads = [load_payload(session, digest) for digest in bodies]
        loaded = time.process_time()
        size = session.scalar(
            select(func.sum(func.length(Payload.data))).where(Payload.digest.in_(bodies))
        )
    assert loads == list(bodies.values())
    return int(size or 0), stored - began, loaded - stored


def _batches(bodies: dict[bytes, bytes]) -> Iterator[dict[bytes, bytes]]:
    items = iter(bodies.items())
    while some := dict(islice(items, BATCH)):
        yield some


def _warc(body: bytes) -> int:
    """Bytes of a record in gzip, as the WARC guidelines ask for."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    headers = StatusAndHeaders(
        "200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
    )
    writer.write_record(
        writer.create_warc_record(
            "https://example.org/p", "response", payload=io.BytesIO(body), http_headers=headers
        )
    )
    return out.tell()


if __name__ == "__main__":
    os.nice(5)
    main()
