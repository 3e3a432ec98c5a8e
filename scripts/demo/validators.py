"""Conditional GET for pages that only differ in their adverts (RFC 9110, section 13)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256


def weak_etag(content: bytes) -> str:
    """Weak, because two pages of the same content may still differ in their bytes."""
    return f'W/"{sha256(content).hexdigest()[:16]}"'


def http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def is_current(
    request_headers: Mapping[str, str], *, etag: str | None, last_modified: datetime | None
) -> bool:
    """Whether what the client has is still good, so that 304 is the answer.

    If-None-Match is compared weakly and, when there, decides alone.
    """
    known = request_headers.get("if-none-match")
    if known is not None:
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        return etag is not None and (known.strip() == "*" or etag.removeprefix("W/") in tags)
    since = request_headers.get("if-modified-since")
    if since is None or last_modified is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False
    return last_modified.replace(microsecond=0) <= moment.replace(tzinfo=moment.tzinfo or UTC)
