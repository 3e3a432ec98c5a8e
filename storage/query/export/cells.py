"""Cells that no spreadsheet runs: what begins as a formula gets an apostrophe before it.

So does what begins with an apostrophe itself, so that `restore_cell` gives back every text as it
was. (OWASP, CSV Injection: = + - @, tab, carriage return, line feed, and the full-width forms.)
"""

from typing import Final

MARK: Final = "'"
FORMULAS: Final = "=+-@\t\r\n＝＋－＠"

_MARKED: Final = frozenset(FORMULAS + MARK)


def harmless_cell(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return MARK + text if text[:1] in _MARKED and text else text


def restore_cell(cell: str) -> str:
    """The text of which `harmless_cell` made this cell."""
    return cell.removeprefix(MARK)
