"""WARC files of made-up pages, as crawlers write them."""

import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.support.generated_news import GeneratedArticle

HTML = ("Content-Type", "text/html; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Shot:
    """One capture: `body` None for an answer without one; `fields` are further WARC headers."""

    url: str
    at: datetime
    body: bytes | None
    status: str = "200 OK"
    headers: tuple[tuple[str, str], ...] = (HTML,)
    kind: str = "response"
    method: str = "GET"
    fields: tuple[tuple[str, str], ...] = ()


def page(article: GeneratedArticle, *, site: str = "The Wharf Post", notice: str = "") -> bytes:
    """The article's page on a site with furniture of its own."""
    menu = "".join(
        f"<li><a href='/{it}/'>{it.title()}</a></li>" for it in ("news", "sport", "arts")
    )
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in article.paragraphs)
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{escape(article.title)} - {site}</title>"
        f"<meta property='og:type' content='article'>"
        f"<meta property='article:published_time' content='{article.published_at.isoformat()}'>"
        f"</head><body><header><p>{site}</p><ul>{menu}</ul></header><main><article>"
        f"<h1>{escape(article.title)}</h1><p class='standfirst'>{escape(article.standfirst)}</p>"
        f"{paragraphs}{notice}</article></main><footer><p>Subscribe to {site} today for the price "
        f"of a coffee, and read every story of the harbour.</p></footer></body></html>"
    ).encode()


def warc(shots: Iterable[Shot], *, compressed: bool = True, requests: bool = True) -> bytes:
    """A WARC 1.0 file, as Common Crawl writes them: a request before each answer."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=compressed, warc_version="WARC/1.0")
    info = writer.create_warcinfo_record("made-up.warc.gz", {"software": "a test"})
    writer.write_record(info)
    for shot in shots:
        record = _answer(writer, shot)
        if requests:
            writer.write_record(_request(writer, shot, record))
        writer.write_record(record)
    return out.getvalue()


def write(path: Path, shots: Sequence[Shot], **options: bool) -> Path:
    path.write_bytes(warc(shots, **options))
    return path


def every(minutes: int, since: datetime) -> Iterable[datetime]:
    at = since
    while True:
        yield at
        at += timedelta(minutes=minutes)


def members(data: bytes) -> list[bytes]:
    """The gzip members of a file."""
    found, rest = [], data
    while rest:
        with gzip.GzipFile(fileobj=BytesIO(rest)) as stream:
            stream.read1(1)
        end = rest.find(b"\x1f\x8b\x08\x00", 4)
        found.append(rest if end < 0 else rest[:end])
        rest = b"" if end < 0 else rest[end:]
    return found


def _answer(writer: WARCWriter, shot: Shot) -> Any:
    http = StatusAndHeaders(shot.status, list(shot.headers), protocol="HTTP/1.1")
    return writer.create_warc_record(
        shot.url,
        shot.kind,
        payload=BytesIO(shot.body or b""),
        length=len(shot.body or b""),
        http_headers=http,
        warc_headers_dict={"WARC-Date": _date(shot.at), **dict(shot.fields)},
    )


def _request(writer: WARCWriter, shot: Shot, answer: Any) -> Any:
    _, _, rest = shot.url.partition("://")
    host, _, path = rest.partition("/")
    http = StatusAndHeaders(
        f"/{path} HTTP/1.1", [("Host", host), ("User-Agent", "CCBot/2.0")], protocol=shot.method
    )
    fields = {
        "WARC-Date": _date(shot.at),
        "WARC-Concurrent-To": answer.rec_headers.get_header("WARC-Record-ID"),
    }
    return writer.create_warc_record(
        shot.url, "request", http_headers=http, warc_headers_dict=fields
    )


def _date(at: datetime) -> str:
    return f"{at.replace(tzinfo=None).isoformat(timespec='seconds')}Z"
