from sqlalchemy import update

from storage.database.archive import Archive
from storage.frontier.browser_need import NEEDS_JAVASCRIPT, ask_again, record_need
from storage.history.non_articles import NonArticle, record_non_articles
from storage.models import BrowserNeed, Frontier, Outcome, Source
from tests.support.archiving import Desk
from tests.support.databases import query_plans
from tests.support.frontier import DAY, due, paths


def test_pages_that_said_nothing_are_asked_for_again(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/article", "Title", "One two three")
    blocked(desk, "/consent", "consent")
    blocked(desk, "/empty", NEEDS_JAVASCRIPT)
    blocked(desk, "/empty-once", NEEDS_JAVASCRIPT)
    with archive.writing() as session:
        session.execute(update(Frontier).values(due_at=desk.now + DAY, digest=None))
    desk.read("/empty-once", "Other", "Four five six")
    assert paths(due(desk)) == []
    with archive.writing() as session:
        record_need(session, desk.source.id, BrowserNeed.SHOWN, now=desk.now)
    assert paths(due(desk)) == ["empty"]
    with archive.reading() as session:
        assert session.get_one(Source, desk.source.id).browser_need is BrowserNeed.SHOWN


def test_what_is_found_otherwise_asks_for_nothing(archive: Archive) -> None:
    desk = Desk(archive)
    blocked(desk, "/empty", NEEDS_JAVASCRIPT)
    with archive.writing() as session:
        record_need(session, desk.source.id, BrowserNeed.LIKELY, now=desk.now)
    assert paths(due(desk)) == []


def test_no_table_that_grows_is_scanned(archive: Archive) -> None:
    desk = Desk(archive)
    blocked(desk, "/empty", NEEDS_JAVASCRIPT)

    def ask() -> None:
        with archive.writing() as session:
            ask_again(session, desk.source.id, now=desk.now)

    if archive.engine.dialect.name == "sqlite":
        plans = query_plans(archive, ask)
        assert plans
        assert "SCAN" not in plans[0]


def blocked(desk: Desk, path: str, reason: str) -> None:
    check, _ = desk.check(path, body=path.encode())
    page = NonArticle(
        check.fetch_id, check.address_id, check.fetched_at, Outcome.BLOCKED, reason, judged=True
    )
    with desk.archive.writing() as session:
        record_non_articles(session, [page])
