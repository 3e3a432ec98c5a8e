"""Removing a source: its record is kept, or goes with it.

The record goes table by table, whatever tables there are: what belongs to a source is told by the
columns that refer to it, to its addresses, to its articles, and so on. Contents that are kept once
for all sources (payloads, readings) go when nothing else refers to them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.database.guards import unguarded
from storage.frontier.operating import require_idle
from storage.ledger.payloads import release_keys
from storage.models import (
    Address,
    Article,
    Base,
    Fetch,
    HeaderSet,
    Payload,
    Reading,
    RobotsTxt,
    Source,
    SourceRemoval,
    TdmFile,
    Version,
)

_DIGEST = "digest"
_CONTENTS = {  # and the column of a reading that names one
    "content": Reading.content_digest,
    "reading_detail": Reading.detail_digest,
}
_OF_HEADERS = (Fetch.request_headers_id, Fetch.response_headers_id)


@dataclass(frozen=True, slots=True)
class Holding:
    """What the archive holds of a source."""

    articles: int
    versions: int
    addresses: int
    checks: int


def holding(session: Session, source: Source) -> Holding:
    """How much the archive holds of the source; counts its rows."""
    addresses = select(Address.id).where(Address.source_id == source.id)
    articles = select(Article.id).where(Article.source_id == source.id)

    def number(column: InstrumentedAttribute[int], among: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count(column)).where(among)) or 0

    return Holding(
        articles=number(Article.id, Article.source_id == source.id),
        versions=number(Version.id, Version.article_id.in_(articles)),
        addresses=number(Address.id, Address.source_id == source.id),
        checks=number(Fetch.id, Fetch.address_id.in_(addresses)),
    )


def remove(session: Session, source: Source, now: datetime) -> bool:
    """Crawl the source no more and list it no more; whether there was a record, which is kept.

    One without an article goes entirely. Raises Refused while it is being crawled.
    """
    require_idle(session, source)
    if holding(session, source).articles == 0:
        remove_with_record(session, source, now)
        return False
    source.enabled, source.resume_at, source.removed_at = False, None, now
    return True


def removals(session: Session) -> list[SourceRemoval]:
    """The sources that were removed with their record, the latest first."""
    latest = (SourceRemoval.removed_at.desc(), SourceRemoval.id.desc())
    return list(session.scalars(select(SourceRemoval).order_by(*latest)))


def remove_with_record(session: Session, source: Source, now: datetime) -> None:
    """Remove the source and all that the archive holds of it, for good; that it was is on record.

    Raises Refused while it is being crawled.
    """
    require_idle(session, source)
    went = holding(session, source)
    session.add(
        SourceRemoval(
            name=source.name,
            url=source.url,
            added_at=source.added_at,
            removed_at=now,
            articles=went.articles,
            versions=went.versions,
            addresses=went.addresses,
            checks=went.checks,
        )
    )
    source_id = source.id
    netloc = urlsplit(source.url).netloc
    origins = [f"{scheme}://{netloc}" for scheme in ("http", "https")]
    session.execute(delete(RobotsTxt).where(RobotsTxt.origin.in_(origins)))
    session.flush()
    session.expunge(source)
    owned = owned_tables()
    connection = session.connection()
    gone: dict[str, Table] = {}
    digests = _temporary(connection, "digest", Base.metadata.tables["payload"].c.digest)
    for table in owned:
        among = _among(table, gone, source_id)
        if "id" in table.c:
            ids = _temporary(connection, table.name, table.c.id)
            connection.execute(insert(ids).from_select(["id"], select(table.c.id).where(among)))
            gone[table.name] = ids
        if _holds_payloads(table):
            new = select(table.c.digest).where(
                among, table.c.digest.is_not(None), table.c.digest.not_in(select(digests.c.digest))
            )
            connection.execute(insert(digests).from_select([_DIGEST], new.distinct()))
    contents = _contents(connection, digests)
    headers = _header_sets(connection, _among(Base.metadata.tables["fetch"], gone, source_id))
    with unguarded(session):
        for table in reversed(Base.metadata.sorted_tables):
            if table in owned:
                connection.execute(delete(table).where(_among(table, gone, source_id)))
        payload = Base.metadata.tables["payload"]
        key_goes = Payload.key_digest.in_(select(payload.c.digest).where(_unused(payload, digests)))
        release_keys(session, and_(key_goes, not_(_unused(payload, digests))))
        for table in reversed(_shared_tables()):
            connection.execute(delete(table).where(_unused(table, digests)))
        session.execute(delete(TdmFile).where(TdmFile.origin.in_(origins)))
        _delete_contents(connection, contents)
        used = (select(column).where(column.is_not(None)) for column in _OF_HEADERS)
        session.execute(
            delete(HeaderSet).where(
                HeaderSet.id.in_(select(headers.c.id)), *(HeaderSet.id.not_in(it) for it in used)
            )
        )
    for table in (digests, headers, *contents.values(), *gone.values()):
        table.drop(connection)


def _header_sets(connection: Connection, among: ColumnElement[bool]) -> Table:
    """The sets of headers that these fetches have."""
    table = _temporary(connection, "header_set", Base.metadata.tables["header_set"].c.id)
    ids = union(*(select(it).where(among, it.is_not(None)) for it in _OF_HEADERS))
    connection.execute(insert(table).from_select(["id"], ids))
    return table


@cache
def owned_tables() -> list[Table]:
    """The tables whose rows are each of one source, each after one that it refers to."""
    owned: dict[str, Table] = {}
    rest = dict(Base.metadata.tables)
    while True:
        more = {
            name: table
            for name, table in rest.items()
            if name == "source" or any(owner in owned for _, owner in _references(table))
        }
        if not more:
            break
        owned |= more
        rest = {name: table for name, table in rest.items() if name not in more}
    return list(owned.values())


def _shared_tables() -> list[Table]:
    """What is kept once for all sources, by the digest of the payload."""
    owned = {table.name for table in owned_tables()}
    return [
        table
        for table in Base.metadata.sorted_tables
        if table.name not in {*owned, *_CONTENTS, HeaderSet.__tablename__} and _DIGEST in table.c
    ]


def _contents(connection: Connection, digests: Table) -> dict[str, Table]:
    """The contents of the readings of these payloads, by table."""
    found = {}
    for name, column in _CONTENTS.items():
        found[name] = _temporary(connection, name, Base.metadata.tables[name].c.digest)
        among = select(column).where(Reading.digest.in_(select(digests.c.digest)))
        connection.execute(insert(found[name]).from_select([_DIGEST], among.distinct()))
    return found


def _delete_contents(connection: Connection, contents: dict[str, Table]) -> None:
    for name, digests in contents.items():
        table = Base.metadata.tables[name]
        connection.execute(
            delete(table).where(
                table.c.digest.in_(select(digests.c.digest)),
                ~exists().where(_CONTENTS[name] == table.c.digest),
            )
        )


def _references(table: Table) -> Iterator[tuple[Column[Any], str]]:
    """The columns of a table that say whose a row is, and the table they refer to.

    A partitioned table can't be referred to by a foreign key: the column's name says it.
    """
    for column in table.c:
        if column.nullable:
            continue
        named = column.name.removesuffix("_id")
        for key in column.foreign_keys:
            yield column, key.column.table.name
        if not column.foreign_keys and named != column.name and named in Base.metadata.tables:
            yield column, named


def _among(table: Table, gone: dict[str, Table], source_id: int) -> ColumnElement[bool]:
    """Whether a row is the source's."""
    if table.name == "source":
        return table.c.id == source_id
    columns = dict(_references(table))
    direct = [column for column, owner in columns.items() if owner == "source"]
    if direct:
        return direct[0] == source_id
    return or_(
        *(
            column.in_(select(gone[owner].c.id))
            for column, owner in columns.items()
            if owner in gone
        )
    )


def _holds_payloads(table: Table) -> bool:
    return _DIGEST in table.c and isinstance(
        table.c.digest.type, type(Base.metadata.tables["payload"].c.digest.type)
    )


def _unused(table: Table, digests: Table) -> ColumnElement[bool]:
    """Whether a shared row was the source's, and nothing refers to it any more."""
    payload = table.c.digest
    others = [it for it in owned_tables() if _holds_payloads(it)]
    pointing = [
        (column, key.column)
        for other in Base.metadata.tables.values()
        for column in other.c
        for key in column.foreign_keys
        if key.column.table is table and other is not table
    ]
    return and_(
        payload.in_(select(digests.c.digest)),
        *(~exists().where(other.c.digest == payload) for other in others),
        *(~exists().where(column == referred) for column, referred in pointing),
    )


def _temporary(connection: Connection, name: str, column: Column[Any]) -> Table:
    table = Table(
        f"gone_{name}",
        MetaData(),
        Column(column.name, column.type, primary_key=True, autoincrement=False),
        prefixes=["TEMPORARY"],
    )
    table.create(connection, checkfirst=False)
    return table
