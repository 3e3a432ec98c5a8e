"""A page's digest is of what extraction uses of it, and of nothing else."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.extraction import PageInput

PAGE = PageInput(b"<p>", "https://example.org/a", {"Content-Type": "text/html"})


@pytest.mark.parametrize(
    "other",
    [
        {"body": b"<b>"},
        {"url": "https://example.org/b"},
        {"url": None},
        {"headers": {}},
        {"headers": {"Content-Type": "text/html; charset=cp1251"}},
        {"headers": {"Content-Type": "text/html", "Content-Language": "fr"}},
    ],
)
def test_what_extraction_uses_tells_pages_apart(other: dict[str, Any]) -> None:
    assert replace(PAGE, **other).digest != PAGE.digest


@pytest.mark.parametrize(
    "other",
    [
        {"headers": {"content-type": "text/html", "Date": "today"}},
        {"fetched_at": datetime(2026, 3, 1, tzinfo=UTC)},
    ],
)
def test_what_it_does_not_use_tells_none_apart(other: dict[str, Any]) -> None:
    assert replace(PAGE, **other).digest == PAGE.digest
