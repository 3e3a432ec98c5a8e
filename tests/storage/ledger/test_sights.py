"""What a source's addresses showed, page by page."""

from storage.database.archive import Archive
from storage.ledger.sights import first_sights_of, sights_since
from storage.models import Outcome
from tests.support.archiving import Desk


def test_pages_since_a_time_and_the_last_before(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/old", "Old", "Not looked at since.")
    desk.read("/a", "Title", "One")
    desk.read("/a", "Title", "Two")
    two = desk.now
    desk.now = since = desk.now.replace(hour=23)
    desk.read("/a", "Title", "Three")
    three = desk.now
    desk.check("/a", Outcome.UNCHANGED)
    desk.check("/a", Outcome.GONE, body=b"gone")
    desk.read("/a", "Title", "Four")
    desk.read("/new", "New", "Seen once.")
    with archive.reading() as session:
        found = sights_since(session, desk.source.id, since)
        (seen,) = found.values()
        assert [it.fetched_at for it in seen[:2]] == [two, three]
        assert len(seen) == 3
        last = desk.history("/a")[-1]
        assert [it.fetch_id for it in first_sights_of(session, [last.version_id])] == [
            last.fetch_id
        ]
