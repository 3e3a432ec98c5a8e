"""Days that are over are closed, once, whole, and chained."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from storage.database.archive import Archive
from storage.frontier.removal import remove_with_record
from storage.models import Content, DayRoot, Fetch, Leaf, Source, Unsealed, Version
from storage.proof import sealing
from storage.proof.leaves import documents_of, forget, hash_of
from storage.proof.merkle import root_by_path
from storage.proof.sealing import NO_DAY, chained_digest, path_of, root_of_day, seal, waiting
from tests.support.archiving import Desk
from tests.support.proving import close_day, recorded_on

TODAY = datetime.now(UTC).date()
DAYS = [TODAY - timedelta(days=number) for number in (9, 8, 5)]


def roots(archive: Archive) -> list[DayRoot]:
    with archive.reading() as session:
        return list(session.scalars(select(DayRoot).order_by(DayRoot.day)))


def leaves(archive: Archive) -> list[Leaf]:
    with archive.reading() as session:
        return list(session.scalars(select(Leaf).order_by(Leaf.day, Leaf.position)))


def test_all_that_was_recorded_is_a_leaf_once(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "The first wording")
    desk.read("/a", "Title", "The second wording")
    close_day(archive, DAYS[0])
    desk.read("/a", "Title", "The first wording")  # a version more, of a content that is there
    close_day(archive, DAYS[1])
    seal(archive)
    first, second = roots(archive)
    assert (first.day, first.leaves, second.day, second.leaves) == (DAYS[0], 6, DAYS[1], 2)
    assert first.chained == chained_digest(NO_DAY, DAYS[0], 6, first.root)
    assert second.chained == chained_digest(first.chained, DAYS[1], 2, second.root)
    found = leaves(archive)
    with archive.reading() as session:
        assert sorted(it.fetch_id for it in found if it.fetch_id) == sorted(
            session.scalars(select(Fetch.id))
        )
        assert {it.version_id for it in found} == {None, *session.scalars(select(Version.id))}
        assert {it.content_digest for it in found} == {
            None, *session.scalars(select(Content.digest)),
        }  # fmt: skip
        for leaf, document in zip(found, documents_of(session, found), strict=True):
            assert document is not None
            assert leaf.salt is not None
            assert leaf.hash == hash_of(leaf.salt, document)
            day = first if leaf.day == DAYS[0] else second
            path = path_of(session, leaf, day.leaves)
            assert root_by_path(leaf.hash, leaf.position, day.leaves, path) == day.root
    assert len({it.salt for it in found}) == len(found)


def test_today_is_not_over_and_what_comes_late_opens_no_day_again(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "The first wording")
    seal(archive)
    assert (roots(archive), leaves(archive)) == ([], [])
    close_day(archive, DAYS[1])
    before = roots(archive)
    desk.read("/a", "Title", "What a slow transaction made durable late")
    recorded_on(archive, DAYS[0])
    seal(archive)
    assert roots(archive)[0].root == before[0].root
    assert [it.day for it in roots(archive)] == [DAYS[1], DAYS[1] + timedelta(days=1)]
    with archive.reading() as session:
        assert waiting(session) == 0
        assert root_of_day(session, DAYS[1]) == before[0].root


def test_what_was_left_half_done_is_gone_on_with(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_BATCH", 2)
    desk = Desk(archive)
    desk.read("/a", "Title", "The first wording")
    desk.read("/b", "Title", "The wording of another")
    recorded_on(archive, DAYS[0])

    class Killed(Exception):
        pass

    def kill(_sealed: object) -> None:
        raise Killed

    steps = 0
    while True:
        try:
            seal(archive, progress=kill)
        except Killed:
            steps += 1
            assert len(roots(archive)) == (1 if steps == 4 else 0)
            continue
        break
    assert steps == 4
    (day,) = roots(archive)
    assert (day.leaves, [it.position for it in leaves(archive)]) == (6, list(range(6)))
    assert {it.day for it in leaves(archive)} == {DAYS[0]}


def test_what_was_removed_before_its_day_was_over_has_no_leaf(archive: Archive) -> None:
    desk = Desk(archive)
    check, _ = desk.check("/a", body=b"a page")
    with archive.writing() as session:
        session.add(Unsealed(fetch_id=1, recorded_at=datetime.now(UTC)))
        session.add(Unsealed(content_digest=b"1" * 32, recorded_at=datetime.now(UTC)))
    close_day(archive, DAYS[0])
    assert [it.fetch_id for it in leaves(archive)] == [check.fetch_id]
    with archive.writing() as session:
        session.add(Unsealed(fetch_id=1, recorded_at=datetime.now(UTC)))
    close_day(archive, DAYS[1])
    assert len(roots(archive)) == 1


def test_salts_and_digests_are_destroyed_and_the_tree_holds(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "What a court wants away")
    desk.read("/b", "Title", "What stays")
    close_day(archive, DAYS[0])
    desk.read("/a", "Title", "What a court wants away too")
    gone = leaves(archive)[:3]
    with archive.writing() as session:
        waited = waiting(session)
        digest = session.scalar(
            select(Unsealed.content_digest).where(Unsealed.content_digest.is_not(None))
        )
        assert digest is not None
        forget(
            session,
            fetches=[it.fetch_id for it in gone if it.fetch_id],
            versions=[it.version_id for it in gone if it.version_id],
            contents=[digest, *(it.content_digest for it in gone if it.content_digest)],
        )
        assert waiting(session) == waited - 1
    after = leaves(archive)
    assert [it.hash for it in after[:3]] == [it.hash for it in gone]
    assert [(it.salt, it.content_digest) for it in after[:3]] == [(None, None)] * 3
    assert all(it.salt for it in after[3:])
    with archive.reading() as session:
        assert root_of_day(session, DAYS[0]) == roots(archive)[0].root


def test_a_source_that_is_removed_leaves_hashes_alone(archive: Archive) -> None:
    kept, gone = Desk(archive), Desk(archive, "https://example.net/", run_id=2)
    kept.read("/a", "Title", "What stays")
    gone.read("/a", "Title", "What goes")
    close_day(archive, DAYS[0])
    before = leaves(archive)
    with archive.writing() as session:
        remove_with_record(session, session.get_one(Source, gone.source.id), gone.now)
    after = leaves(archive)
    assert [it.hash for it in after] == [it.hash for it in before]
    assert sorted(it.salt is None for it in after) == [False] * 3 + [True] * 3
    assert len([it for it in after if it.content_digest is not None]) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE leaf SET hash = salt",
        "UPDATE leaf SET salt = hash",
        "UPDATE leaf SET position = position + 100",
        "DELETE FROM leaf",
        "UPDATE day_root SET root = chained",
        "DELETE FROM day_root",
    ],
)
def test_the_log_never_changes(archive: Archive, statement: str) -> None:
    Desk(archive).read("/a", "Title", "The wording")
    close_day(archive, DAYS[0])
    with (
        pytest.raises(DBAPIError, match=r"never changes|never deleted"),
        archive.engine.begin() as connection,
    ):
        connection.execute(text(statement))


def test_days_that_nobody_closed_are_closed_one_by_one(archive: Archive) -> None:
    desk = Desk(archive)
    for day in DAYS:
        desk.read("/a", "Title", f"The wording of {day}")
        with archive.writing() as session:
            at = datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC)
            newest = select(func.max(Unsealed.id)).scalar_subquery()
            session.execute(update(Unsealed).where(Unsealed.id > newest - 3).values(recorded_at=at))
    seal(archive)
    assert [(it.day, it.leaves) for it in roots(archive)] == [(day, 3) for day in DAYS]
