"""Payloads of before taken over: compressed against key pages, and to where the settings say.

Some at a time, each time in one transaction: stopped at any instant nothing is lost, and what was
done is done. A crawl may run meanwhile.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session, aliased
from zstandard import ZstdError

from storage import schema
from storage.database.archive import Archive
from storage.database.dialects import try_lock
from storage.database.errors import Damaged, Refused
from storage.ledger.key_pages import KeyPages
from storage.ledger.payload_store import get_object, payload_store
from storage.ledger.payloads import digest_of, load_payload, put_data
from storage.models import Address, Fetch, KeyPage, Payload, Source

_LOCK: Final = 3
_BATCH: Final = 20  # payloads a transaction
_ADDRESSES: Final = 500


@dataclass(slots=True)
class Compacted:
    """How many payloads were looked at, compressed against a key, and moved; how many could not be
    moved, since the store lacks their bytes; bytes that they took before and take now."""

    payloads: int = 0
    keyed: int = 0
    moved: int = 0
    damaged: int = 0
    before: int = 0
    after: int = 0


Progress = Callable[[str, int, int], None]


def compact(archive: Archive, *, into_database: bool = False, progress: Progress) -> Compacted:
    """Compress what is stored alone against key pages of its source, then move what is elsewhere
    than the settings say; with `into_database` all goes there. Raises Refused while another does
    so."""
    schema.require_current(archive)
    done = Compacted()
    with archive.reading() as session:
        source_ids = session.scalars(select(Source.id).order_by(Source.id)).all()
        whole = session.scalar(select(func.count()).select_from(Payload).where(_alone())) or 0
    for source_id in source_ids:
        for digests in _alone_of(archive, source_id):
            with archive.writing() as session:
                _compress(session, source_id, digests, done, into_database)
            progress("compress", done.payloads, max(whole, done.payloads))
    _move(archive, done, into_database, progress)
    return done


def shrink(archive: Archive) -> None:
    """Give the room that is free in the database's files back to the disk. Nobody can write
    meanwhile, on PostgreSQL nobody can read stored pages."""
    if archive.engine.dialect.name == "postgresql":
        with archive.reading() as session:
            connection = session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            connection.exec_driver_sql("VACUUM (FULL, ANALYZE) payload")
        return
    with archive.reading() as session:
        connection = session.connection()
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")


def _alone() -> ColumnElement[bool]:
    """Of payloads that are compressed alone, and are no key themselves."""
    needing = aliased(Payload)
    return (
        Payload.key_digest.is_(None)
        & ~exists().where(needing.key_digest == Payload.digest)
        & ~exists().where(KeyPage.digest == Payload.digest)
    )


def _alone_of(archive: Archive, source_id: int) -> Iterator[Sequence[bytes]]:
    """Those of a source's addresses, some at a time, those of one address together."""
    last = 0
    while True:
        with archive.reading() as session:
            ids = session.scalars(
                select(Address.id)
                .where(Address.source_id == source_id, Address.id > last)
                .order_by(Address.id)
                .limit(_ADDRESSES)
            ).all()
            if not ids:
                return
            last = ids[-1]
            of_these = Fetch.digest == Payload.digest
            found = session.scalars(
                select(Payload.digest)
                .join(Fetch, of_these)
                .where(Fetch.address_id.in_(ids), _alone())
                .group_by(Payload.digest)
                .order_by(func.min(Fetch.address_id), func.min(Fetch.id))
            ).all()
        for at in range(0, len(found), _BATCH):
            yield found[at : at + _BATCH]


def _compress(
    session: Session,
    source_id: int,
    digests: Sequence[bytes],
    done: Compacted,
    into_database: bool,
) -> None:
    _require_alone(session)
    keys = KeyPages(session, [source_id], lambda digest: load_payload(session, digest))
    rows = session.execute(
        select(Payload.digest, func.length(Payload.data)).where(
            Payload.digest.in_(digests), _alone()
        )
    ).all()
    sizes: dict[bytes, int] = dict(rows)
    bodies = {it: _whole(session, it) for it in digests if it in sizes}
    compressed = {
        digest: keys.compress(source_id, digest, body)
        for digest, body in bodies.items()
        if body is not None
    }
    keyed = {digest: it for digest, it in compressed.items() if it.key is not None}
    places = put_data(
        session, {digest: it.data for digest, it in keyed.items()}, into_database=into_database
    )
    for digest, it in keyed.items():
        session.execute(
            update(Payload)
            .where(Payload.digest == digest)
            .values(key_digest=it.key, **places[digest])
        )
        done.before += sizes[digest]
        done.after += len(it.data)
    done.payloads += len(digests)
    done.keyed += len(keyed)
    keys.save(session)


def _whole(session: Session, digest: bytes) -> bytes | None:
    """The body, None where it is damaged: that stays as it is, for `permalien verify` to tell."""
    try:
        body = load_payload(session, digest)
    except (ZstdError, Damaged):
        return None
    return body if digest_of(body) == digest else None


def _move(archive: Archive, done: Compacted, into_database: bool, progress: Progress) -> None:
    """Have all bytes where the settings say."""
    here = into_database or payload_store() is None
    elsewhere = Payload.object_digest.is_not(None) if here else Payload.object_digest.is_(None)
    with archive.reading() as session:
        whole = session.scalar(select(func.count()).select_from(Payload).where(elsewhere)) or 0
    if here and not into_database:
        return  # the settings name no store: what is in one stays there
    some = select(Payload.digest, Payload.data, Payload.object_digest).where(elsewhere)
    seen, last = 0, b""
    while True:
        with archive.writing() as session:
            _require_alone(session)
            after = some.where(Payload.digest > last).order_by(Payload.digest).limit(_BATCH)
            rows = session.execute(after).all()
            if not rows:
                break
            last = rows[-1].digest
            data: dict[bytes, bytes] = {}
            for it in rows:
                with suppress(Damaged):  # that stays as it is, for `permalien verify` to tell
                    stored = it.object_digest
                    data[it.digest] = it.data if stored is None else get_object(stored)
            for digest, place in put_data(session, data, into_database=into_database).items():
                session.execute(update(Payload).where(Payload.digest == digest).values(**place))
        done.moved += len(data)
        done.damaged += len(rows) - len(data)
        seen += len(rows)
        progress("move", seen, max(whole, seen))


def _require_alone(session: Session) -> None:
    if not try_lock(session, _LOCK):
        raise Refused("another compaction of this archive is under way")
