"""An archive copied to another database, SQLite or PostgreSQL, all of it or nothing.

Table by table, as the models know them, in one transaction at either end. Then both are counted and
digested, and the copy is kept only if they are the same.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import partial
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Result,
    Row,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    text,
    true,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import Refused, is_refusal
from storage.database.snapshot import snapshot
from storage.ledger.partitions import ensure_partitions
from storage.models import (
    ArchiveIdentity,
    Base,
    Change,
    Run,
    Unsealed,
)

DERIVED: Final = frozenset(it.__tablename__ for it in (Change, ArchiveIdentity))
"""Tables that are the database's own: its log of changes, and which archive it is."""

_BATCH: Final = 500  # a batch
_LARGE_BATCH: Final = 20  # a batch of a table with bytes of any length
DIGEST_SIZE: Final = 2**256
_KEY: Final = Base.metadata.tables["payload"].c.key_digest
_ALL: Final = true()


@dataclass(frozen=True, slots=True)
class Copied:
    """A table that was copied: how many rows, and a digest of them that no order changes."""

    table: str
    rows: int
    sha256: str


Progress = Callable[[str, int, int], None]
"""Told what is under way, and how much of how much is done."""


def copy_archive(
    source: Archive,
    target: Archive,
    *,
    progress: Progress,
    finish: Callable[[Session, list[Copied]], None] = lambda session, copied: None,
) -> list[Copied]:
    """Copy the archive as it is now; returns the tables in the order they were copied.

    `progress` is told which table is under way, and how many rows of how many are done, of all.
    `finish` has the last word in the transaction that writes. Raises Refused where the target holds
    something already, or the copy is not the same, and what `finish` raises; then nothing was
    written but an empty schema.
    """
    schema.require_current(source)
    schema.ensure(target)
    with snapshot(source) as reading, target.writing() as writing:
        refuse_what_is_there(writing, target.name)
        tables = copied_tables()
        counts = {table.name: _count(reading, table) for table in tables}
        done, whole = 0, 2 * sum(counts.values())

        def told(rows: int, name: str) -> None:
            nonlocal done
            done += rows
            progress(name, done, whole)

        prepare_partitions(writing, reading.scalar(select(func.min(Run.started_at))))
        sums = {}
        for table in tables:
            begin_table(writing, table)
            sums[table.name] = _copy(reading, writing, table, partial(told, name=table.name))
        set_sequences(writing)
        copied = []
        for table in tables:
            rows, digest = _digest(writing, table, partial(told, name=f"check {table.name}"))
            if (rows, digest) != (counts[table.name], sums[table.name]):
                raise Refused(
                    f"table {table.name} is not the same in {target.name}: {counts[table.name]:,} "
                    f"rows were read and {rows:,} written; nothing is kept of the copy"
                )
            copied.append(Copied(table.name, rows, f"{digest:064x}"))
        finish(writing, copied)
        return copied


def digests(
    session: Session, *, told: Callable[[str, int], None] = lambda name, rows: None
) -> list[Copied]:
    """What `copy_archive` would tell of the tables; `told` is how many rows more of which."""
    found = []
    for table in copied_tables():
        rows, digest = _digest(session, table, partial(told, table.name))
        found.append(Copied(table.name, rows, f"{digest:064x}"))
    return found


def copied_tables() -> list[Table]:
    """All that are not the database's own, each after those that it refers to, and at last what
    triggers write for others."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in DERIVED]
    return sorted(tables, key=lambda table: table is Unsealed.__table__)


def begin_table(session: Session, table: Table) -> None:
    """Make ready for the rows of a table: what triggers wrote of it for the others is none."""
    if table is Unsealed.__table__:
        session.execute(delete(table))


def refuse_what_is_there(session: Session, name: str) -> None:
    """Raises Refused where the archive has a row; `name` is the database's."""
    for table in copied_tables():
        if session.execute(select(*table.primary_key).limit(1)).first() is not None:
            raise Refused(
                f"database {name} holds an archive already, in table {table.name}: "
                "name an empty database, or one that is not there yet"
            )


def prepare_partitions(writing: Session, month: datetime | None) -> None:
    """The partitions that a PostgreSQL archive would have had, if it had been there since `month`,
    in which its first run began."""
    while month is not None and month <= utc_now():
        ensure_partitions(writing, month)
        start = datetime(month.year, month.month, 1, tzinfo=UTC)
        month = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def _copy(reading: Session, writing: Session, table: Table, told: Callable[[int], None]) -> int:
    """Copy the rows of a table; their digest.

    What refers to the table itself is written last: a row may refer to one that comes later.
    """
    own = own_references(table)
    later: list[Mapping[str, Any]] = []
    digest = 0
    for rows in batches_of(reading, table):
        digest = (digest + digest_sum(comparable(table, rows))) % DIGEST_SIZE
        values = [dict(row._mapping) for row in rows]
        for row in values:
            if any(row[column.name] is not None for column in own):
                later.append({name: row[name] for name in _names(own, table.primary_key)})
                row.update(dict.fromkeys(_names(own)))
        insert_rows(writing, table, values)
        told(len(rows))
    refer_to_own(writing, table, later)
    return digest


