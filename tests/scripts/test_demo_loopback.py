import asyncio
import socket
from collections.abc import Iterator

import pytest

from scripts.demo.loopback import (
    HOST,
    MAX_HEAD_BYTES,
    LoopbackServer,
    Request,
    Response,
    parse_head,
    send,
)
from tests.support.fetching import exchange


async def echo(request: Request, writer: asyncio.StreamWriter) -> None:
    if request.path == "/break":
        writer.close()
    elif request.path == "/unchanged":
        await send(writer, request, Response(304, headers={"ETag": '"a"'}))
    elif request.path == "/wait":
        await asyncio.sleep(60)
    else:
        await send(writer, request, Response(body=request.path.encode()))


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    server = LoopbackServer(echo)
    server.listen()
    server.serve()
    yield server
    server.close()


def test_a_connection_carries_many_requests_until_asked_to_close(server: LoopbackServer) -> None:
    sent = b"GET /a HTTP/1.1\r\n\r\nGET /b?x=1 HTTP/1.1\r\nConnection: close\r\n\r\nGET /c HTTP/1.1"
    answers = exchange(server.url, sent).split(b"HTTP/1.1 ")[1:]
    assert [answer.partition(b"\r\n\r\n")[2] for answer in answers] == [b"/a", b"/b"]


def test_head_and_304_have_no_body(server: LoopbackServer) -> None:
    head = exchange(server.url, b"HEAD /abc HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert b"Content-Length: 4" in head
    assert head.endswith(b"\r\n\r\n")
    unchanged = exchange(server.url, b"GET /unchanged HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert unchanged.startswith(b"HTTP/1.1 304 Not Modified\r\n")
    assert b"Content-Length" not in unchanged


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * (MAX_HEAD_BYTES + 1) + b"\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405),
    ],
)
def test_what_is_no_get_is_refused_and_the_connection_closed(
    server: LoopbackServer, sent: bytes, status: int
) -> None:
    assert exchange(server.url, sent).startswith(b"HTTP/1.1 %d " % status)


def test_a_handler_may_break_the_connection(server: LoopbackServer) -> None:
    assert exchange(server.url, b"GET /break HTTP/1.1\r\n\r\n") == b""


def test_closing_ends_answers_under_way_and_frees_the_port(server: LoopbackServer) -> None:
    with socket.create_connection((HOST, server.port), timeout=10) as client:
        client.sendall(b"GET /a HTTP/1.1\r\n\r\nGET /wait HTTP/1.1\r\n\r\n")
        assert client.recv(1)
        server.close()
    with pytest.raises(ConnectionRefusedError):
        exchange(server.url, b"")
    server.close()


def test_a_closed_server_opens_again_on_its_port(server: LoopbackServer) -> None:
    port = server.port
    server.close()
    server.listen()
    server.serve()
    assert server.port == port
    assert exchange(server.url, b"GET /a HTTP/1.1\r\nConnection: close\r\n\r\n").endswith(b"/a")


def test_a_head_is_parsed() -> None:
    request = parse_head(b"GET /caf%C3%A9?x=1 HTTP/1.1\r\nHost: a\r\nX: 1\r\nx:  2 \r\n\r\n")
    assert (request.method, request.target, request.path) == ("GET", "/caf%C3%A9?x=1", "/café")
    assert request.headers == {"host": "a", "x": "1, 2"}
