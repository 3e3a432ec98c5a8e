"""Word diffs as commands print them: in colours, and in brackets for where there are none."""

from collections.abc import Iterable
from typing import Any, Final

import click

from crawler.process.printable import printable
from storage.history.diffs import DiffOp, DiffSegment

_STYLES: Final[dict[DiffOp, dict[str, Any]]] = {
    DiffOp.DELETE: {"fg": "red", "strikethrough": True},
    DiffOp.INSERT: {"fg": "green", "bold": True},
    DiffOp.EQUAL: {},
}
_MARKS: Final = {
    DiffOp.DELETE: ("[-", "-]"),
    DiffOp.INSERT: ("{+", "+}"),
    DiffOp.EQUAL: ("", ""),
}


def shown(parts: Iterable[DiffSegment]) -> str:
    """The segments in one text for the terminal."""
    return "".join(map(_segment, parts))


def _segment(part: DiffSegment) -> str:
    before, after = _MARKS[part.op]
    text = f"{before}{printable(part.text)}{after}" if part.text else ""
    return click.style(text, **_STYLES[part.op])
