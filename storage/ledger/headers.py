"""Headers of requests and answers: what repeats is kept once, what differs with the fetch.

A site's answers differ in a few headers only: their date, their validators, an id. A set has the
name of such a header, and the fetch its value. Values that identify a person (cookies,
credentials) are kept nowhere: of these only the name is.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from w3lib.encoding import http_content_type_encoding

from storage.database.dialects import insert_new
from storage.database.storable import storable
from storage.models import HeaderSet

Header = tuple[str, str | None]
"""A name, and a value; None for a value that is withheld."""

RENDERED: Final = "X-Permalien-Rendered"
"""Of a page that a browser showed: which one. The fetch's body is then not what was answered but
what the page's scripts made of it. No server's word for it is taken."""

SAME_TEXT: Final = "same-text"
"""In that header: the page says next to nothing that its server did not send with it."""

_WITHHELD: Final = frozenset(
    {"authorization", "cookie", "cookie2", "proxy-authorization", "set-cookie", "set-cookie2"}
)
_VARYING: Final = frozenset(
    {
        "age",
        "akamai-grn",
        "cf-ray",
        "content-length",
        "content-security-policy",
        "content-security-policy-report-only",
        "date",
        "etag",
        "expires",
        "if-modified-since",
        "if-none-match",
        "last-modified",
        "location",
        "nel",
        "report-to",
        "reporting-endpoints",
        "retry-after",
        "server-timing",
        "x-amz-cf-id",
        "x-amz-request-id",
        "x-cache-hits",
        "x-cloud-trace-context",
        "x-fastly-request-id",
        "x-permalien-rendered",
        "x-request-id",
        "x-runtime",
        "x-timer",
        "x-trace-id",
        "x-varnish",
    }
)
"""Headers that differ from answer to answer, or from page to page."""
_EACH_COUNTS: Final = frozenset({"tdm-reservation", "x-robots-tag"})
"""Headers that say more where they are given more than once."""

TELLS_NOTHING: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "age",
        "cache-control",
        "content-encoding",
        "content-language",
        "content-type",
        "date",
        "expires",
        "if-modified-since",
        "last-modified",
        "retry-after",
        "server",
        "tdm-policy",
        "tdm-reservation",
        "transfer-encoding",
        "user-agent",
        "vary",
        "x-robots-tag",
    }
)
"""Headers whose values tell nothing of the body. All others may be its digest, or its length."""


class Headers(tuple[Header, ...]):
    """The headers of one request or answer, in order, those that are withheld without value."""

    __slots__ = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Headers":
        return cls(
            (storable(name), None if name.lower() in _WITHHELD else storable(value))
            for name, value in pairs
        )

    @property
    def entries(self) -> list[list[str | None]]:
        """What a set keeps of them: see HeaderSet.headers."""
        return [[name] if _varies(name, value) else [name, value] for name, value in self]

    @property
    def values(self) -> list[str]:
        """What the fetch keeps of them."""
        return [value for name, value in self if value is not None and _varies(name, value)]

    @property
    def rendered_by(self) -> str | None:
        """The browser that made the page, None where it is as it was answered."""
        return next((value for name, value in self if name == RENDERED), None)

    @property
    def charset(self) -> str | None:
        """Python's name of the encoding that Content-Type names; None where it names none that is
        known."""
        named = next((it for name, it in self if name.lower() == "content-type" and it), None)
        return None if named is None else http_content_type_encoding(named)

    def by_name(self) -> dict[str, str]:
        """The last value of each name, without those that are withheld; of what tells of reuse
        every value, a line each: joined by commas one that is for a single robot would be for all.
        """
        found: dict[str, str] = {}
        spelled: dict[str, str] = {}
        for name, value in self:
            if value is None:
                continue
            if name.lower() in _EACH_COUNTS and (first := spelled.setdefault(name.lower(), name)):
                before = found.get(first)
                found[first] = value if before is None else f"{before}\n{value}"
            else:
                found[name] = value
        return found

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(json.dumps(self.entries, ensure_ascii=False).encode()).digest()


def _varies(name: str, value: str | None) -> bool:
    return value is not None and name.lower() in _VARYING


def joined(entries: Sequence[Sequence[Any]], values: Sequence[str] | None) -> Headers:
    """The headers as they were, from a set and the fetch's own values."""
    rest = iter(values or ())
    return Headers(
        (entry[0], next(rest)) if len(entry) == 1 else (entry[0], entry[1]) for entry in entries
    )


def store_headers(session: Session, several: Collection[Headers]) -> dict[bytes, int]:
    """Keep each set once; their ids by digest."""
    if not several:
        return {}
    sets = {headers.digest: headers.entries for headers in several}
    known = _ids(session, sets)
    new = [{"digest": it, "headers": sets[it]} for it in sorted(sets.keys() - known.keys())]
    if new:
        session.execute(insert_new(session, HeaderSet), new)
        known |= _ids(session, [row["digest"] for row in new])
    return known


def _ids(session: Session, digests: Collection[Any]) -> dict[bytes, int]:
    rows = session.execute(
        select(HeaderSet.digest, HeaderSet.id).where(HeaderSet.digest.in_(list(digests)))
    )
    return dict(rows.all())
