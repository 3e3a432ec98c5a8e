from storage.ledger.headers import Headers
from storage.query.warc.messages import request_headers, response_headers


def response(*pairs: tuple[str, str], size: int | None = 10, status: int = 200) -> list[str]:
    data = response_headers(status, Headers.of(pairs), size).to_bytes()
    assert data.endswith(b"\r\n\r\n")
    return data.decode("latin-1").split("\r\n")[:-2]


def test_what_was_received_plain_is_as_it_was() -> None:
    assert response(("Content-Length", "10"), ("Server", "x")) == [
        "HTTP/1.1 200 OK", "Content-Length: 10", "Server: x",
    ]  # fmt: skip
    assert response(("Server", "x")) == ["HTTP/1.1 200 OK", "Server: x"]
    assert response(("Content-Encoding", "gzip"), size=None) == [
        "HTTP/1.1 200 OK", "Content-Encoding: gzip",
    ]  # fmt: skip


def test_encodings_that_were_undone_are_named() -> None:
    assert response(("content-encoding", "gzip"), ("Content-Length", "4"), ("Server", "x")) == [
        "HTTP/1.1 200 OK",
        "X-Archive-Orig-content-encoding: gzip",
        "X-Archive-Orig-Content-Length: 4",
        "Server: x",
        "Content-Length: 10",
    ]
    assert response(("Transfer-Encoding", "chunked")) == [
        "HTTP/1.1 200 OK", "X-Archive-Orig-Transfer-Encoding: chunked", "Content-Length: 10",
    ]  # fmt: skip


def test_nothing_breaks_the_lines() -> None:
    assert response(("X-A", "a\r\nSet-Cookie: b"), ("Bad:name", "é"), size=None, status=799) == [
        "HTTP/1.1 799 ", "X-A: a  Set-Cookie: b", "Bad name: é",
    ]  # fmt: skip


def test_what_is_withheld_is_empty() -> None:
    assert response(("Set-Cookie", "secret"), size=None) == ["HTTP/1.1 200 OK", "Set-Cookie: "]


def test_a_request() -> None:
    headers = Headers.of([("User-Agent", "x")])
    data = request_headers("https://example.org:8443/a?b=1", headers).to_bytes()
    assert data == b"GET /a?b=1 HTTP/1.1\r\nHost: example.org:8443\r\nUser-Agent: x\r\n\r\n"
