"""Who may read: whoever asks, unless there is a password, or a proxy that says who asks."""

import base64
import binascii
import hmac
import re
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from reader.settings import Settings

_HOST: Final = re.compile(
    r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])?(:[0-9]{0,5})?", re.ASCII
)


class Access:
    """Refuses what the settings do not let in, before anything is asked of the archive."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http":
            app = self._refusal(Headers(scope=scope)) or app
        await app(scope, receive, send)

    def _refusal(self, headers: Headers) -> ASGIApp | None:
        settings = self._settings
        if not _HOST.fullmatch(headers.get("host", "")):
            # It becomes part of addresses that are given out.
            return PlainTextResponse("The Host header names no host.\n", 400)
        if settings.hosts and _name(headers.get("host", "")) not in settings.hosts:
            # Else a page elsewhere, whose name is made to lead here, could read the archive.
            return PlainTextResponse("This reader does not answer to that host name.\n", 421)
        if settings.user_header and not headers.get(settings.user_header, "").strip():
            return PlainTextResponse("The proxy in front of this reader names no user.\n", 403)
        if settings.password is not None and not _is_right(headers, settings.password):
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
