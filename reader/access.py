"""Who may read: whoever asks, unless there is a password, or a proxy that says who asks."""

import base64
import binascii
import hmac
import logging
import re
import time
from collections import OrderedDict
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from reader.settings import Settings

_HOST: Final = re.compile(
    r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])?(:[0-9]{0,5})?", re.ASCII
)

PROBES: Final = frozenset({"/healthz", "/readyz"})
"""Paths that tell no more than whether the reader works, and need no password."""

WRONG_PASSWORDS: Final = 10
"""That one address may send within LOCKED_SECONDS."""
LOCKED_SECONDS: Final = 60.0
_MOST_ADDRESSES: Final = 10_000
_log = logging.getLogger("uvicorn.error")


class WrongPasswords:
    """How often each address sent a wrong password lately; the addresses last seen are kept."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def add(self, address: str) -> None:
        count, since = self._seen.pop(address, (0, time.monotonic()))
        self._seen[address] = (count + 1, since)
        if len(self._seen) > _MOST_ADDRESSES:
            self._seen.popitem(last=False)
        _log.warning("a wrong password from %s (%d)", address, count + 1)

    def locked_for(self, address: str) -> int:
        """Seconds, rounded up, for which no password of that address is tried; 0 for none."""
        count, since = self._seen.get(address, (0, 0.0))
        left = since + LOCKED_SECONDS - time.monotonic()
        if count and left <= 0:
            del self._seen[address]
        return int(left) + 1 if count >= WRONG_PASSWORDS and left > 0 else 0


class Access:
    """Refuses what the settings do not let in, before anything is asked of the archive."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._wrong = WrongPasswords()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and scope["path"] not in PROBES:
            address = (scope.get("client") or ("",))[0]
            app = self._refusal(Headers(scope=scope), address) or app
        await app(scope, receive, send)

    def _refusal(self, headers: Headers, address: str) -> ASGIApp | None:
        settings = self._settings
        if not _HOST.fullmatch(headers.get("host", "")):
            # It becomes part of addresses that are given out.
            return PlainTextResponse("The Host header names no host.\n", 400)
        if settings.hosts and _name(headers.get("host", "")) not in settings.hosts:
            # Else a page elsewhere, whose name is made to lead here, could read the archive.
            return PlainTextResponse("This reader does not answer to that host name.\n", 421)
        if settings.user_header and not headers.get(settings.user_header, "").strip():
            return PlainTextResponse("The proxy in front of this reader names no user.\n", 403)
        if settings.password is None:
            return None
        if seconds := self._wrong.locked_for(address):
            return PlainTextResponse(
                "Too many wrong passwords.\n", 429, {"Retry-After": str(seconds)}
            )
        if not _is_right(headers, settings.password):
            if "authorization" in headers:
                self._wrong.add(address)
            return PlainTextResponse(
                "A password is needed.\n",
                401,
                {"WWW-Authenticate": 'Basic realm="Permalien", charset="UTF-8"'},
            )
        return None


def _name(host: str) -> str:
    """A Host header's name, without its port and the brackets of IPv6."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


def _is_right(headers: Headers, password: str) -> bool:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(credentials.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(given.partition(b":")[2], password.encode())
