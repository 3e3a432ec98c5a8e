"""A sidecar of WARC files: all that an archive holds but the stored pages, which those have.

WARC can't say what a fetch meant, what templates were learned, what an operator decided, nor how a
version is cited. A sidecar does, and with it the files make the same archive again, in an empty
database of either kind.

JSON lines, in gzip: what it is; of each table its name and columns, then a list of values a row;
at last, of each table, how many rows there were and a digest of them. Times are in ISO 8601, bytes
in base 64. Of the table of payloads a row has the digest and size alone, but for those that no
WARC record can hold, of answers without a status: these have their bytes.
"""

import base64
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import IO, Any, Final, cast

import sqlalchemy as sa
from sqlalchemy import Column, Table, func, select
from sqlalchemy.orm import Session

from storage import schema
from storage.copying import (
    DIGEST_SIZE,
    begin_table,
    copied_tables,
    digest_sum,
    insert_rows,
    own_references,
    prepare_partitions,
    refer_to_own,
    refuse_what_is_there,
    rows_of,
    set_sequences,
    whole_numbers,
)
from storage.database.archive import Archive
from storage.database.errors import Refused
from storage.ledger.compression import LARGEST
from storage.ledger.payloads import digest_of, load_payload, store_payloads
from storage.models import Fetch, Payload, Run

SUFFIX: Final = ".sidecar.jsonl.gz"

_KIND: Final = "permalien-sidecar"
_PAYLOAD: Final = Payload.__tablename__
_BATCH: Final = 500
_BODIES: Final = 8 * 2**20  # bytes of bodies that are stored at a time
_LONGEST: Final = 2 * LARGEST  # characters of a line


class BadSidecar(Refused):
    """The file is no sidecar, or a damaged one."""


def write_sidecar(session: Session, file: object) -> None:
    """Write what the archive holds now, but for its stored pages, to a binary stream."""
    sums: dict[str, tuple[int, str]] = {}
    with gzip.GzipFile("", "wb", 6, cast(IO[bytes], file), mtime=0) as out:
        first = session.scalar(select(func.min(Run.started_at)))
        began = None if first is None else first.isoformat()
        _put(out, {"kind": _KIND, "schema": schema.head(), "began": began})
        for table in copied_tables():
            if table.name == _PAYLOAD:
                sums[table.name] = _write_payloads(session, out)
                continue
            _put(out, {"table": table.name, "columns": [it.name for it in table.c]})
            count = digest = 0
            with rows_of(session, table, ordered=True) as result:
                for rows in result.partitions():
                    count += len(rows)
                    digest = (digest + digest_sum(rows)) % DIGEST_SIZE
                    for row in rows:
                        _put(out, [_plain(value) for value in row])
            sums[table.name] = (count, f"{digest:064x}")
        _put(out, {"end": sums})


def restore(
    archive: Archive,
    bodies: Iterable[bytes],
    path: Path,
    *,
    progress: Callable[[str, int], None] = lambda table, rows: None,
    redact: Callable[[Session], None] = lambda session: None,
) -> dict[str, int]:
    """Make the archive of a sidecar and the bodies that its WARC files hold, all of it or nothing;
    how many rows each table has. `progress` is told the table and how many rows it has; `redact`
    has the last word in the transaction that writes.

    Raises Refused where the database holds something already, where a page is missing, or what
    was written is not what the sidecar says; and OSError.
    """
    schema.ensure(archive)
    lines = _lines(path)
    began = _checked_head(next(lines, None), path)
    with archive.writing() as session:
        refuse_what_is_there(session, archive.name)
        prepare_partitions(session, began)
        _store_bodies(session, bodies, progress)
        said = _restore_tables(session, lines, path, progress)
        set_sequences(session)
        for table in copied_tables():
            if table.name not in said:
                raise BadSidecar(f"{path}: it says nothing of table {table.name}")
            if table.name != _PAYLOAD and _summed(session, table) != tuple(said[table.name]):
                raise Refused(f"table {table.name} is not what {path} says; nothing is kept")
        stored = session.scalar(select(func.count()).select_from(Payload)) or 0
        if stored != said[_PAYLOAD][0]:
            raise Refused(
                f"{path} tells of {said[_PAYLOAD][0]:,} stored pages, and the WARC files hold "
                f"{stored:,}: they are not of one export; nothing is kept"
            )
        redact(session)
        return {name: rows for name, (rows, _) in said.items()}


# writing


def _write_payloads(session: Session, out: gzip.GzipFile) -> tuple[int, str]:
    """Digest and size of each stored page, with the bytes of those that are in no WARC record."""
    _put(out, {"table": _PAYLOAD, "columns": ["digest", "size", "body"]})
    of_answers = select(Fetch.digest).where(Fetch.status.is_not(None), Fetch.digest.is_not(None))
    absent = Payload.digest.not_in(of_answers)
    query = select(Payload.digest, Payload.size, absent).order_by(Payload.digest)
    count = 0
    with session.execute(query, execution_options={"yield_per": _BATCH}) as result:
        for digest, size, is_absent in result:
            body = None
            if is_absent:
                body = _plain(load_payload(session, digest))
            _put(out, [_plain(digest), size, body])
            count += 1
    return count, ""


