"""CDXJ: the index by which a replay tool finds a capture, a line each, sorted.

    com,example)/path 20260301081000 {"url": …, "mime": …, "status": …, "digest": …, "length": …,
    "offset": …, "filename": …}

The key is the URL in the form that sorts by host (SURT), without what replay does not tell apart:
the scheme, `www.`, letters' case, the order of parameters, session ids.
"""

import heapq
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, Self
from urllib.parse import unquote_to_bytes

_MOST: Final = 50_000  # lines that are in memory at a time

_URL: Final = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?", re.IGNORECASE)
_WWW: Final = re.compile(r"^www\d*\.")
_SESSION: Final = (
    re.compile(r"^(.*)(?:jsessionid=[0-9a-z]{32})(?:&(.*))?$", re.IGNORECASE),
    re.compile(r"^(.*)(?:phpsessid=[0-9a-z]{32})(?:&(.*))?$", re.IGNORECASE),
    re.compile(r"^(.*)(?:sid=[0-9a-z]{32})(?:&(.*))?$", re.IGNORECASE),
    re.compile(r"^(.*)(?:aspsessionid[a-z]{8}=[a-z]{24})(?:&(.*))?$", re.IGNORECASE),
    re.compile(r"^(.*)(?:cfid=[^&]+&cftoken=[^&]+)(?:&(.*))?$", re.IGNORECASE),
)
_KEPT: Final = frozenset(range(0x21, 0x7F)) - {ord("%"), ord("#")}


def url_key(url: str) -> str:
    """The key of a URL in an index."""
    match = _URL.match(url)
    if match is None:
        return url.lower()
    scheme, authority, path, query = match.groups()
    bare = authority.rpartition("@")[2].lower()
    at = bare.find(":", bare.rfind("]") + 1)
    host, port = (bare, "") if at < 0 else (bare[:at], bare[at + 1 :])
    host = _WWW.sub("", host.strip(".[]"))
    reversed_host = ",".join(reversed(host.split(".")))
    if port and port != {"http": "80", "https": "443"}[scheme.lower()]:
        reversed_host += f":{port}"
    key = f"{reversed_host}){_path(path)}"
    parameters = _query(query)
    return f"{key}?{parameters}" if parameters else key


def _path(path: str) -> str:
    text = re.sub(r"/{2,}", "/", _escaped(path).lower())
    return text.rstrip("/") or "/"


def _query(query: str | None) -> str:
    if not query:
        return ""
    text = _escaped(query)
    for pattern in _SESSION:
        if match := pattern.match(text):
            text = match[1] + (match[2] or "")
    return "&".join(sorted(text.lower().split("&")))


def _escaped(text: str) -> str:
    """Without escapes that need not be, those that must be in one spelling."""
    data = text.encode("utf-8", "replace")
    while (plain := unquote_to_bytes(data)) != data:
        data = plain
    return "".join(chr(byte) if byte in _KEPT else f"%{byte:02x}" for byte in data)


def timestamp(at: datetime) -> str:
    """Fourteen digits, UTC."""
    return f"{at.astimezone(UTC):%Y%m%d%H%M%S}"


def index_line(url: str, at: datetime, fields: dict[str, str]) -> str:
    """A line of the index, with its end."""
    said = json.dumps({"url": url, **fields}, ensure_ascii=True)
    return f"{url_key(url)} {timestamp(at)} {said}\n"


class SortedLines:
    """Lines that are kept until all are there, and then come sorted; beyond a number they wait in
    files in `folder`, which have no name."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._lines: list[str] = []
        self._runs: list[IO[Any]] = []
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._files.close()

    def add(self, line: str) -> None:
        self._lines.append(line)
        if len(self._lines) >= _MOST:
            self._spill()

    def __iter__(self) -> Iterator[str]:
        for run in self._runs:
            run.seek(0)
        return heapq.merge(*self._runs, sorted(self._lines))

    def _spill(self) -> None:
        file = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", dir=self._folder)  # noqa: SIM115 - closed with the others
        run = self._files.enter_context(file)
        run.writelines(sorted(self._lines))
        self._runs.append(run)
        self._lines = []
