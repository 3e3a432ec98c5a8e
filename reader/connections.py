"""How many connections the reader keeps open, and how long each may take to ask.

Uvicorn bounds the pause between two requests, but not the time that one request takes to arrive:
whoever sends a byte now and then holds a connection for ever.
"""

import asyncio
import resource
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS: Final = 10.0
"""In which a request must have come whole, headers and body."""

BACKLOG: Final = 32
"""Connections that are accepted at one time, before any of them can be refused."""

_MOST: Final = 1_000  # connections, where the process may have that many files open


def most_connections() -> int:
    """A third of the files that the process may have open, and 1,000 at the most."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if soft == resource.RLIM_INFINITY else max(16, min(_MOST, soft // 3))


class BoundedConnection(H11Protocol):
    """A connection that is closed where its request does not come in time. Where too many are open,
    the one that has waited longest for its request makes room for a new one; where none waits,
    the new one is closed."""

    most = most_connections()
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        if len(self.connections) >= self.most and not self._make_room():
            self.transport = transport
            self._end()
            return
        super().connection_made(transport)
        self._await_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        answered = self.cycle is None or self.cycle.response_complete
        if answered or self.cycle.more_body:
            self._await_request()
        else:
            self._request_came()

    def connection_lost(self, exc: Exception | None) -> None:
        self._request_came()
        super().connection_lost(exc)

    def _make_room(self) -> bool:
        waiting = [
            (it._deadline.when(), it)
            for it in self.connections
            if isinstance(it, BoundedConnection) and it._deadline is not None
        ]
        if not waiting:
            return False
        min(waiting, key=lambda it: it[0])[1]._end()
        return True

    def _await_request(self) -> None:
        if self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(REQUEST_SECONDS, self._end)

    def _request_came(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self) -> None:
        self._request_came()
        self.connections.discard(self)
        self.transport.abort()
