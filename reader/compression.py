"""Answers compressed, but for stored pages: a digest of those is of the bytes as they are sent."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from reader.pages.stored_page import PREFIX


class Compression:
    """Compresses what is worth it, where the client takes it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressed = GZipMiddleware(app, minimum_size=1_000, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_stored = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (self._app if is_stored else self._compressed)(scope, receive, send)
