from sqlalchemy import select

from storage.database.archive import Archive
from storage.history.looks import (
    LOOK_AGAIN,
    Before,
    Look,
    looks_before,
    record_reachable,
    record_undecided,
    record_unreachable,
)
from storage.ledger.findings import latest_findings
from storage.models import Frontier, Meaning, Source
from tests.support.archiving import Desk


def before(desk: Desk, path: str) -> Before:
    with desk.archive.reading() as session:
        return looks_before(session, desk.address(path), 2**62)


def undecided(desk: Desk, text: str) -> int:
    """A look that differs, of which too little can be told; its fetch id."""
    check, _ = desk.check("/a", body=desk.body("Title", text))
    with desk.archive.writing() as session:
        look = Look(check.fetch_id, check.address_id, check.fetched_at, "too few pages", 0.6)
        record_undecided(session, [look])
    return check.fetch_id


def test_what_was_known_is_the_page_that_was_shown_last(archive: Archive) -> None:
    desk = Desk(archive)
    first = desk.read("/a", "Title", "One")
    again = desk.read("/a", "Title", "One", advert="another")
    assert first is not None
    assert again is not None
    known = before(desk, "/a")
    assert (known.version_id, known.fetched_at) == (first.version_id, desk.now)
    assert (known.waited, known.pending_id) == (0, None)


def test_what_is_not_decided_is_looked_at_again_soon(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One")
    shown = before(desk, "/a")
    fetch_id = undecided(desk, "Two")
    with archive.reading() as session:
        row = session.scalars(select(Frontier).where(Frontier.pending_fetch_id.is_(None))).one()
        assert row.due_at == desk.now + LOOK_AGAIN
        assert row.digest is None
        finding = latest_findings(session, [fetch_id])[fetch_id]
    assert (finding.meaning, finding.confidence) == (Meaning.UNDECIDED, 0.6)
    latest = undecided(desk, "Two")
    known = before(desk, "/a")
    assert (known.fetch_id, known.version_id) == (shown.fetch_id, shown.version_id)
    assert (known.waited, known.pending_id) == (2, latest)


def test_a_source_is_unreachable_until_a_page_shows_its_article(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One")
    check, _ = desk.check("/a", body=b'["", "", null, "down"]')
    look = Look(check.fetch_id, check.address_id, check.fetched_at, "no page shows its own")
    with archive.writing() as session:
        for since in (desk.now, desk.now + LOOK_AGAIN):
            record_unreachable(session, desk.source.id, [look], since)
        assert session.scalar(select(Source.unreachable_since)) == desk.now
        record_reachable(session, desk.source.id)
        assert session.scalar(select(Source.unreachable_since)) is None
