"""Rows with all that a page may say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from storage.query.fields import VERSION_FIELDS

SEEN = datetime(2026, 3, 1, 8, 10, 0, 250_000, tzinfo=UTC)


def row(number: int, **others: Any) -> tuple[Any, ...]:
    said = {
        "version_id": f"b{number:015}",
        "article_id": number,
        "source": "example.org",
        "url": f"https://example.org/{number}?a=1&b=2",
        "version": 1,
        "state": "live",
        "title": "The bridge <closes> & opens",
        "authors": ["Ada", "Émile"],
        "published_at": SEEN,
        "published_offset": -300,
        "published_precision": "minute",
        "modified_at": None,
        "modified_offset": None,
        "modified_precision": None,
        "first_seen_at": SEEN,
        "last_seen_at": SEEN,
        "retracted_at": None,
        "language": "fr-FR",
        "primary_language": "fr",
        "section": "Politics",
        "tags": ["a & b"],
        "description": None,
        "paywalled": None,
        "partial": False,
        "text": "One.\nTwo.",
        "paragraph_kinds": ["standfirst", "paragraph"],
        "extractor": "8",
        "payload_sha256": "ab" * 32,
        "content_sha256": "cd" * 32,
        "mining_reserved": True,
        "mining_policy": None,
        "robots_directives": ["noai"],
        "license": None,
        "apart": "[]",
        "live_entries": "[]",
    }
    said |= others
    return tuple(said[field.name] for field in VERSION_FIELDS)


@pytest.fixture
def rows() -> list[tuple[Any, ...]]:
    """A plain one; one of formulas; one of characters that formats stumble over; an empty one."""
    return [
        row(1),
        row(2, title='=HYPERLINK("x")', authors=["@Ada", "-1"], text="'quoted'\n+1", tags=[]),
        row(
            3,
            title='"a", b\x01\ufffe]]>\u2028',
            text="朝市\r\n\tA & B\nl'été \U0001f600",
            paragraph_kinds=[],
            language="fr_FR invalid",
            description="",
            paywalled=True,
        ),
        row(4, title="", text="", authors=[], section=None, language=None, primary_language=None,
            paragraph_kinds=["paragraph"], published_at=None),
    ]  # fmt: skip
