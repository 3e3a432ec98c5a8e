"""How every subcommand prints: JSON that stays the same, times and tables that read well.

What comes from the web must not drive a terminal, nor turn a line around: control characters and
those of bidirectional text never get out as they are.
"""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from crawler.process.printable import UNSAFE, printable

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/json.md).")

_WIDEST = 1_000_000  # columns of a table that no terminal shows

_IN_JSON = re.compile(f"[{UNSAFE}]")  # which escapes C0 itself


def print_json(value: Any) -> None:
    """One JSON document; times in ISO 8601, in UTC."""
    click.echo(_dump(value, indent=2))


def json_line(value: Any) -> str:
    """One JSON document on one line; times as `print_json` has them."""
    return _dump(value, indent=None)


def _dump(value: Any, *, indent: int | None) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON")


def moment(value: datetime | None) -> str:
    """A time as tables show it: UTC, to the minute."""
    return "-" if value is None else f"{value:%Y-%m-%d %H:%M}Z"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table without lines; nothing in a cell is taken for markup.

    A terminal's width folds it; into a pipe or a file a row is a line, whatever its length.
    """
    on_terminal = sys.stdout.isatty()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=not on_terminal)
    for row in rows:
        table.add_row(*(printable(str(cell)).replace("\n", " ") for cell in row))
    width = None if on_terminal else _WIDEST
    Console(markup=False, highlight=False, emoji=False, width=width).print(table)


def echo(text: str, *, bold: bool = False, dim: bool = False) -> None:
    """One line or more from the archive, to standard output."""
    click.echo(click.style(printable(text), bold=bold, dim=dim))
