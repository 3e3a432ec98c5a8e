"""HTTP messages as a WARC record holds them, from what the archive keeps of them.

The body is without its transfer and content encodings. The headers that told of them have their
values under the names that pywb and others know, X-Archive-Orig-…, and Content-Length is the
body's.
"""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders

from storage.ledger.headers import Header, Headers

ORIGINAL: Final = "X-Archive-Orig-"
"""Before the name of a header that was true of what was received, and is not of what is here."""

_BREAKS: Final = str.maketrans("\r\n", "  ")
_OF_THE_WIRE: Final = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class HttpHeaders(StatusAndHeaders):  # type: ignore[misc]
    """Headers that are written as they are: warcio would escape what is no ASCII."""

    def compute_headers_buffer(self, header_filter: Any = None) -> None:
        self.headers_buff = self.to_bytes(encoding="latin-1")

    def to_bytes(self, filter_func: Any = None, encoding: str = "latin-1") -> bytes:
        text: str = self.to_str(filter_func)
        return text.encode(encoding, "replace") + b"\r\n"


def response_headers(status: int, headers: Headers, size: int | None) -> HttpHeaders:
    """The status line and headers of an answer; `size` is the length of the body that it had,
    None where it had none."""
    written = list(headers)
    if size is not None and _is_undone(headers, size):
        written = [
            (ORIGINAL + name if name.lower() in _OF_THE_WIRE else name, value)
            for name, value in written
        ]
        written.append(("Content-Length", str(size)))
    return HttpHeaders(_status_line(status), _clean(written), protocol="HTTP/1.1")


def request_headers(url: str, headers: Headers) -> HttpHeaders:
    """The request line and headers of a GET; with the host, which the archive does not keep."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    written = list(headers)
    if not any(name.lower() == "host" for name, _ in headers):
        written.insert(0, ("Host", parts.netloc))
    return HttpHeaders(f"{_line(target)} HTTP/1.1", _clean(written), protocol="GET")


def _is_undone(headers: Headers, size: int) -> bool:
    for name, value in headers:
        match name.lower():
            case "transfer-encoding":
                return True
            case "content-encoding" if (value or "").strip().lower() not in ("", "identity"):
                return True
            case "content-length" if (value or "").strip() != str(size):
                return True
    return False


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} "


def _clean(headers: list[Header]) -> list[tuple[str, str]]:
    """Headers of one line each; a value that is withheld is empty."""
    return [
        (_line(name).replace(":", " ").strip() or "X-Unnamed", _line(value or ""))
        for name, value in headers
    ]


def _line(text: str) -> str:
    return text.translate(_BREAKS)
