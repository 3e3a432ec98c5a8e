"""Contents: what pages say, each once, named by its digest."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from storage.database.storable import storable_document

ContentRow = dict[str, Any]
"""The columns of a row of `content`."""

DetailRow = dict[str, Any]
"""The columns of a row of `reading_detail`."""

GivenTime = tuple[datetime | None, int | None, str | None]
"""A time, the minutes east of UTC and the precision that the publisher gave."""

_DIGESTS = ("digest", "fingerprint")
_SPACES = re.compile(r"\s+")


def content_row(
    *,
    title: str,
    text: str,
    blocks: Sequence[Sequence[str | int]],
    authors: Sequence[str],
    published: GivenTime = (None, None, None),
    modified: GivenTime = (None, None, None),
    language: str | None = None,
    paywalled: bool | None = None,
    partial: bool = False,
) -> ContentRow:
    """A content, with its digests. Its texts are as the archive keeps them (database.storable)."""
    said = {
        "title": title,
        "text": text,
        "blocks": [list(block) for block in blocks],
        "authors": list(authors),
        "published_at": published[0],
        "published_offset": published[1],
        "published_precision": published[2],
        "modified_at": modified[0],
        "modified_offset": modified[1],
        "modified_precision": modified[2],
        "language": language,
        "paywalled": paywalled,
        "partial": partial,
    }
    return {"digest": _digest(said), "fingerprint": fingerprint_of(title, text), **said}


def canonical_content(row: ContentRow) -> bytes:
    """What the digest of a content is of."""
    return _canonical({name: value for name, value in row.items() if name not in _DIGESTS})


def detail_row(details: dict[str, Any], removed: Sequence[Sequence[str]]) -> DetailRow:
    """What else a reading made of a page, with its digest."""
    made = {
        "details": storable_document(details),
        "removed": storable_document([list(pair) for pair in removed]),
    }
    return {"digest": _digest(made), **made}


def fingerprint_of(title: str, text: str) -> bytes:
    """SHA-256 of what an edit would change: title and text, in NFC, spaces run together."""
    words = (_SPACES.sub(" ", unicodedata.normalize("NFC", part)).strip() for part in (title, text))
    return hashlib.sha256("\n".join(words).encode("utf-8", "surrogatepass")).digest()


def _digest(row: dict[str, Any]) -> bytes:
    return hashlib.sha256(_canonical(row)).digest()


def _canonical(row: dict[str, Any]) -> bytes:
    return json.dumps(row, sort_keys=True, ensure_ascii=False, default=_instant).encode()


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} is in no content")
