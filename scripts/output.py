"""How every subcommand prints: JSON that stays the same, times and tables that read well.

What comes from the web must not drive a terminal, nor turn a line around: control characters and
those of bidirectional text never get out as they are.
"""

import csv
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

import click

from crawler.process.printable import UNSAFE, printable

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/json.md).")
csv_option = click.option("--csv", "as_csv", is_flag=True, help="Print CSV (docs/commands.md).")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")

_IN_JSON = re.compile(f"[{UNSAFE}]")  # which escapes C0 itself


def print_json(value: Any, *, err: bool = False) -> None:
    """One JSON document; times in ISO 8601, in UTC. To standard error, where standard output has
    what was asked for."""
    click.echo(_dump(value, indent=2), err=err)


def json_line(value: Any) -> str:
    """One JSON document on one line; times as `print_json` has them."""
    return _dump(value, indent=None)


def _dump(value: Any, *, indent: int | None) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_json_list(values: Iterable[Any]) -> None:
    """One JSON document, a list, written as its elements come."""
    first = True
    for value in values:
        lines = _dump(value, indent=2).split("\n")
        click.echo("[\n" if first else ",\n", nl=False)
        click.echo("\n".join(f"  {line}" for line in lines), nl=False)
        first = False
    click.echo("[]" if first else "\n]")


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Comma-separated values (RFC 4180) with a header; times in ISO 8601, nothing for null.

    A text that a spreadsheet would take for a formula has an apostrophe before it, and so has one
    that begins with an apostrophe: to read a cell, take the first one off.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in [columns], rows:
        for cells in row:
            writer.writerow([_cell(value) for value in cells])
            click.echo(buffer.getvalue(), nl=False)
            buffer.seek(0)
            buffer.truncate()


def _cell(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case bool():
            return str(value).lower()
        case str():
            text = printable(value)
            return f"'{text}" if text.startswith(_FORMULA) else text
    return value


class _Paged(io.StringIO):
    """What is printed meanwhile, as on the terminal that it is for."""

    def isatty(self) -> bool:
        return True


@contextmanager
def paged() -> Iterator[None]:
    """What is printed within goes through the reader's pager on a terminal, with its colours; into
    a pipe or a file it goes as it is."""
    if not sys.stdout.isatty():
        yield
        return
    page = _Paged()
    with redirect_stdout(page):
        yield
    os.environ.setdefault("LESS", "-FRX")  # what fits the screen needs no pager
    click.echo_via_pager(page.getvalue(), color=True)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def moment(value: datetime | None) -> str:
    """A time as tables show it: UTC, to the minute."""
    return "-" if value is None else f"{value:%Y-%m-%d %H:%M}Z"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table without lines; nothing in a cell is taken for markup.

    A terminal's width folds it; into a pipe or a file a row is a line, whatever its length.
    """
    cells = [[printable(str(cell)).replace("\n", " ") for cell in row] for row in rows]
    show = _print_folded if sys.stdout.isatty() else _print_lines
    show(columns, cells)


def _print_folded(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(markup=False, highlight=False, emoji=False).print(table)


def _print_lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    # All of rich takes 20 ms to import, the widths of characters none.
    from rich.cells import cell_len

    lines = [columns, *rows]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)
        )
        click.echo("  ".join(padded))


def echo(text: str, *, bold: bool = False, dim: bool = False) -> None:
    """One line or more from the archive, to standard output."""
    click.echo(click.style(printable(text), bold=bold, dim=dim))
