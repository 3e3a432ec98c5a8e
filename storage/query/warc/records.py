"""WARC 1.1 records of captures, written by warcio.

A record's id is made of the archive's and the fetch's, so that the same capture has the same id in
every export.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from warcio.warcwriter import WARCWriter

from storage.query.export.new_file import Digesting
from storage.query.warc.captures import Capture, Original
from storage.query.warc.messages import HttpHeaders, request_headers, response_headers

_PROFILE: Final = "http://netpreserve.org/warc/1.1/revisit/"
SAME_PAYLOAD: Final = f"{_PROFILE}identical-payload-digest"
NOT_MODIFIED: Final = f"{_PROFILE}server-not-modified"


@dataclass(frozen=True, slots=True)
class Written:
    """The record of an answer, where it lies in its file."""

    offset: int
    length: int
    is_revisit: bool


class RecordWriter:
    """Writes records to one file; each is a gzip member of its own."""

    def __init__(self, sink: Digesting, archive: str, name: str) -> None:
        self._sink = sink
        self._archive = archive
        self._name = name
        self._info = ""
        self._writer = WARCWriter(sink, gzip=True, warc_version="WARC/1.1")

    def write_info(self, at: datetime, fields: Mapping[str, str]) -> None:
        """What the file is, at its beginning; `at` is the time of its first capture."""
        body = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
        self._info = self._id(f"warcinfo:{self._name}:{at.isoformat()}")
        headers = {
            "WARC-Type": "warcinfo",
            "WARC-Record-ID": self._info,
            "WARC-Date": warc_date(at),
            "WARC-Filename": self._name,
        }
        self._write("", "warcinfo", headers, None, body)

    def write(self, capture: Capture, body: bytes | None) -> Written:
        """The answer and its request. `body` is None for an answer without one, and for one whose
        body is that of `same_as`."""
        offset = self._sink.size
        original = capture.same_as
        size = None if body is None else len(body)
        if original is None:
            http = response_headers(capture.status, capture.response, size)
            self._write(capture.url, "response", self._of_answer(capture, body), http, body or b"")
        else:
            http = response_headers(capture.status, capture.response, None)
            self._write(capture.url, "revisit", self._of_revisit(capture, original), http, b"")
        length = self._sink.size - offset
        if capture.request:
            headers = self._headers(capture, "request")
            headers["WARC-Concurrent-To"] = self._id(f"{capture.fetch_id}:response")
            http = request_headers(capture.url, capture.request)
            self._write(capture.url, "request", headers, http, b"")
        return Written(offset, length, original is not None)

    def _of_answer(self, capture: Capture, body: bytes | None) -> dict[str, str]:
        headers = self._headers(capture, "response")
        headers["WARC-Payload-Digest"] = payload_digest(body or b"")
        if capture.peer is not None:
            headers["WARC-IP-Address"] = capture.peer
        if capture.cut:
            headers["WARC-Truncated"] = "length"
        return headers

    def _of_revisit(self, capture: Capture, original: Original) -> dict[str, str]:
        headers = self._headers(capture, "response") | {"WARC-Type": "revisit"}
        headers["WARC-Profile"] = NOT_MODIFIED if capture.status == 304 else SAME_PAYLOAD
        headers["WARC-Refers-To"] = self._id(f"{original.fetch_id}:response")
        headers["WARC-Refers-To-Target-URI"] = original.url
        headers["WARC-Refers-To-Date"] = warc_date(original.fetched_at)
        if capture.digest is not None:
            headers["WARC-Payload-Digest"] = f"sha256:{capture.digest.hex()}"
        if capture.peer is not None:
            headers["WARC-IP-Address"] = capture.peer
        if capture.cut:
            headers["WARC-Truncated"] = "length"
        return headers

    def _headers(self, capture: Capture, kind: str) -> dict[str, str]:
        return {
            "WARC-Type": kind,
            "WARC-Record-ID": self._id(f"{capture.fetch_id}:{kind}"),
            "WARC-Date": warc_date(capture.fetched_at),
            "WARC-Warcinfo-ID": self._info,
        }

    def _write(
        self, url: str, kind: str, headers: dict[str, str], http: HttpHeaders | None, body: bytes
    ) -> None:
        head = b"" if http is None else http.to_bytes()
        block = hashlib.sha256(head + body).hexdigest()
        record: Any = self._writer.create_warc_record(
            url,
            kind,
            payload=BytesIO(body),
            length=len(body),
            warc_headers_dict={**headers, "WARC-Block-Digest": f"sha256:{block}"},
            http_headers=http,
        )
        self._writer.write_record(record)

    def _id(self, name: str) -> str:
        return f"<urn:uuid:{uuid5(NAMESPACE_URL, f'permalien:{self._archive}:{name}')}>"


def payload_digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def warc_date(at: datetime) -> str:
    """As WARC 1.1 writes it (W3CDTF): UTC, to the microsecond where it is no whole second."""
    text = at.astimezone(UTC).replace(tzinfo=None)
    return text.isoformat(timespec="microseconds" if text.microsecond else "seconds") + "Z"
