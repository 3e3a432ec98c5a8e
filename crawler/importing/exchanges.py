"""Requests and answers of a WARC file: its records joined, their HTTP messages read."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from crawler.importing.bodies import without_chunks, without_encodings
from crawler.importing.streams import Broken
from crawler.importing.warc_file import Damage, Record, check_payload, parse_date
from storage.ledger.headers import Headers

LONGEST_HEAD: Final = 256 * 2**10  # bytes of the headers of one message
MOST_HEADERS: Final = 100  # kept of a message, as of one that is crawled
LONGEST_NAME: Final = 256
LONGEST_HEADER: Final = 8_192
_MOST_WAITING: Final = 64  # requests that wait for their answer
_UNDONE: Final = ("x-archive-orig-", "x-crawl-")
"""Before the names of headers that were true before encodings were undone: pywb's way, which is
ours, and Common Crawl's."""
_OF_THE_WIRE: Final = frozenset({"content-encoding", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Reference:
    """The earlier capture that a revisit names. `digest` is of its payload, as it is written."""

    url: str | None
    fetched_at: datetime | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. `body` is without encodings, None where there is none; of a revisit
    it is that of what it `refers_to`. `digest` is the payload's as it is written. `method` is None
    where the request is not there."""

    offset: int
    id: str
    url: str
    fetched_at: datetime
    status: int
    headers: Headers
    request: Headers = field(default=Headers(), repr=False)
    method: str | None = None
    body: bytes | None = field(default=None, repr=False)
    peer: str | None = None
    cut: bool = False
    digest: str | None = None
    refers_to: Reference | None = None

    @property
    def media_type(self) -> str:
        given = {name.lower(): value for name, value in self.headers.by_name().items()}
        return given.get("content-type", "").partition(";")[0].strip().lower()


def exchanges(records: Iterable[Record | Damage]) -> Iterator[Exchange | Damage]:
    """The exchanges of these records, a request beside its answer wherever it stands near it."""
    requests: OrderedDict[str, tuple[str, Headers]] = OrderedDict()
    waiting: Exchange | None = None
    for record in records:
        if isinstance(record, Damage):
            yield record
            continue
        if record.kind == "request":
            request = _request(record)
            if waiting is not None and _is_of(record, waiting):
                yield replace(waiting, method=request[0], request=request[1])
                waiting = None
                continue
            for key in (record.id, record.headers.get("warc-concurrent-to", ""), _key(record)):
                if key:
                    requests[key] = request
            while len(requests) > 3 * _MOST_WAITING:
                requests.popitem(last=False)
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        try:
            exchange = _exchange(record)
        except Broken as error:
            yield Damage(record.offset, str(error))
            continue
        if exchange is None:
            continue
        keys = (record.id, record.headers.get("warc-concurrent-to", ""), _key(record))
        found = next((requests[key] for key in keys if key in requests), None)
        if found is None:
            waiting = exchange
        else:
            yield replace(exchange, method=found[0], request=found[1])
    if waiting is not None:
        yield waiting


def _key(record: Record) -> str:
    return f"{record.headers.get('warc-date', '')} {record.url}"


def _is_of(request: Record, answer: Exchange) -> bool:
    concurrent = request.headers.get("warc-concurrent-to")
    if concurrent:
        return concurrent == answer.id
    return request.url == answer.url


def _request(record: Record) -> tuple[str, Headers]:
    """The method and headers. The Host that is the URL's own says nothing more."""
    line, pairs, _ = _message(record.block)
    host = record.url.partition("://")[2].partition("/")[0].lower()
    if pairs and pairs[0][0].lower() == "host" and pairs[0][1].lower() == host:
        pairs = pairs[1:]
    return line.partition(" ")[0].upper(), _kept(pairs)


def _exchange(record: Record) -> Exchange | None:
    """None for what is no HTTP, such as a look-up in the DNS."""
    if not record.url.lower().startswith(("http:", "https:")):
        return None
    fetched_at = parse_date(record.headers.get("warc-date", ""))
    line, pairs, rest = _message(record.block)
    if not line.startswith("HTTP/") and record.kind == "response":
        raise Broken("a response that is no HTTP")
    status = line.partition(" ")[2].strip()[:3]
    if not (status.isascii() and status.isdigit() and int(status) >= 100):
        raise Broken(f"a response without a status: {line[:40]!r}")
    by_name = {name.lower(): value for name, value in pairs}
    exchange = Exchange(
        offset=record.offset,
        id=record.id,
        url=record.url,
        fetched_at=fetched_at,
        status=int(status),
        headers=_kept(_as_received(pairs)),
        peer=record.headers.get("warc-ip-address", "")[:45] or None,
        cut=bool(record.headers.get("warc-truncated")),
        digest=record.headers.get("warc-payload-digest"),
    )
    if record.kind == "revisit":
        return replace(exchange, refers_to=_reference(record))
    plain = rest
    if "chunked" in by_name.get("transfer-encoding", "").lower():
        plain = without_chunks(rest)
    body = without_encodings(plain, by_name.get("content-encoding", ""))
    check_payload(record, [rest, plain, body])
    return replace(exchange, body=body or None)


def _reference(record: Record) -> Reference:
    at = None
    if said := record.headers.get("warc-refers-to-date"):
        at = parse_date(said)
    return Reference(
        record.headers.get("warc-refers-to-target-uri", "").strip("<> ") or None,
        at,
        record.headers.get("warc-payload-digest"),
    )


def _message(block: bytes) -> tuple[str, list[tuple[str, str]], bytes]:
    """The first line, headers and body of an HTTP message."""
    head, body = block, b""
    ends = [(at, len(end)) for end in (b"\r\n\r\n", b"\n\n") if (at := block.find(end)) >= 0]
    if ends:
        at, size = min(ends)
        head, body = block[:at], block[at + size :]
    if len(head) > LONGEST_HEAD:
        raise Broken(f"HTTP headers of more than {LONGEST_HEAD:,} bytes")
    line, *lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    pairs: list[tuple[str, str]] = []
    for text in lines:
        if text[:1] in (" ", "\t") and pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {text.strip()}")
            continue
        name, colon, value = text.partition(":")
        if colon:
            pairs.append((name.strip(), value.strip()))
    return line, pairs, body


def _as_received(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers under the names they had before encodings were undone, without the length that
    was written in their place."""
    named = [_undone_name(name) for name, _ in pairs]
    if not any(named):
        return pairs
    return [
        (original or name, value)
        for (name, value), original in zip(pairs, named, strict=True)
        if original or name.lower() not in _OF_THE_WIRE
    ]


def _undone_name(name: str) -> str | None:
    for prefix in _UNDONE:
        if name.lower().startswith(prefix) and name[len(prefix) :].lower() in _OF_THE_WIRE:
            return name[len(prefix) :]
    return None


def _kept(pairs: list[tuple[str, str]]) -> Headers:
    return Headers.of(
        (name[:LONGEST_NAME], value[:LONGEST_HEADER]) for name, value in pairs[:MOST_HEADERS]
    )
