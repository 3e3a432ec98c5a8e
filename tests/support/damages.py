"""Damage made on purpose in a copy of an archive, a row at a time, behind its guards' back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    NullPool,
    Row,
    Table,
    create_engine,
    delete,
    insert,
    select,
    text,
    update,
)

from storage.database.archive import Archive
from storage.models import Base
from storage.verification.report import Mismatch, Report, key_of

TABLES = Base.metadata.tables

Change = Callable[[Any, "list[Row[Any]]", Random], dict[str, Any]]
"""The values that a row gets; it may look at the others of its table."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of damage: what happens to a row of a table, of those that `among` says of."""

    table: str
    what: str
    change: Change | None  # None: the row is deleted
    among: Callable[[Any, Connection], bool] = lambda row, connection: True

    @property
    def name(self) -> str:
        return f"{self.table}: {self.what}"


@dataclass(frozen=True, slots=True)
class Damage:
    """What was done: the rows by table and key that may be blamed, and not others."""

    kind: Kind
    rows: frozenset[tuple[str, str]]
    before: dict[str, Any]
    after: dict[str, Any] | None

    def told(self, report: Report) -> str:
        """What the report made of it: "found" where the report names it and blames nothing else."""
        if not report.mismatches:
            return "missed"
        others = [it for it in report.mismatches if not self._is_named(it)]
        if not others:
            return "found"
        return f"others blamed: {others}" if others != report.mismatches else f"not named: {others}"

    def _is_named(self, it: Mismatch) -> bool:
        """Whether it is of the row; one that is missing is named by what it was of."""
        missing = it.table == self.kind.table and it.key.startswith(("of ", "revision "))
        return missing or not self.rows.isdisjoint({(it.table, it.key), *it.named_by})

    def undo(self, connection: Connection) -> None:
        """Put the row back as it was."""
        table = TABLES[self.kind.table]
        if self.after is not None:
            connection.execute(delete(table).where(*_is(table, self.after)))
        connection.execute(insert(table).values(self.before))


@contextmanager
def unguarded(archive: Archive) -> Iterator[Connection]:
    """A transaction in which anything can be done: no trigger refuses it, no foreign key."""
    engine = create_engine(archive.url, poolclass=NullPool)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            names = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for name in connection.execute(names).scalars().all():
                connection.execute(text(f'DROP TRIGGER "{name}"'))
        yield connection


def make(connection: Connection, kind: Kind, random: Random) -> Damage | None:
    """Do it to a row picked at random; None where there is no such row."""
    table = TABLES[kind.table]
    rows = list(connection.execute(select(table).order_by(*table.primary_key)))
    picked = [row for row in rows if kind.among(row, connection)]
    if not picked:
        return None
    row = random.choice(picked)
    before, after = dict(row._mapping), None
    if kind.change is None:
        connection.execute(delete(table).where(*_is(table, before)))
    else:
        values = kind.change(row, rows, random)
        if not values:
            return None
        connection.execute(update(table).where(*_is(table, before)).values(values))
        after = before | values
    keys = [_key(table, it) for it in (before, after) if it is not None]
    return Damage(kind, frozenset((kind.table, key) for key in keys), before, after)


def _is(table: Table, values: Any) -> list[ColumnElement[bool]]:
    return [column == values[column.name] for column in table.primary_key]


def _key(table: Table, values: Any) -> str:
    return key_of(tuple(values[column.name] for column in table.primary_key))


# changes


def _flipped(name: str, row: Any, _rows: Any, random: Random) -> dict[str, Any]:
    value = bytearray(getattr(row, name))
    value[random.randrange(len(value))] ^= 1 << random.randrange(8)
    return {name: bytes(value)}


def _cut(name: str, row: Any, _rows: Any, random: Random) -> dict[str, Any]:
    value = getattr(row, name)
    return {name: value[: random.randrange(1, len(value))]}


def _others(name: str, row: Any, rows: Any, random: Random, **more: Any) -> dict[str, Any]:
    values = {getattr(it, name) for it in rows} - {getattr(row, name), None}
    return {name: random.choice(sorted(values)), **more} if values else {}


def _word(name: str, row: Any, _rows: Any, random: Random) -> dict[str, Any]:
    words = getattr(row, name).split(" ")
    words[random.randrange(len(words))] = "forged"
    return {name: " ".join(words)}


def _moved(name: str, row: Any, _rows: Any, random: Random) -> dict[str, Any]:
    return {name: getattr(row, name) - timedelta(hours=random.randint(2, 900))}


def _plus(name: str, row: Any, _rows: Any, random: Random) -> dict[str, Any]:
    return {name: getattr(row, name) + random.randint(1, 9)}


def _given(values: dict[str, Any], _row: Any, _rows: Any, _random: Random) -> dict[str, Any]:
    return values


def _not(name: str, row: Any, _rows: Any, _random: Random) -> dict[str, Any]:
    return {name: not getattr(row, name)}


def _appended(name: str, row: Any, _rows: Any, _random: Random) -> dict[str, Any]:
    value = getattr(row, name)
    if isinstance(value, dict):
        return {name: {**value, "forged": True}}
    return {name: [*(value or []), "forged"]}


def flipped(table: str, name: str, **more: Any) -> Kind:
    return Kind(table, f"a bit of {name} flipped", partial(_flipped, name), **more)


def others(table: str, name: str, **more: Any) -> Kind:
    return Kind(table, f"another's {name}", partial(_others, name), **more)


def word(table: str, name: str, **more: Any) -> Kind:
    return Kind(table, f"a word of {name} changed", partial(_word, name), **more)


