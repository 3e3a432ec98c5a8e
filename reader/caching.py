"""ETags: a page that has not changed since the browser got it is not sent again."""

import hashlib
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MOST: Final = 4_000_000  # bytes of a page that are held back for their digest


class ETags:
    """Gives every whole page a weak ETag of its bytes, and answers 304 where the browser has it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Tagging(Headers(scope=scope), send))


class _Tagging:
    """Sends one answer on, with its ETag where its body comes whole."""

    def __init__(self, asked: Headers, send: Send) -> None:
        self._asked = asked
        self._send = send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            if self._is_whole(start, message):
                message = self._tagged(start, message)
            await self._send(start)
        await self._send(message)

    @staticmethod
    def _is_whole(start: Message, message: Message) -> bool:
        if message["type"] != "http.response.body" or message.get("more_body"):
            return False
        headers = Headers(raw=start["headers"])
        return (
            start["status"] == 200
            and "etag" not in headers
            and 0 < len(message.get("body", b"")) <= _MOST
        )

    def _tagged(self, start: Message, message: Message) -> Message:
        headers = MutableHeaders(scope=start)
        tag = f'W/"{hashlib.sha256(message["body"]).hexdigest()[:32]}"'
        headers["etag"] = tag
        headers.setdefault("cache-control", "private, no-cache")
        if not _has(self._asked.get("if-none-match", ""), tag):
            return message
        start["status"] = 304
        for name in ("content-length", "content-type"):
            del headers[name]
        return {**message, "body": b""}


def _has(tags: str, tag: str) -> bool:
    plain = tag.removeprefix("W/")
    return any(it.strip().removeprefix("W/") in (plain, "*") for it in tags.split(","))
