"""The data dictionary: every view and column with its meaning, unit and nullability, and the tables
beneath as their models tell of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from storage.models import Base
from storage.query.view_columns import VIEWS

TITLE: Final = "The articles of an archive, every version, and every check"

_HEAD: Final = """# Data dictionary

Made by `permalien db dictionary`; a test keeps it so. Times are in UTC. A view keeps its columns
and what they mean; columns are added at the end. [sql.md](sql.md) has examples.
"""
_OTHERS: Final = ("alembic_version", "sqlite_sequence")
_TABLES: Final = """## The tables beneath

These belong to the program and may change with any release: they are told here for whoever works on
it.
"""


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column of a view; `type` is text, integer, number, boolean, time, day or JSON, `unit` None
    where it has none."""

    name: str
    type: str
    unit: str | None
    nullable: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class View:
    """A view, with its columns in order."""

    name: str
    meaning: str
    columns: tuple[ViewColumn, ...]


@cache
def views() -> tuple[View, ...]:
    """Every view of the SQL interface, by name."""
    return tuple(
        View(name, meaning, tuple(map(_column, lines.strip().splitlines())))
        for name, (meaning, lines) in VIEWS.items()
    )


def _column(line: str) -> ViewColumn:
    name, kind, unit, null, meaning = line.split(" | ", 4)
    return ViewColumn(name, kind, None if unit == "-" else unit, null == "null", meaning)


def as_markdown() -> str:
    """The dictionary as a page."""
    parts = [_HEAD, *map(_view_section, views()), _TABLES]
    return "\n".join([*parts, *_table_sections()])


def _view_section(view: View) -> str:
    rows = "".join(
        f"| `{it.name}` | {it.type} | {it.unit or ''} | {'yes' if it.nullable else ''} "
        f"| {it.meaning} |\n"
        for it in view.columns
    )
    return (
        f"## `{view.name}`\n\n{view.meaning}\n\n"
        f"| column | type | unit | may be null | meaning |\n|---|---|---|---|---|\n{rows}"
    )


def _table_sections() -> Iterator[str]:
    for mapper in sorted(Base.registry.mappers, key=lambda it: it.class_.__tablename__):
        meaning = " ".join((mapper.class_.__doc__ or "").split())
        rows = "".join(
            f"| `{it.name}` | {'yes' if it.nullable else ''} | {it.comment or ''} |\n"
            for it in Base.metadata.tables[mapper.class_.__tablename__].c
        )
        yield (
            f"### `{mapper.class_.__tablename__}`\n\n{meaning}\n\n"
            f"| column | may be null | meaning |\n|---|---|---|\n{rows}"
        )


def as_datasette(database: str) -> dict[str, Any]:
    """Metadata for Datasette (https://docs.datasette.io/en/stable/metadata.html) on the SQLite file
    of that name, without its suffix: what the views mean, and the tables beneath hidden."""
    described = {
        view.name: {
            "description": view.meaning,
            "columns": {it.name: _described(it) for it in view.columns},
        }
        for view in views()
    }
    hidden = {name: {"hidden": True} for name in [*Base.metadata.tables, *_OTHERS]}
    return {"title": TITLE, "databases": {database: {"tables": described | hidden}}}


def _described(column: ViewColumn) -> str:
    return f"{column.meaning} ({column.unit})" if column.unit else column.meaning
