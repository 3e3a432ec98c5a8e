"""A small HTTP/1.1 server on 127.0.0.1, in a daemon thread with an event loop of its own.

It answers GET and HEAD, keeps connections alive and logs nothing. A handler gets the stream, so
that a test may also answer what no well-behaved server would.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import unquote

HOST = "127.0.0.1"
BACKLOG = 512
MAX_HEAD_BYTES = 64 * 1024
METHODS = frozenset({"GET", "HEAD"})
BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` has lower-case names, repeated fields joined by ", "; `at` is time.monotonic()."""

    method: str
    target: str
    headers: Mapping[str, str]
    at: float

    @property
    def path(self) -> str:
        """The target without its query, percent-decoded."""
        return unquote(self.target.partition("?")[0])


@dataclass(frozen=True, slots=True)
class Response:
    status: int = HTTPStatus.OK
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


async def send(writer: asyncio.StreamWriter, request: Request, response: Response) -> None:
    """Send the whole response, without its body where RFC 9110 allows none."""
    status = HTTPStatus(response.status)
    fields = {"Date": formatdate(usegmt=True), **response.headers}
    if status not in BODILESS:
        fields["Content-Length"] = str(len(response.body))
    head = [f"HTTP/1.1 {status} {status.phrase}", *(f"{k}: {v}" for k, v in fields.items())]
    message = "\r\n".join([*head, "", ""]).encode("latin-1")
    if status not in BODILESS and request.method != "HEAD":
        message += response.body
    writer.write(message)
    await writer.drain()


class LoopbackServer:
    """Serves one handler from `serve` to `close`. A port of 0 is chosen by the system.

    `listen` binds the port, so that `url` is known before the first request is taken. After
    `close` the same port may be listened to and served again.
    """

    def __init__(
        self, handler: Handler, *, port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self._handler = handler
        self._port = port
        self._tls = tls
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._serving = threading.Event()
        self._stop: Callable[[], object] = lambda: None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        """The origin, without a final slash."""
        return f"{'https' if self._tls else 'http'}://{HOST}:{self._port}"

    def listen(self) -> None:
        """Raises OSError when the port is taken."""
        self._listener = socket.create_server((HOST, self._port), backlog=BACKLOG)
        self._port = self._listener.getsockname()[1]

    def serve(self) -> None:
        """Return once requests are being answered."""
        self._serving.clear()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._main()), name=f"loopback:{self._port}", daemon=True
        )
        self._thread.start()
        self._serving.wait()

    def close(self) -> None:
        """Break every connection and free the port."""
        if self._thread is None:
            return
        self._stop()
        self._thread.join()
        self._thread = None

    async def _main(self) -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._stop = lambda: loop.call_soon_threadsafe(stopped.set)
        server = await asyncio.start_server(
            self._accept, sock=self._listener, ssl=self._tls, limit=MAX_HEAD_BYTES
        )
        self._serving.set()
        await stopped.wait()
        server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._exchange(reader, writer):
                    pass
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; true when the connection may carry another."""
        try:
            request = parse_head(await reader.readuntil(b"\r\n\r\n"))
        except (ValueError, asyncio.LimitOverrunError):
            request = Request("GET", "", {}, time.monotonic())
            await send(writer, request, Response(HTTPStatus.BAD_REQUEST))
            return False
        if request.method not in METHODS:
            await send(writer, request, Response(HTTPStatus.METHOD_NOT_ALLOWED))
            return False
        await self._handler(request, writer)
        return request.headers.get("connection", "").lower() != "close" and not writer.is_closing()


def parse_head(head: bytes) -> Request:
    """Raises ValueError when this isn't the head of an HTTP/1.1 request."""
    first, *lines = head.removesuffix(b"\r\n\r\n").decode("latin-1").split("\r\n")
    method, target, version = first.split(" ")
    if version != "HTTP/1.1":
        raise ValueError(f"{version} is not spoken here")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError("a header without a colon")
        key, value = name.lower(), value.strip(" \t")
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return Request(method, target, headers, time.monotonic())


class LoopbackSite:
    """A site on a port of 127.0.0.1, from `with` to its end. A port of 0 is chosen by the system.

    What serves one says in `_handle` what it answers.
    """

    def __init__(self, *, port: int = 0) -> None:
        self._server = LoopbackServer(self._handle, port=port)

    def __enter__(self) -> Self:
        self._server.listen()
        self._prepare()
        self._server.serve()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()

    def _prepare(self) -> None:
        """Called when the server's URL is known, before the first request is taken."""

    async def _handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError
