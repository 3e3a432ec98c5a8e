"""What a re-extraction would change, as a page for a browser and as JSON for a program.

The page asks for nothing and runs nothing: what comes from the web is text in it.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, Template

from crawler.reading.change_report import ChangeReport, Example
from storage.query.side_by_side import Row, RowKind, side_by_side

_MOST_SOURCES: Final = 200
"""That the page lists; the JSON has all."""
_AROUND: Final = 1  # paragraphs that are shown beside one that changes


@dataclass(frozen=True, slots=True)
class About:
    """What was asked, of which extractor, and when."""

    made_at: datetime
    software: str
    extractor: str
    asked: dict[str, Any]


def as_json(report: ChangeReport, about: About) -> bytes:
    """All of it. Texts as they are."""
    document = {
        **asdict(about),
        "versions": report.progress.total,
        "read": report.progress.read,
        "changed": report.progress.changed,
        "unreadable": report.progress.unreadable,
        "fields": dict(report.progress.fields),
        "sources": [
            {"source": name, "changed": count, "fields": dict(report.fields[name])}
            for name, count in _by_count(report)
        ],
        "examples": [asdict(it) for it in report.examples],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, default=_time).encode() + b"\n"


def as_page(report: ChangeReport, about: About) -> bytes:
    """The same in HTML, of many sources those where the most changes."""
    sources = _by_count(report)
    page = _template().render(
        about=about,
        asked={name: _said(value) for name, value in about.asked.items() if value},
        progress=report.progress,
        sources=[(name, count, report.fields[name]) for name, count in sources[:_MOST_SOURCES]],
        more=len(sources) - _MOST_SOURCES,
        fields=sorted(report.progress.fields, key=lambda it: -report.progress.fields[it]),
        examples=[(it, list(_rows(it))) for it in report.examples],
    )
    return page.encode()


def _by_count(report: ChangeReport) -> list[tuple[str, int]]:
    return sorted(report.sources.items(), key=lambda it: (-it[1], it[0]))


def _rows(example: Example) -> Iterator[Row | None]:
    """The paragraphs that change, and those beside them; None for others that are left out."""
    rows = side_by_side(_said(example.before), _said(example.after))
    near = {
        at + step
        for at, row in enumerate(rows)
        if row.kind is not RowKind.SAME
        for step in range(-_AROUND, _AROUND + 1)
    }
    shown = True
    for at, row in enumerate(rows):
        if at in near:
            yield row
        elif shown:
            yield None
        shown = at in near


def _said(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case datetime():
            return value.isoformat()
        case list():
            return ", ".join(map(str, value))
    return str(value)


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON")


@cache
def _template() -> Template:
    source = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source)
