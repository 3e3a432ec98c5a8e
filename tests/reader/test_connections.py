"""Connections that are held open, beside one that asks, on a real server."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from reader import connections
from reader.connections import BoundedConnection, most_connections

HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: "
WHOLE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
MOST = 20


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """The address of a server that keeps 20 connections, and waits 2 s for a request."""
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 2.0)
    monkeypatch.setattr(BoundedConnection, "most", MOST)
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(PlainTextResponse("here"), http=BoundedConnection, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield listening.getsockname()
    server.should_exit = True
    thread.join()
    listening.close()


def begin(address: tuple[str, int]) -> socket.socket:
    connection = socket.create_connection(address, timeout=10)
    connection.sendall(HALF)
    return connection


def ask(connection: socket.socket) -> bytes:
    connection.sendall(WHOLE)
    answer = b""
    while not answer.endswith(b"here"):
        answer += connection.recv(4096)
    return answer


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_a_request_that_does_not_come_whole_is_not_waited_for(server: tuple[str, int]) -> None:
    with closing(begin(server)) as slow:
        began = time.monotonic()
        for _ in range(5):
            time.sleep(0.3)
            slow.sendall(b"a")  # a byte now and then makes no difference
        assert is_closed(slow)
        assert 1.5 < time.monotonic() - began < 9


def test_half_requests_make_room_for_one_that_asks(server: tuple[str, int]) -> None:
    slow = [begin(server) for _ in range(3 * MOST)]
    with closing(socket.create_connection(server, timeout=10)) as reader:
        began = time.monotonic()
        assert ask(reader).startswith(b"HTTP/1.1 200")
        assert time.monotonic() - began < 1
        assert is_closed(slow[0])
        assert ask(reader).startswith(b"HTTP/1.1 200")  # it stays open
    for connection in slow:
        connection.close()


def test_as_many_are_kept_as_files_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    for files, most in ((256, 85), (4, 16), (10**6, 1_000), (-1, 1_000)):
        monkeypatch.setattr("resource.getrlimit", lambda _which, files=files: (files, files))
        assert most_connections() == most
