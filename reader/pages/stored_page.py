"""A stored page as it came, which nothing of it can leave: no script, no request, its own sandbox.

/stored/IDENTIFIER          its bytes: a memento (RFC 7089)
/versions/IDENTIFIER/page   the same in a frame, told as a copy, for a person
"""

import base64
import codecs
import re
from email.message import Message
from typing import Final

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from reader.inert import inert
from reader.memento import memento_headers
from reader.page_request import PageRequest, page
from storage.database.errors import NotFound
from storage.database.identifiers import parse_identifier
from storage.query.citation import citation
from storage.query.mementos import Neighbours, around
from storage.query.stored_page import PageRecord, page_record

CONTENT_SECURITY_POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline' data:; img-src data:; font-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
PREFIX: Final = "/stored/"

_CONFINED: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-frame-options": "SAMEORIGIN",
    "x-dns-prefetch-control": "off",
}

_SHOWN: Final = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
_BEGINNING: Final = 1_024  # bytes in which a page names its charset: WHATWG HTML, 13.2.3.2
_META: Final = re.compile(rb"<meta[^>]+charset", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z0-9._:-]{1,40}")
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def stored(asked: PageRequest) -> Response:
    """The bytes of a version's page; a browser that opens it by itself is led to the frame."""
    identifier = _identifier(asked)
    download = "download" in asked.request.query_params
    opened = asked.request.headers.get("sec-fetch-dest") == "document"
    if opened and not download:
        answer: Response = RedirectResponse(f"/versions/{identifier}/page", 302)
        answer.headers["vary"] = "sec-fetch-dest"
        return answer
    with asked.reading() as session:
        record, found = _page(session, identifier)
    media_type, charset = _media_type(record)
    if media_type not in _SHOWN:
        media_type, charset, download = "application/octet-stream", "", True
    name = f"permalien-{identifier}.{'txt' if media_type == 'text/plain' else 'html'}"
    digest = base64.b64encode(bytes.fromhex(record.sha256)).decode()
    return Response(
        record.body,
        headers={
            **memento_headers(asked, record.url, found),
            "content-type": f"{media_type}; charset={charset}" if charset else media_type,
            "content-disposition": f'{"attachment" if download else "inline"}; filename="{name}"',
            **_CONFINED,
            "repr-digest": f"sha-256=:{digest}:",
            "etag": f'"{record.sha256}"',
            "cache-control": "private, no-cache",
            "vary": "sec-fetch-dest",
        },
    )


def shown(asked: PageRequest) -> Response:
    """The page for the frame. Raises NotFound for what is no page."""
    identifier = _identifier(asked)
    with asked.reading() as session:
        record = page_record(session, identifier)
    media_type, charset = _media_type(record)
    if media_type not in _SHOWN:
        raise NotFound(f"version {identifier} is no page that a browser shows: it is {media_type}")
    # XHTML as HTML: of XML, entities and prefixes could hide what is to be changed.
    media_type = "text/plain" if media_type == "text/plain" else "text/html"
    return Response(
        inert(record.body, charset),
        headers={
            "content-type": f"{media_type}; charset={charset}" if charset else media_type,
            **_CONFINED,
        },
    )


def framed(asked: PageRequest) -> Response:
    """The page in a frame, under a line that tells what it is a copy of, and of when."""
    identifier = _identifier(asked)
    with asked.reading() as session:
        record, found = _page(session, identifier)
        cited = citation(session, identifier)
    answer = asked.render(
        "stored_page.html",
        record=record,
        cited=cited,
        found=found,
        source=f"{PREFIX}{identifier}",
        is_shown=_media_type(record)[0] in _SHOWN,
    )
    answer.headers.update(memento_headers(asked, record.url, found))
    return answer


def _identifier(asked: PageRequest) -> str:
    name = asked.request.path_params["identifier"]
    identifier = parse_identifier(name)
    if identifier is None:
        raise NotFound(f"{name} is no identifier of a version")
    return identifier


def _page(session: Session, identifier: str) -> tuple[PageRecord, Neighbours]:
    return page_record(session, identifier), around(session, identifier)


def _media_type(record: PageRecord) -> tuple[str, str]:
    """The page's media type, and its charset where its server, or else its bytes, tell one that the
    page itself does not."""
    headers = {name.lower(): value for name, value in record.headers if value is not None}
    message = Message()
    message["content-type"] = headers.get("content-type") or "text/html"
    charset = message.get_content_charset("")
    return message.get_content_type(), _known(charset) or _seen(record.body)


def _known(charset: str) -> str:
    """The charset by the name that was given, where that is one."""
    try:
        codecs.lookup(charset)
    except (LookupError, ValueError):
        return ""
    return charset if _NAME.fullmatch(charset) else ""


def _seen(body: bytes) -> str:
    """UTF-8 where the bytes are that and the page does not name its charset; else empty, for a
    browser to find."""
    beginning = body[:_BEGINNING]
    if beginning.startswith(_MARKS) or _META.search(beginning):
        return ""
    try:
        body.decode()
    except UnicodeDecodeError:
        return ""
    return "utf-8"


ROUTES: Final[list[BaseRoute]] = [
    Route(f"{PREFIX}{{identifier}}", page(stored), name="stored"),
    Route(f"{PREFIX}{{identifier}}/shown", page(shown), name="stored-shown"),
    Route("/versions/{identifier}/page", page(framed), name="stored-page"),
]
