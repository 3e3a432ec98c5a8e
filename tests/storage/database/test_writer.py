"""The writer: in order, in batches, once, and patient within bounds."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.database.errors import ArchiveUnavailable
from storage.database.writer import MAX_BATCH, MAX_BYTES, MAX_ROWS, Writer
from storage.history.checks import record_checks
from storage.models import Fetch, Frontier, Outcome, Payload, Source
from tests.support.archiving import Desk
from tests.support.databases import PostgreSQLServer
from tests.support.held_writer import Held


@contextmanager
def writing(archive: Archive, patience: float = 20) -> Iterator[Writer]:
    writer = Writer(archive, patience=patience)
    try:
        yield writer
    finally:
        writer.close()


def store(session: Session, numbers: Sequence[int]) -> list[int]:
    """Put a row on record for each number; a number that is there already is refused."""
    session.execute(
        insert(Payload),
        [
            {"digest": number.to_bytes(32), "size": number, "encoding": "zstd", "data": b""}
            for number in numbers
        ],
    )
    return [2 * number for number in numbers]


def stored(archive: Archive) -> list[int]:
    with archive.reading() as session:
        return sorted(session.scalars(select(Payload.size)))


@pytest.mark.parametrize("weight", [{"rows": MAX_ROWS // 3}, {"size": MAX_BYTES // 3}])
def test_a_batch_is_bounded_by_rows_and_bytes(
    sqlite_archive: Archive, weight: dict[str, int]
) -> None:
    with writing(sqlite_archive) as writer:
        held = Held(writer)
        futures = [writer.submit(held.note, number, **weight) for number in range(10)]
        held.let_go()
        assert [future.result(10) for future in futures] == list(range(10))
    assert max(map(len, held.batches)) <= 4


def test_a_result_is_given_once_it_is_durable(archive: Archive) -> None:
    with writing(archive) as writer:
        futures = [writer.submit(store, number) for number in range(10)]
        for number, future in enumerate(futures):
            assert future.result(10) == 2 * number
            assert number in stored(archive)


def test_what_waits_is_written_together_and_in_order(archive: Archive) -> None:
    with writing(archive) as writer:
        held = Held(writer)
        futures = [writer.submit(held.note, number) for number in range(MAX_BATCH + 10)]
        held.let_go()
        assert [future.result(10) for future in futures] == list(range(MAX_BATCH + 10))
    assert held.batches == [
        list(range(MAX_BATCH)),
        list(range(MAX_BATCH, MAX_BATCH + 10)),
    ]


def test_items_of_one_operation_keep_their_order_and_go_together(archive: Archive) -> None:
    log: list[str] = []

    def note(name: str) -> Callable[[Session, Sequence[str]], list[str]]:
        def operation(session: Session, items: Sequence[str]) -> list[str]:
            log.extend(name + item for item in items)
            return list(items)

        return operation

    one, other = note("one "), note("other ")
    with writing(archive) as writer:
        held = Held(writer)
        futures = [writer.submit(op, item) for op, item in [(one, "a"), (other, "b"), (one, "c")]]
        held.let_go()
        for future in futures:
            future.result(10)
    assert log == ["one a", "one c", "other b"]


def test_one_bad_item_costs_itself_alone(archive: Archive) -> None:
    with writing(archive) as writer:
        writer.submit(store, 5).result(10)
        held = Held(writer)
        futures = [writer.submit(store, number) for number in range(10)]
        held.let_go()
        for number, future in enumerate(futures):
            if number == 5:
                with pytest.raises(IntegrityError):
                    future.result(10)
            else:
                assert future.result(10) == 2 * number
        assert writer.submit(store, 10).result(10) == 20
    assert stored(archive) == list(range(11))


def test_an_operation_that_loses_count_is_told_so(archive: Archive) -> None:
    def forget(session: Session, items: Sequence[int]) -> list[int]:
        store(session, items)
        return []

    with writing(archive) as writer:
        with pytest.raises(ValueError, match="0 results for 1"):
            writer.submit(forget, 1).result(10)
        assert writer.submit(store, 2).result(10) == 4
    assert stored(archive) == [2]


def test_what_was_cancelled_is_not_done(archive: Archive) -> None:
    with writing(archive) as writer:
        held = Held(writer)
        futures = [writer.submit(store, number) for number in range(4)]
        assert futures[2].cancel()
        held.let_go()
        assert [future.result(10) for future in futures if not future.cancelled()] == [0, 2, 6]
    assert stored(archive) == [0, 1, 3]


def test_closing_finishes_what_was_submitted(archive: Archive) -> None:
    writer = Writer(archive)
    futures = [writer.submit(store, number) for number in range(200)]
    writer.close()
    assert all(future.done() for future in futures)
    assert stored(archive) == list(range(200))
    writer.close()
    with pytest.raises(RuntimeError, match="closed"):
        writer.submit(store, 1)


class Forgetful(Archive):
    """Loses the answer to every other commit."""

    commits = 0

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with super().writing() as session:
            yield session
        self.commits += 1
        if self.commits % 2:
            lost = OperationalError("COMMIT", {}, Exception("server closed the connection"))
            raise ArchiveUnavailable("no answer") from lost


def failures(desk: Desk, number: int) -> list[Any]:
    """Checks that failed: each recorded twice would count as two failures in a row."""
    return [desk.prepare(f"/{n}", Outcome.FAILED) for n in range(number)]


def assert_recorded_once(archive: Archive, number: int) -> None:
    with archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(Fetch)) == number
        assert session.scalars(select(Frontier.attempts)).all() == [1] * number


def test_a_lost_answer_is_asked_for_again(archive: Archive) -> None:
    checks = failures(Desk(archive), 20)
    forgetful = Forgetful(archive.url.render_as_string(hide_password=False))
    with writing(forgetful) as writer:
        for check in checks:
            assert writer.submit(record_checks, check).result(10).outcome is Outcome.FAILED
    forgetful.close()
    assert forgetful.commits == 40
    assert_recorded_once(archive, 20)


def test_killed_connections_cost_nothing(
    postgresql_archive: Archive, postgresql: PostgreSQLServer
) -> None:
    checks = failures(Desk(postgresql_archive), 80)
    done = threading.Event()

    def kill() -> None:
        name, pause = postgresql_archive.url.database, 0.15
        while not done.wait(pause):
            pause *= 1.2  # a busy machine may take longer than that to write anything
            postgresql.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with writing(postgresql_archive) as writer:
            futures: list[Future[Any]] = []
            for check in checks:
                futures.append(writer.submit(record_checks, check))
                time.sleep(0.01)
            outcomes = {future.result(120).outcome for future in futures}
    finally:
        done.set()
        killer.join()
    assert outcomes == {Outcome.FAILED}
    assert_recorded_once(postgresql_archive, 80)


def test_a_lock_is_waited_for(sqlite_archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.archive.BUSY_TIMEOUT", 0.05)
    hurried = Archive(sqlite_archive.url.render_as_string())
    with writing(hurried) as writer:
        with sqlite_archive.writing() as session:
            session.execute(text("SELECT 1"))
            future = writer.submit(store, 1)
            time.sleep(0.5)
            assert not future.done()
        assert future.result(10) == 2
    hurried.close()


@pytest.mark.parametrize("patience", [0.0, 0.5])
def test_a_database_that_stays_away_is_given_up(patience: float) -> None:
    away = Archive("postgresql://nobody@127.0.0.1:1/archive")
    tried: list[object] = []
    event.listen(away.engine, "do_connect", lambda *given: tried.append(given))
    began = time.monotonic()
    with writing(away, patience) as writer:
        with pytest.raises(ArchiveUnavailable, match="check that it runs"):
            writer.submit(store, 1).result(60)
        assert patience * 0.5 < time.monotonic() - began
        assert tried
        tried.clear()
        with pytest.raises(ArchiveUnavailable):
            writer.submit(store, 2).result(60)
    assert tried == []
    away.close()


def test_a_read_waits_for_no_write(archive: Archive) -> None:
    desk = Desk(archive)
    writer = Writer(archive)
    under_way, go_on = threading.Event(), threading.Event()

    def write(session: Session) -> None:
        session.get_one(Source, desk.source.id).notes = "written"
        session.flush()
        under_way.set()
        assert go_on.wait(30)

    writing = writer.call(write)
    assert under_way.wait(30)
    notes = writer.read(lambda session: session.get_one(Source, desk.source.id).notes)
    assert notes.result(30) is None
    go_on.set()
    writing.result(30)
    notes = writer.read(lambda session: session.get_one(Source, desk.source.id).notes)
    assert notes.result(30) == "written"
    writer.close()
    with pytest.raises(RuntimeError):
        writer.read(lambda session: None)
