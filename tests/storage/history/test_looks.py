from sqlalchemy import select, update

from storage.database.archive import Archive
from storage.history.checks import record_checks
from storage.history.looks import (
    LOOK_AGAIN,
    Before,
    Look,
    looks_before,
    record_reachable,
    record_undecided,
    record_unreachable,
)
from storage.history.presence import Removal, record_removals
from storage.ledger.day_counts import Measure
from storage.ledger.findings import latest_findings
from storage.models import Address, ArticleState, Frontier, Meaning, Outcome, Source, SourceDay
from tests.support.archiving import Desk


def before(desk: Desk, path: str) -> Before:
    with desk.archive.reading() as session:
        return looks_before(session, desk.address(path), 2**62)


def joins(desk: Desk, path: str, article_id: int) -> None:
    """Make the address lead to that article."""
    address_id = desk.address(path)
    with desk.archive.writing() as session:
        session.execute(
            update(Address).where(Address.id == address_id).values(article_id=article_id)
        )


def undecided(desk: Desk, text: str, *, path: str = "/a") -> int:
    """A look that differs, of which too little can be told; its fetch id."""
    check, _ = desk.check(path, body=desk.body("Title", text))
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


def test_a_look_that_is_not_decided_is_counted_once(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One")
    undecided(desk, "Two")
    with archive.reading() as session:
        fetched = SourceDay.measure == Measure.PAGE_FETCHED
        assert session.scalar(select(SourceDay.count).where(fetched)) == 2


def test_a_source_is_unreachable_until_a_page_shows_its_article(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One")
    check, _ = desk.check("/a", body=b'["", "", null, "down"]')
    look = Look(check.fetch_id, check.address_id, check.fetched_at, "no page shows its own")
    with archive.writing() as session:
        for since in (desk.now, desk.now + LOOK_AGAIN):
            record_unreachable(session, desk.source.id, [look], since)
        assert session.scalar(select(Source.unreachable_since)) == desk.now
        record_reachable(session, [desk.source.id])
        assert session.scalar(select(Source.unreachable_since)) is None


def test_what_a_moved_article_is_compared_with_is_the_page_that_its_old_address_showed_last(
    archive: Archive,
) -> None:
    desk = Desk(archive)
    first = desk.read("/a", "Title", "One")
    desk.read("/a", "Title", "One", advert="of the day of a redesign")
    shown_last = before(desk, "/a")
    desk.check("/a", Outcome.MOVED, redirect=desk.site + "b")
    assert first is not None
    joins(desk, "/b", first.article_id)
    known = before(desk, "/b")
    assert (known.version_id, known.fetch_id) == (first.version_id, shown_last.fetch_id)


def test_an_article_is_not_gone_while_where_it_moved_to_is_undecided(archive: Archive) -> None:
    desk = Desk(archive)
    first = desk.read("/a", "Title", "One")
    assert first is not None
    moved = desk.prepare("/a", Outcome.MOVED, redirect=desk.site + "b")
    with archive.writing() as session:
        record_checks(session, [moved])
    joins(desk, "/b", first.article_id)
    undecided(desk, "Two", path="/b")
    removal = Removal(moved.address_id, moved.fetch_id, ArticleState.MOVED)
    with archive.writing() as session:
        record_removals(session, [removal])
    assert desk.article("/a").state is ArticleState.LIVE
    desk.check("/b", Outcome.NOT_FOUND)
    with archive.writing() as session:
        record_removals(session, [removal])
    assert desk.article("/a").state is ArticleState.MOVED