def moved(table: str, name: str, **more: Any) -> Kind:
    return Kind(table, f"{name} edited", partial(_moved, name), **more)


def plus(table: str, name: str, **more: Any) -> Kind:
    return Kind(table, f"{name} raised", partial(_plus, name), **more)


def given(table: str, what: str, more: dict[str, Any] | None = None, **values: Any) -> Kind:
    return Kind(table, what, partial(_given, values), **(more or {}))


def negated(table: str, name: str, **more: Any) -> Kind:
    return Kind(table, f"{name} turned around", partial(_not, name), **more)


def appended(table: str, name: str, **more: Any) -> Kind:
    return Kind(table, f"{name} has more", partial(_appended, name), **more)


def deleted(table: str, **more: Any) -> Kind:
    return Kind(table, "deleted", None, **more)


def _has(name: str) -> Callable[[Any, Connection], bool]:
    return lambda row, _: bool(getattr(row, name))


def _asked(sql: str) -> Callable[[Any, Connection], bool]:
    """Whether a query that begins with the row's first column gives something."""
    return lambda row, connection: bool(connection.execute(text(sql), {"id": row[0]}).first())


_REMOVED = "SELECT 1 FROM article WHERE state_fetch_id = :id AND state = 'gone'"
_SHOWS = "SELECT 1 FROM finding WHERE fetch_id = :id AND version_id IS NOT NULL"
_MADE = "SELECT 1 FROM version WHERE fetch_id = :id"
_OF_READINGS = "SELECT 1 FROM version WHERE reading_id = :id"


def _seen(row: Any, connection: Connection) -> bool:
    return row.meaning == "unchanged" and row.version_id is not None


KINDS = (
    flipped("payload", "data"),
    Kind("payload", "data cut", partial(_cut, "data")),
    others("payload", "data"),
    flipped("payload", "digest"),
    plus("payload", "size"),
    deleted("payload"),
    word("content", "text"),
    word("content", "title"),
    appended("content", "authors"),
    appended("content", "blocks"),
    negated("content", "partial"),
    flipped("content", "fingerprint"),
    moved("content", "published_at", among=_has("published_at")),
    given("content", "language changed", language="xx"),
    deleted("content"),
    appended("reading_detail", "details"),
    appended("reading_detail", "removed"),
    deleted("reading_detail"),
    appended("header_set", "headers"),
    deleted("header_set"),
    others("reading", "content_digest"),
    others("reading", "detail_digest"),
    flipped("reading", "input"),
    deleted("reading", among=_asked(_OF_READINGS)),
    moved("fetch", "fetched_at"),
    others("fetch", "digest", among=_asked(_MADE)),
    plus("fetch", "run_id"),
    others("fetch", "address_id", among=_asked(_SHOWS)),
    given("fetch", "status and error both", error="forged"),
    appended("fetch", "response_values"),
    given("fetch", "status changed", {"among": _asked(_SHOWS)}, status=404),
    deleted("fetch"),
    others("finding", "version_id", among=_seen),
    others("finding", "article_id", among=_has("version_id")),
    moved("finding", "recorded_at"),
    given("finding", "says gone", {"among": _seen}, outcome="gone"),
    given("finding", "says edited", {"among": _seen}, meaning="edited"),
    given("finding", "number raised", number=7),
    deleted("finding", among=_asked(_REMOVED)),
    deleted("finding", among=_asked(_SHOWS)),
    moved("version", "first_seen_at"),
    flipped("version", "digest"),
    others("version", "recorded_content"),
    others("version", "fetch_id"),
    given("version", "number changed", number=9),
    others("version", "reading_id"),
    given("version", "identifier changed", identifier="a234567890123456"),
    deleted("version"),
    moved("version_state", "last_seen_at"),
    others("version_state", "best_reading"),
    given("version_state", "number changed", number=9),
    Kind("version_state", "another's article", partial(_others, "article_id", number=50)),
    deleted("version_state"),
    others("article", "current_version_id"),
    given("article", "current version lost", current_version_id=None),
    given("article", "state changed", {"among": _has("state_fetch_id")}, state="soft-404"),
    moved("article", "first_seen_at"),
    given("article", "URL changed", url="https://forged.example/"),
    deleted("article"),
    others("address", "article_id", among=_has("article_id")),
    given("address", "URL changed", url="https://forged.example/"),
    deleted("address"),
    others("frontier", "version_id", among=_has("version_id")),
    deleted("frontier"),
    negated("edit", "body"),
    plus("edit", "words_deleted"),
    others("edit", "to_content"),
    moved("edit", "first_seen_at"),
    deleted("edit"),
    plus("source_day", "count", among=lambda row, _: row.measure.startswith("page-")),
    plus("source_day", "count", among=lambda row, _: row.measure in ("articles", "edits")),
    deleted("source_day", among=lambda row, _: row.measure.startswith("page-")),
    deleted("change", among=lambda row, _: row.kind == "version"),
    deleted("change", among=lambda row, _: row.kind == "source"),
    deleted("archive_identity"),
    word("template", "template", among=_has("digest")),
    given("template", "digest changed", digest="0" * 64),
    flipped("template", "sha256"),
    given("template", "revision changed", revision=9),
    deleted("layout"),
    deleted("run"),
    given("run", "end forgotten", {"among": _has("ended_at")}, ended_how=None),
    deleted("source"),
    deleted("unsealed"),
    flipped("leaf", "hash"),
    flipped("leaf", "salt"),
    deleted("leaf"),
    flipped("day_root", "root"),
    flipped("day_root", "chained"),
    plus("day_root", "leaves"),
)
