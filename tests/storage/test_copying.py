"""From SQLite to PostgreSQL and back: the same archive."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text

from storage import copying, schema
from storage.copying import DERIVED, copy_archive
from storage.database.archive import Archive
from storage.database.errors import Refused
from storage.frontier.removal import remove_with_record
from storage.frontier.sources import add_source
from storage.history.identity_undoing import undo
from storage.history.reextractions import begin
from storage.ledger.payloads import load_payload
from storage.ledger.runs import start_run
from storage.models import (
    Base,
    DayRoot,
    Fetch,
    Leaf,
    Payload,
    Source,
    TimestampToken,
    Unsealed,
)
from storage.search.options import Options, Sort
from tests.storage.frontier.test_removal import everything, fill
from tests.support.archiving import START, Desk
from tests.support.databases import PostgreSQLServer, fresh_database
from tests.support.searching import search

FURNITURE = " ".join(f"<i class={n * n}>" for n in range(400)).encode()


def quietly(_name: str, _done: int, _whole: int) -> None:
    pass


@pytest.fixture(params=["sqlite"])
def filled(request: pytest.FixtureRequest) -> Archive:
    """An archive with something in every table."""
    archive: Archive = request.getfixturevalue(f"{request.param}_archive")
    fill(archive, "https://example.org/")
    fill(archive, "https://example.net/")
    desk = Desk(archive, "https://example.info/", run_id=4)
    for number in range(3):
        desk.check(f"/{number}", body=FURNITURE + b"%d" % number)
    gone = Desk(archive, "https://example.com/", run_id=3)
    gone.read("/a", "Title", "What goes with its source")
    with archive.writing() as session:
        digest = b"0" * 32
        fetch_id = session.scalar(select(func.min(Fetch.id)))
        session.add(Leaf(day=START.date(), position=0, fetch_id=fetch_id, salt=digest, hash=digest))
        session.add(
            DayRoot(day=START.date(), leaves=1, root=digest, chained=digest, closed_at=START)
        )
        session.flush()
        session.execute(delete(Unsealed).where(Unsealed.fetch_id == fetch_id))
        session.add(
            TimestampToken(
                day=START.date(),
                authority="https://tsa.example/",
                stamped_at=START,
                token=digest,
                recorded_at=START,
            )
        )
        remove_with_record(session, session.get_one(Source, gone.source.id), START)
        run_id = start_run(session, software="1", settings={}, now=START)
        begin(session, run_id, extractor="11", asked={}, total=4)
    return archive


@pytest.fixture(params=["postgresql"])
def target(
    request: pytest.FixtureRequest, tmp_path: Path, postgresql: PostgreSQLServer
) -> Iterator[Archive]:
    """A database that holds nothing."""
    if request.param == "sqlite":
        archive = Archive(f"sqlite:///{tmp_path / 'copy.db'}")
        yield archive
        archive.close()
        return
    with fresh_database(postgresql) as url:
        archive = Archive(url)
        yield archive
        archive.close()


both_ways = pytest.mark.parametrize(
    ("filled", "target"), [("sqlite", "postgresql"), ("postgresql", "sqlite")], indirect=True
)


def without_derived(archive: Archive) -> dict[str, list[Any]]:
    with archive.reading() as session:
        return {
            table.name: sorted(
                (tuple(row) for row in session.execute(select(table))),
                key=lambda row: repr(row[:3]),
            )
            for table in Base.metadata.sorted_tables
            if table.name not in DERIVED
        }


@both_ways
def test_every_table_is_copied_and_is_the_same(filled: Archive, target: Archive) -> None:
    told: list[tuple[str, int, int]] = []
    copied = copy_archive(filled, target, progress=lambda *it: told.append(it))
    assert {it.table for it in copied} | DERIVED == set(Base.metadata.tables)
    assert all(it.rows for it in copied), [it.table for it in copied if not it.rows]
    assert without_derived(target) == without_derived(filled)
    assert told[-1][1] == told[-1][2] == 2 * sum(it.rows for it in copied)
    found = []
    for archive in (filled, target):
        found.append(search(archive, "wording", Options(sort=Sort.NEWEST)))
        with archive.reading() as session:
            for table in DERIVED:
                assert session.scalar(text(f'SELECT count(*) FROM "{table}"'))
    assert found[0] == found[1] != []
    with target.reading() as session:
        keyed = session.scalars(select(Payload.digest).where(Payload.key_digest.is_not(None))).all()
        assert {load_payload(session, it) for it in keyed} == {
            FURNITURE + it for it in (b"1", b"2")
        }
    # It is an archive to go on with: new rows get new ids, and what was decided can be undone.
    with target.writing() as session:
        source, new = add_source(session, "https://example.com/", now=START)
        assert new
        assert source.id > max(session.scalars(select(Source.id).where(Source.id != source.id)))
        undo(session, None, now=START)


def test_a_row_that_refers_to_a_later_one(filled: Archive, target: Archive) -> None:
    """Of two articles either may be merged into the other."""
    with filled.reading() as session:
        pairs = session.execute(
            text("SELECT id, merged_into_id FROM article WHERE merged_into_id IS NOT NULL")
        ).all()
    assert any(into > merged for merged, into in pairs)
    copy_archive(filled, target, progress=quietly)
    assert without_derived(target)["article"] == without_derived(filled)["article"]


def test_a_database_that_holds_something_is_left_alone(filled: Archive, target: Archive) -> None:
    schema.ensure(target)
    with target.writing() as session:
        add_source(session, "https://example.com/", now=START)
    before = everything(target)
    with pytest.raises(Refused, match="holds an archive already, in table source"):
        copy_archive(filled, target, progress=quietly)
    assert everything(target) == before


def test_a_copy_onto_itself_is_refused(filled: Archive) -> None:
    again = Archive(filled.url.render_as_string(hide_password=False))
    with pytest.raises(Refused, match="holds an archive already"):
        copy_archive(filled, again, progress=quietly)
    again.close()


def test_a_copy_that_was_stopped_left_nothing_and_can_be_begun_again(
    filled: Archive, target: Archive
) -> None:
    def stop(name: str, _done: int, _whole: int) -> None:
        if name == "check version":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_archive(filled, target, progress=stop)
    assert not any(without_derived(target).values())
    copy_archive(filled, target, progress=quietly)
    assert without_derived(target) == without_derived(filled)


def test_a_copy_that_is_not_the_same_is_not_kept(
    filled: Archive, target: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = copying.insert_rows

    def forgetful(session: Any, table: Any, values: list[dict[str, Any]]) -> None:
        if table.name == "finding":
            values[0]["reason"] = "another"
        original(session, table, values)

    monkeypatch.setattr(copying, "insert_rows", forgetful)
    with pytest.raises(Refused, match="table finding is not the same"):
        copy_archive(filled, target, progress=quietly)
    assert not any(without_derived(target).values())


@both_ways
def test_what_is_written_meanwhile_is_not_in_the_copy(filled: Archive, target: Archive) -> None:
    other = Archive(filled.url.render_as_string(hide_password=False))
    before = without_derived(filled)

    def write(_name: str, done: int, _whole: int) -> None:
        if not written:
            written.append(done)
            with other.writing() as session:
                add_source(session, "https://example.com/", now=START)

    written: list[int] = []
    copy_archive(filled, target, progress=write)
    other.close()
    assert written
    assert without_derived(target) == before


def test_a_row_that_the_other_database_refuses(
    sqlite_archive: Archive, postgresql: PostgreSQLServer
) -> None:
    with sqlite_archive.writing() as session:
        add_source(session, "https://example.org/", now=START)
        session.execute(text("UPDATE source SET cadence = 99999999999"))
    with fresh_database(postgresql) as url:
        target = Archive(url)
        with pytest.raises(Refused, match="table source: the other database refuses a row"):
            copy_archive(sqlite_archive, target, progress=quietly)
        target.close()
