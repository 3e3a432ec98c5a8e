from sqlalchemy import insert, select

from storage.database.archive import Archive
from storage.database.dialects import insert_new, new_ids
from storage.models import Article, Payload
from tests.support.archiving import Desk

ROW = {"digest": b"\0" * 32, "size": 1, "encoding": "zstd", "data": b"first"}


def test_what_is_there_already_stays(archive: Archive) -> None:
    with archive.writing() as session:
        session.execute(insert_new(session, Payload), [ROW])
        session.execute(insert_new(session, Payload), [ROW | {"data": b"second"}])
        assert session.scalars(select(Payload.data)).all() == [b"first"]


def test_new_ids_are_nobody_elses(archive: Archive) -> None:
    desk = Desk(archive)
    for path in ("/a", "/b"):
        desk.read(path, path, "Text")
    with archive.writing() as session:
        ids = new_ids(session, Article, 3)
        assert len(set(ids)) == 3
        assert not set(ids) & set(session.scalars(select(Article.id)))
        session.execute(
            insert(Article),
            [
                {
                    "id": identity,
                    "source_id": desk.source.id,
                    "url": f"https://example.org/{identity}",
                    "first_seen_at": desk.now,
                }
                for identity in ids
            ],
        )
    # The database's own next one goes on behind them.
    recorded = desk.read("/c", "/c", "Text")
    assert recorded is not None
    assert recorded.article_id not in ids
