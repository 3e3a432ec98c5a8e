"""The languages of the pages: English, and French from a catalogue (reader/locale/fr.po)."""

import gettext
import io
from functools import cache
from importlib.resources import files
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LANGUAGES: Final = {"en": "English", "fr": "Français"}
PARAMETER: Final = "hl"
"""Of the query string, and the cookie that keeps it."""

_KEPT: Final = 365 * 86_400  # seconds


def language_of(request: Request) -> str:
    """The language that the address asks for, or else the cookie, or else the browser."""
    for asked in (request.query_params.get(PARAMETER), request.cookies.get(PARAMETER)):
        if asked in LANGUAGES:
            return asked
    return _accepted(request.headers)


def _accepted(headers: Headers) -> str:
    """By RFC 9110, section 12.5.4, as far as two languages need it."""
    best, best_weight = "en", 0.0
    for part in headers.get("accept-language", "").split(",")[:20]:
        tag, _, parameters = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES and (weight := _weight(parameters)) > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """What the pages say, in that language."""
    if language == "en":
        return gettext.NullTranslations()
    said = files("reader").joinpath("locale", f"{language}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(said), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class KeptLanguage:
    """Keeps the language that an address asks for in a cookie, and tells caches that pages differ
    by it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Request(scope).query_params.get(PARAMETER)

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.add_vary_header("Accept-Language")
                    headers.add_vary_header("Cookie")
                if asked in LANGUAGES:
                    cookie = f"{PARAMETER}={asked}; Path=/; Max-Age={_KEPT}; SameSite=Lax; HttpOnly"
                    headers.append("set-cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with)
