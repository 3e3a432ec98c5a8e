"""What a client sees of a local server: one answer read by http.client, or its very bytes."""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Fetched:
    status: int
    headers: Message
    body: bytes


def fetch(
    url: str, *, headers: Mapping[str, str] | None = None, tls: ssl.SSLContext | None = None
) -> Fetched:
    """GET without following, decoding or retrying anything."""
    origin, target = urlsplit(url), url.partition("://")[2].partition("/")[2]
    if origin.scheme == "https":
        connection: HTTPConnection = HTTPSConnection(
            origin.netloc, timeout=TIMEOUT_SECONDS, context=tls
        )
    else:
        connection = HTTPConnection(origin.netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.putrequest("GET", f"/{target}", skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return Fetched(response.status, response.headers, response.read())
    finally:
        connection.close()


def exchange(
    url: str, sent: bytes, *, limit: int | None = None, timeout: float = TIMEOUT_SECONDS
) -> bytes:
    """Send bytes to a server; all it says until it closes, or until more than `limit` came.

    Raises TimeoutError when nothing came for `timeout` seconds, and what a broken connection
    raises.
    """
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=timeout) as client:
        client.sendall(sent)
        received = bytearray()
        while (limit is None or len(received) <= limit) and (chunk := client.recv(65_536)):
            received += chunk
    return bytes(received)