def own_references(table: Table) -> list[Column[Any]]:
    """The columns that refer to the table itself; not to key pages, which come first."""
    return [
        it
        for it in table.c
        if it is not _KEY and any(key.column.table is table for key in it.foreign_keys)
    ]


def refer_to_own(session: Session, table: Table, later: Sequence[Mapping[str, Any]]) -> None:
    """Let rows, by the values of their primary key, refer to others of their table."""
    own = own_references(table)
    for given in later:
        where = [column == given[column.name] for column in table.primary_key]
        change = update(table).where(*where).values({name: given[name] for name in _names(own)})
        session.execute(change)


def insert_rows(writing: Session, table: Table, values: list[dict[str, Any]]) -> None:
    """Raises Refused where the database refuses a row."""
    try:
        writing.execute(insert(table), values)
    except DBAPIError as error:
        if not is_refusal(error):
            raise
        why = str(error.orig).strip().splitlines()[0]
        raise Refused(f"table {table.name}: the other database refuses a row: {why}") from error


def _digest(session: Session, table: Table, told: Callable[[int], None]) -> tuple[int, int]:
    count = digest = 0
    for rows in batches_of(session, table):
        count += len(rows)
        digest = (digest + digest_sum(comparable(table, rows))) % DIGEST_SIZE
        told(len(rows))
    return count, digest


def comparable(table: Table, rows: Sequence[Row[Any]]) -> Sequence[Sequence[Any]]:
    """The rows as they are digested: those of payloads are the same wherever their bytes are."""
    if table is not _KEY.table:
        return rows
    return [
        (
            *(row.digest, row.size, row.encoding, row.key_digest),
            row.object_digest or hashlib.sha256(row.data).digest(),
        )
        for row in rows
    ]


def batches_of(session: Session, table: Table) -> Iterator[Sequence[Row[Any]]]:
    """Every row of the table; payloads that need a key page after those that don't, their keys
    among them."""
    for where in (_KEY.is_(None), _KEY.is_not(None)) if table is _KEY.table else (_ALL,):
        with rows_of(session, table, where=where) as result:
            yield from result.partitions()


def rows_of(
    session: Session, table: Table, *, where: ColumnElement[bool] = _ALL, ordered: bool = False
) -> Result[Any]:
    """The rows of the table, to be had in batches; to be closed. `ordered` by its primary key, the
    same on both databases."""
    large = any(isinstance(it.type, LargeBinary) and not it.type.length for it in table.c)
    size = _LARGE_BATCH if large else _BATCH
    query = select(table).where(where)
    if ordered:
        postgresql = session.get_bind().dialect.name == "postgresql"
        query = query.order_by(
            *(
                it.collate("C") if postgresql and isinstance(it.type, String) else it
                for it in table.primary_key
            )
        )
    return session.execute(query, execution_options={"yield_per": size})


def digest_sum(rows: Sequence[Any]) -> int:
    """The sum of the rows' digests, which tells of the rows whatever their order."""
    return sum(int.from_bytes(hashlib.sha256(_canonical(row)).digest()) for row in rows)


def _canonical(row: Sequence[Any]) -> bytes:
    """The same for the same values, whichever database they come from."""
    return json.dumps(
        [whole_numbers(value) for value in row], sort_keys=True, default=_plain
    ).encode()


def whole_numbers(value: object) -> object:
    """Floats that are whole numbers as integers: PostgreSQL's JSON keeps 1e22 as one."""
    match value:
        case float():
            return int(value) if value.is_integer() else value
        case list():
            return [whole_numbers(it) for it in value]
        case dict():
            return {key: whole_numbers(it) for key, it in value.items()}
    return value


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case bytes():
            return hashlib.sha256(value).hexdigest()
        case Enum():
            return value.value
    raise TypeError(f"{type(value).__name__} is in no table")


def set_sequences(session: Session) -> None:
    """The next id that PostgreSQL gives out comes after those that were copied."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = text("SELECT pg_get_serial_sequence(:table, :column)")
        given = {"table": table.name, "column": column.name}
        if session.scalar(sequence, given) is not None:
            highest = session.scalar(select(func.max(column)))
            after = text("SELECT setval(pg_get_serial_sequence(:table, :column), :at, :called)")
            called = highest is not None
            session.execute(after, {**given, "at": highest or 1, "called": called})


def _count(session: Session, table: Table) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def _names(*groups: Any) -> list[str]:
    return [column.name for group in groups for column in group]