def _put(out: gzip.GzipFile, value: object) -> None:
    # JSONB keeps no order of its keys.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    out.write(text.encode() + b"\n")


def _plain(value: object) -> object:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case datetime() | date():
            return value.isoformat()
        case Enum():
            return value.value
    return whole_numbers(value)


# reading


def _lines(path: Path) -> Iterator[Any]:
    try:
        with gzip.open(path) as file:
            while line := file.readline(_LONGEST):
                yield json.loads(line)
    except (EOFError, gzip.BadGzipFile, ValueError, UnicodeDecodeError) as error:
        raise BadSidecar(f"{path}: it is no sidecar, or a damaged one: {error}") from error


def _checked_head(head: Any, path: Path) -> datetime | None:
    if not isinstance(head, dict) or head.get("kind") != _KIND:
        raise BadSidecar(f"{path}: it is no sidecar")
    if head.get("schema") != schema.head():
        raise BadSidecar(
            f"{path}: it is of schema {head.get('schema')}, and this is {schema.head()}: "
            "read it with the Permalien that wrote it, then upgrade"
        )
    return None if head.get("began") is None else datetime.fromisoformat(head["began"])


def _store_bodies(
    session: Session, bodies: Iterable[bytes], progress: Callable[[str, int], None]
) -> None:
    waiting: dict[bytes, bytes] = {}
    size = stored = 0
    for body in bodies:
        waiting[digest_of(body)] = body
        size += len(body)
        if size >= _BODIES or len(waiting) >= _BATCH:
            store_payloads(session, waiting)
            stored += len(waiting)
            progress(_PAYLOAD, stored)
            waiting, size = {}, 0
    store_payloads(session, waiting)


def _restore_tables(
    session: Session, lines: Iterator[Any], path: Path, progress: Callable[[str, int], None]
) -> dict[str, tuple[int, str]]:
    """Write the rows; what the end of the sidecar says of each table."""
    tables = {table.name: table for table in copied_tables()}
    table: Table | None = None
    columns: Sequence[str] = ()
    rows: list[Any] = []
    later: list[dict[str, Any]] = []
    done = 0

    def write() -> None:
        nonlocal done
        if table is not None and rows:
            later.extend(_write_rows(session, table, columns, rows, path))
            done += len(rows)
            progress(table.name, done)
            rows.clear()

    for line in lines:
        if isinstance(line, list):
            rows.append(line)
            if len(rows) >= _BATCH:
                write()
            continue
        write()
        if table is not None:
            refer_to_own(session, table, later)
            later, done = [], 0
        if "end" in line:
            return cast(dict[str, tuple[int, str]], line["end"])
        if line.get("table") not in tables:
            raise BadSidecar(f"{path}: it has a table that is not known: {line.get('table')}")
        table, columns = tables[line["table"]], line["columns"]
        begin_table(session, table)
    raise BadSidecar(f"{path}: it ends before its end")


def _write_rows(
    session: Session, table: Table, columns: Sequence[str], rows: Sequence[Any], path: Path
) -> list[dict[str, Any]]:
    """Write rows; those that refer to their own table, which are to do so when all are there."""
    if table.name == _PAYLOAD:
        _check_payloads(session, rows, path)
        return []
    try:
        values = [
            {name: _value(table.c[name], value) for name, value in zip(columns, row, strict=True)}
            for row in rows
        ]
    except (KeyError, ValueError, TypeError) as error:
        raise BadSidecar(f"{path}: a row of {table.name} can't be read: {error}") from error
    own = [it.name for it in own_references(table)]
    keys = [it.name for it in table.primary_key]
    later = []
    for row in values:
        if any(row[name] is not None for name in own):
            later.append({name: row[name] for name in (*keys, *own)})
            row.update(dict.fromkeys(own))
    insert_rows(session, table, values)
    return later


def _check_payloads(session: Session, rows: Sequence[Any], path: Path) -> None:
    """Raises Refused where one of these stored pages is not there."""
    wanted = {}
    for digest, size, body in rows:
        key = base64.b64decode(digest)
        wanted[key] = size
        data = base64.b64decode(body) if body is not None else b""
        if body is not None or size == 0:
            if digest_of(data) != key:
                raise BadSidecar(f"{path}: the bytes of payload {key.hex()} are others")
            store_payloads(session, {key: data})
    query = select(Payload.digest, Payload.size).where(Payload.digest.in_(wanted))
    found = dict(session.execute(query).all())
    missing = [key for key, size in wanted.items() if found.get(key) != size]
    if missing:
        raise Refused(
            f"the WARC files lack a stored page that {path} tells of, with SHA-256 "
            f"{missing[0].hex()}: name all files of the export; nothing is kept"
        )


def _value(column: Column[Any], value: Any) -> Any:
    """A value as the column takes it."""
    if value is None:
        return None
    kind = column.type
    if isinstance(kind, sa.TypeDecorator):
        kind = kind.impl_instance
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, sa.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    return value


def _summed(session: Session, table: Table) -> tuple[int, str]:
    count = digest = 0
    with rows_of(session, table) as result:
        for rows in result.partitions():
            count += len(rows)
            digest = (digest + digest_sum(rows)) % DIGEST_SIZE
    return count, f"{digest:064x}"
