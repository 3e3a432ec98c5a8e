"""Pages in the payload store before the transaction that names them: who else writes waits for no
store, and no object goes that is about to have its row."""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from crawler.recording.checks import RECORDING
from storage.database.archive import Archive
from storage.database.settings import PAYLOADS_VARIABLE
from storage.database.writer import Writer
from storage.frontier.sources import add_source
from storage.ledger.payload_store import Directory
from storage.ledger.payloads import digest_of, load_payload, store_payloads
from storage.ledger.staging import Bodies, staged
from storage.models import Payload
from storage.orphans import collect
from tests.storage.ledger.test_key_pages import pages, store
from tests.support.archiving import START, Desk

__all__ = ["store"]

PAGE = b"<p>A page</p>" * 100


@pytest.fixture(autouse=True)
def objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Directory:
    """The payload store of the settings."""
    folder = tmp_path / "payloads"
    monkeypatch.setenv(PAYLOADS_VARIABLE, folder.as_uri())
    return Directory(folder)


def of(*bodies: bytes, source_id: int | None = None) -> Callable[[Any], Bodies]:
    by_digest = {digest_of(it): it for it in bodies}
    sources = {} if source_id is None else dict.fromkeys(by_digest, source_id)
    return lambda session: Bodies(by_digest, sources)


def count(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(Payload)) or 0


def test_others_write_while_the_store_is_slow(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.archive.BUSY_TIMEOUT", 1)
    desk, put = Desk(archive), Directory.put
    written: list[int] = []
    checks = [desk.prepare(f"/{number}", body=b"%d" % number + PAGE) for number in range(3)]
    other = Archive(archive.url.render_as_string(hide_password=False))

    def slow_put(directory: Directory, given: Mapping[bytes, bytes]) -> None:
        with other.writing() as session:  # on SQLite that waits for whoever is writing
            add_source(session, f"https://other-{len(written)}.example/", now=START)
        written.append(len(given))
        put(directory, given)

    monkeypatch.setattr(Directory, "put", slow_put)
    writer = Writer(archive)
    for future in [writer.submit(RECORDING, it) for it in checks]:
        assert future.result(60).extract
    writer.close()
    other.close()
    assert sum(written) == 3
    with archive.reading() as session:
        assert {load_payload(session, digest_of(it.body or b"")) for it in checks} == {
            it.body for it in checks
        }


def test_no_orphan_is_collected_while_pages_are_stored(
    archive: Archive, objects: Directory
) -> None:
    began, ended = threading.Event(), threading.Event()

    def collecting() -> None:
        began.set()
        collect(archive, grace=timedelta())
        ended.set()

    thread = threading.Thread(target=collecting)
    with staged(archive, of(PAGE)) as ready:
        assert len(list(objects.list())) == 1
        thread.start()
        assert began.wait(10)
        assert not ended.wait(0.5)
        with archive.writing() as session:
            store_payloads(session, {digest_of(PAGE): PAGE}, staged=ready)
    thread.join(60)
    assert ended.is_set()
    with archive.reading() as session:
        assert load_payload(session, digest_of(PAGE)) == PAGE


def test_what_is_staged_and_not_stored_is_an_orphan(archive: Archive) -> None:
    other = PAGE + b"as it may be kept"
    with staged(archive, of(PAGE)) as ready, archive.writing() as session:
        store_payloads(session, {digest_of(other): other}, staged=ready)
    with archive.reading() as session:
        assert session.scalars(select(Payload.digest)).all() == [digest_of(other)]
        assert load_payload(session, digest_of(other)) == other
    assert collect(archive, grace=timedelta()).orphans == 1


def test_pages_are_compressed_against_keys_of_their_source(
    archive: Archive, store: Callable[..., list[bytes]]
) -> None:
    first, *_ = store(pages("plain", 3))
    with archive.reading() as session:
        source_id, _ = add_source(session, "https://a.example/", now=START)
    bodies = list(pages("plain", 6))[3:]
    given = {digest_of(it): it for it in bodies}
    with staged(archive, of(*bodies, source_id=source_id.id)) as ready:
        assert ready is not None
        assert {it.key for it in ready.compressed.values()} == {first}
        with archive.writing() as session:
            store_payloads(session, given, staged=ready)
    with archive.reading() as session:
        assert {it: load_payload(session, it) for it in given} == given
        keys = select(Payload.key_digest).where(Payload.digest.in_(given)).distinct()
        assert session.scalars(keys).all() == [first]


def test_a_key_that_is_none_any_more_is_not_used(
    archive: Archive, store: Callable[..., list[bytes]]
) -> None:
    (first,) = store(pages("plain", 1))
    (another,) = store(pages("other", 1), "b")
    with archive.reading() as session:
        source, _ = add_source(session, "https://a.example/", now=START)
    body = list(pages("plain", 2))[1]
    with (
        staged(archive, of(body, source_id=source.id)) as ready,
        archive.writing() as session,
    ):
        assert ready is not None
        assert ready.compressed[digest_of(body)].key == first
        session.execute(update(Payload).where(Payload.digest == first).values(key_digest=another))
        store_payloads(session, {digest_of(body): body}, staged=ready)
        key = select(Payload.key_digest).where(Payload.digest == digest_of(body))
        assert session.scalar(key) != first
    assert count(archive) == 3
