"""Payloads in a directory or an S3-compatible store: there before a row says so, and checked."""

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from storage import schema
from storage.compaction import compact
from storage.database.archive import Archive
from storage.database.errors import BadSetting, Damaged, StoreUnavailable
from storage.database.settings import PAYLOADS_VARIABLE
from storage.ledger.compression import PreparedKeys
from storage.ledger.payload_store import Directory, digest_named, payload_store
from storage.ledger.payloads import digest_of, load_payload, store_payloads
from storage.ledger.store_owner import take
from storage.models import ArchiveIdentity, Payload
from storage.orphans import collect
from tests.storage.ledger.test_key_pages import pages, store
from tests.support.s3 import s3_server

__all__ = ["s3_server", "store"]


@pytest.fixture(params=["file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings' payload store, of each kind."""
    if request.param == "file":
        place = (tmp_path / "pay loads").as_uri()
    else:
        request.getfixturevalue("s3_server")
        place = f"s3://archive/{tmp_path.name}"
    monkeypatch.setenv(PAYLOADS_VARIABLE, place)
    return place


def no_progress(*_told: object) -> None:
    pass


def test_pages_go_there_and_come_back(
    url: str, archive: Archive, store: Callable[..., list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = store(pages("plain", 6), at_once=True)
    with archive.reading() as session:
        rows = session.execute(select(Payload)).scalars().all()
        assert {it.data for it in rows} == {b""}
        names = {it.object_digest for it in rows}
        assert sum(it.key_digest is not None for it in rows) == 5
    there = payload_store()
    assert there is not None
    assert {digest for digest, _ in there.list()} == names
    monkeypatch.delenv(PAYLOADS_VARIABLE)
    with archive.reading() as session, pytest.raises(BadSetting, match=PAYLOADS_VARIABLE):
        load_payload(session, digests[0])


def test_what_is_other_or_gone_is_told(
    url: str, archive: Archive, store: Callable[..., list[bytes]]
) -> None:
    one, other = store(iter([b"one", b"other"]))
    there = payload_store()
    assert there is not None
    with archive.reading() as session:
        names = dict(session.execute(select(Payload.digest, Payload.object_digest)).all())
        there.put({names[one] or b"": b"forged"})
        there.delete([names[other] or b""])
        for digest in (one, other):
            with pytest.raises(Damaged, match=(names[digest] or b"").hex()):
                load_payload(session, digest)


def test_orphans_go_after_their_grace_and_nothing_else_does(
    url: str, archive: Archive, store: Callable[..., list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = store(pages("plain", 4))
    body = b"of a transaction that is rolled back"
    with archive.writing() as session:
        store_payloads(session, {digest_of(body): body})
        session.rollback()
    assert collect(archive, grace=timedelta(hours=1)).young == 5
    dry = collect(archive, grace=timedelta(), dry_run=True)
    done = collect(archive, grace=timedelta())
    assert (dry.orphans, done.orphans, done.objects) == (1, 1, 5)
    assert collect(archive, grace=timedelta()).objects == 4
    with archive.reading() as session:
        assert [digest_of(load_payload(session, it)) for it in digests] == digests


def test_compaction_moves_them_there_and_back(
    url: str, archive: Archive, store: Callable[..., list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PAYLOADS_VARIABLE)
    digests = store(pages("plain", 25))
    monkeypatch.setenv(PAYLOADS_VARIABLE, url)

    def in_store() -> int:
        with archive.reading() as session:
            assert [digest_of(load_payload(session, it)) for it in digests] == digests
            stored = Payload.object_digest.is_not(None)
            return session.scalar(select(func.count()).where(stored)) or 0

    assert in_store() == 0
    assert compact(archive, progress=no_progress).moved == 25
    assert in_store() == 25
    assert compact(archive, progress=no_progress).moved == 0
    assert compact(archive, into_database=True, progress=no_progress).moved == 25
    assert in_store() == 0
    assert collect(archive, grace=timedelta()).orphans == 25


def test_a_page_that_the_store_lacks_holds_up_no_other(
    url: str, archive: Archive, store: Callable[..., list[bytes]]
) -> None:
    digests = store(pages("plain", 25))
    there = payload_store()
    assert there is not None
    with archive.reading() as session:
        names = dict(session.execute(select(Payload.digest, Payload.object_digest)).all())
    there.delete([names[min(digests[1:])] or b""])
    done = compact(archive, into_database=True, progress=no_progress)
    assert (done.moved, done.damaged) == (24, 1)
    with archive.reading() as session:
        left = select(Payload.digest).where(Payload.object_digest.is_not(None))
        assert session.scalars(left).all() == [min(digests[1:])]


def test_a_key_in_the_store_is_found_again(
    url: str, archive: Archive, store: Callable[..., list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = store(pages("plain", 3))
    for module in ("payloads", "key_pages"):
        monkeypatch.setattr(f"storage.ledger.{module}.prepared_keys", PreparedKeys())
    later = store(pages("plain", 6))[3:]
    with archive.reading() as session:
        keys = select(Payload.key_digest).where(Payload.digest.in_(later)).distinct()
        assert session.scalars(keys).all() == [first]


def test_a_store_that_is_away_costs_the_transaction(
    tmp_path: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    monkeypatch.setenv(PAYLOADS_VARIABLE, (tmp_path / "file").as_uri())
    with (
        pytest.raises(StoreUnavailable, match="check that it is there"),
        archive.writing() as session,
    ):
        store_payloads(session, {digest_of(b"page"): b"page"})
    with archive.reading() as session:
        assert session.scalars(select(Payload)).all() == []


@pytest.mark.parametrize(
    "setting", ["payloads", "file://host/x", "file:///", "s3:///prefix", "http://example.org/x"]
)
def test_what_is_no_store_is_told(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PAYLOADS_VARIABLE, setting)
    with pytest.raises(BadSetting, match="put it as file:///FOLDER or s3://BUCKET/PREFIX"):
        payload_store()


def test_a_row_names_no_place(
    tmp_path: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands in a row, a path is made of the digits of bytes alone."""
    monkeypatch.setenv(PAYLOADS_VARIABLE, (tmp_path / "payloads").as_uri())
    (tmp_path / "payloads").mkdir()
    with archive.writing() as session:
        store_payloads(session, {digest_of(b"page"): b"page"})
        session.execute(update(Payload).values(object_digest=b"/../../etc/passwd"))
    with archive.reading() as session, pytest.raises(Damaged):
        load_payload(session, digest_of(b"page"))


def test_a_directory_lists_its_own_alone(tmp_path: Path) -> None:
    directory = Directory(tmp_path / "payloads")
    began = datetime.now(UTC) - timedelta(seconds=5)
    objects = {digest_of(it): it for it in (b"a", b"b", b"c")}
    directory.put(objects)
    for other in ("readme.txt", ".x.part", "AB" * 32, "zz" * 32):
        (tmp_path / "payloads" / digest_of(b"a").hex()[:2] / other).write_bytes(b"")
    (tmp_path / "payloads" / "notes").write_bytes(b"")
    found = dict(directory.list())
    assert set(found) == set(objects)
    assert all(it > began for it in found.values())
    assert {it: directory.get(it) for it in objects} == objects
    assert digest_named("../" + "a" * 61) is None
    directory.sweep(began)
    assert len(list((tmp_path / "payloads").rglob("*.part"))) == 1
    directory.sweep(datetime.now(UTC) + timedelta(seconds=5))
    assert list((tmp_path / "payloads").rglob("*.part")) == []
    assert set(dict(directory.list())) == set(objects)
    modes = {stat.S_IMODE(it.stat().st_mode) for it in (tmp_path / "payloads").rglob("*")}
    assert os.name != "posix" or all(not mode & 0o022 for mode in modes)


def test_a_store_is_one_archives(
    url: str,
    archive: Archive,
    new_archive: Archive,
    store: Callable[..., list[bytes]],
) -> None:
    first, *_ = store(pages("plain", 3))
    schema.upgrade(new_archive)

    def keep(body: bytes) -> None:
        with new_archive.writing() as session:
            store_payloads(session, {digest_of(body): body})

    for refused in (
        lambda: keep(b"of the other"),
        lambda: collect(new_archive, grace=timedelta()),
        lambda: collect(new_archive, grace=timedelta(), dry_run=True),
    ):
        with pytest.raises(BadSetting, match=r"another archive's .*take-store"):
            refused()
    with archive.reading() as session:
        assert digest_of(load_payload(session, first)) == first
    there = payload_store()
    assert there is not None
    assert len(list(there.list())) == 3
    with new_archive.reading() as session, archive.reading() as own:
        assert take(session, there) == own.scalars(select(ArchiveIdentity.id)).one()
    keep(b"of the other")
    with pytest.raises(BadSetting, match="another archive's"):
        collect(archive, grace=timedelta())
