"""How every subcommand prints: JSON that stays the same, times and tables that read well."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/json.md).")


def print_json(value: Any) -> None:
    """One JSON document; times in ISO 8601, in UTC."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON")


def moment(value: datetime | None) -> str:
    """A time as tables show it: UTC, to the minute."""
    return "-" if value is None else f"{value:%Y-%m-%d %H:%M}Z"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table without lines; nothing in a cell is taken for markup."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(printable(str(cell)) for cell in row))
    Console(markup=False, highlight=False, emoji=False).print(table)


def printable(text: str) -> str:
    """`text` without control characters: what comes from the web must not drive a terminal."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def echo(text: str, *, bold: bool = False, dim: bool = False) -> None:
    """One line or more from the archive, to standard output."""
    click.echo(click.style(printable(text), bold=bold, dim=dim))
