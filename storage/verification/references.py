"""Rows that other rows name and that are not there, and rows that nothing names any more.

What a row names is told by its foreign keys, and by the list below where there can be none: what
refers to a partitioned table, and where two tables need each other.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, exists, or_, select, true
from sqlalchemy.orm import Session

from storage.models import (
    Address,
    AddressKind,
    AddressLink,
    Article,
    Base,
    Content,
    Edit,
    Fetch,
    Finding,
    Frontier,
    HeaderSet,
    IdentityDecision,
    Leaf,
    Overruling,
    Payload,
    Reading,
    ReadingDetail,
    Run,
    Source,
    SourceRemoval,
    Unsealed,
    Version,
    VersionState,
)
from storage.verification.check import AnySelect, Check, Done
from storage.verification.report import RESTORE_MISSING, Report, key_of
from storage.verification.scope import Scope

_MOST: Final = 1_000  # rows that are told of one kind
_MOST_NAMING: Final = 5  # rows that are told of those that name one


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that names a row of another table by `target`; of the rows that `among` has."""

    column: Column[Any]
    target: Column[Any]
    among: ColumnElement[bool] | None = None


def _column(attribute: Any) -> Column[Any]:
    found: Column[Any] = attribute.property.columns[0]
    return found


# A listing's bytes are not kept, but where its answer was no listing.
_KEPT: Final = Fetch.digest.is_not(None) & or_(
    exists().where(Address.id == Fetch.address_id, Address.kind == AddressKind.PAGE),
    Fetch.status < 200,
    Fetch.status >= 300,
)

# What a source held that was removed with its record may wait for its day's tree all the same.
_HELD: Final = ~exists().where(SourceRemoval.removed_at >= Unsealed.recorded_at)

# Its leaves stay, without salts, where its day was closed before.
_THERE: Final = Leaf.salt.is_not(None) | ~exists().where(SourceRemoval.id.is_not(None))

# An address that an operator excludes, or a redaction, is due no more.
_WANTED: Final = ~exists().where(Address.id == Fetch.address_id, Address.excluded)

_UNDECLARED: Final = tuple(
    Reference(_column(column), _column(target), among)
    for column, target, among in (
        (Fetch.address_id, Address.id, None),
        (Fetch.run_id, Run.id, None),
        (Fetch.request_headers_id, HeaderSet.id, None),
        (Fetch.response_headers_id, HeaderSet.id, None),
        (Fetch.digest, Payload.digest, _KEPT),
        (Finding.fetch_id, Fetch.id, None),
        (Finding.article_id, Article.id, None),
        (Finding.version_id, Version.id, None),
        (Version.fetch_id, Fetch.id, None),
        (Version.id, VersionState.version_id, None),
        (VersionState.overruling_id, Overruling.id, None),
        (Article.current_version_id, Version.id, None),
        (Article.state_fetch_id, Fetch.id, None),
        (AddressLink.fetch_id, Fetch.id, None),
        (IdentityDecision.fetch_id, Fetch.id, None),
        (Frontier.version_id, Version.id, None),
        (Frontier.pending_fetch_id, Fetch.id, None),
        (Edit.source_id, Source.id, None),
        (Edit.from_content, Content.digest, None),
        (Edit.to_content, Content.digest, None),
        (Fetch.address_id, Frontier.address_id, _WANTED),
        (Leaf.fetch_id, Fetch.id, _THERE),
        (Leaf.version_id, Version.id, _THERE),
        (Leaf.content_digest, Content.digest, None),
        (Unsealed.fetch_id, Fetch.id, _HELD),
        (Unsealed.version_id, Version.id, _HELD),
        (Unsealed.content_digest, Content.digest, _HELD),
    )
)

_NAMED_BY: Final = {
    _column(Payload.digest): (Fetch.digest, Reading.digest, Version.digest),
    _column(Content.digest): (
        Reading.content_digest,
        Version.recorded_content,
        Edit.from_content,
        Edit.to_content,
    ),
    _column(ReadingDetail.digest): (Reading.detail_digest,),
    _column(HeaderSet.id): (Fetch.request_headers_id, Fetch.response_headers_id),
}
"""What is kept for what names it: without, it would not be there."""


def references() -> Iterator[Reference]:
    """All that rows name, the tables that are named most first."""
    for table in Base.metadata.sorted_tables:
        for column in table.c:
            for key in column.foreign_keys:
                yield Reference(column, key.column)
    yield from _UNDECLARED


def _rows(session: Session, scope: Scope) -> int:
    return len(list(references()))


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    missing: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for it in references():
        for naming, named in _pairs(session, it):
            missing[it.target.table.name, named].append((it.column.table.name, naming))
        done(1)
    for (table, key), rows in missing.items():
        report.add(
            table,
            key,
            expected=f"a row that {_told(rows)} names",
            found="none",
            advice=RESTORE_MISSING,
            named_by=sorted(set(rows)),
        )


def _kinds(_session: Session, scope: Scope) -> int:
    return len(_NAMED_BY) if scope.whole else 0


def _run_unnamed(session: Session, scope: Scope, report: Report, done: Done) -> None:
    for target, columns in _NAMED_BY.items() if scope.whole else ():
        if not report.lacks(*(column.class_.__tablename__ for column in columns)):
            _unnamed(session, report, target, columns)
        done(1)


def _pairs(session: Session, it: Reference) -> Iterator[tuple[str, str]]:
    """Of rows that name one that is not there: their key, and its."""
    keys = len(it.column.table.primary_key)
    for row in session.execute(_dangling(it).limit(_MOST)):
        yield key_of(tuple(row[:keys])), key_of(row[keys])


def _dangling(it: Reference) -> AnySelect:
    naming, target = it.column, it.target
    if target.table is naming.table:
        other = target.table.alias()
        target = other.c[target.name]
    return (
        select(*naming.table.primary_key, naming)
        .select_from(naming.table)
        .where(
            naming.is_not(None),
            true() if it.among is None else it.among,
            ~exists().where(target == naming),
        )
    )


def _told(naming: list[tuple[str, str]]) -> str:
    rows = sorted(set(naming))
    more = f" and {len(rows) - _MOST_NAMING:,} more" if len(rows) > _MOST_NAMING else ""
    return ", ".join(f"{table} {key}" for table, key in rows[:_MOST_NAMING]) + more


def _unnamed(
    session: Session, report: Report, target: Column[Any], columns: tuple[Any, ...]
) -> None:
    """Rows that nothing names: one that did is missing."""
    query = select(target).except_(*(select(it).where(it.is_not(None)) for it in columns))
    tables = sorted({column.class_.__tablename__ for column in columns})
    for (key,) in session.execute(query.limit(_MOST)):
        report.add(
            target.table.name,
            key,
            expected=f"a row of {' or '.join(tables)} that names it",
            found="none",
            advice=RESTORE_MISSING,
        )


CHECK: Final = Check("missing rows", 20.0, _rows, _run)
UNNAMED: Final = Check("what nothing names", 20.0, _kinds, _run_unnamed)
