"""The part of the ledger that an article's statements ask about."""

import re
from datetime import UTC, datetime, timedelta

from storage.copying import prepare_partitions
from storage.database.archive import Archive
from storage.history.identity_records import identity_record
from storage.history.lookup import find_article
from storage.ledger.spans import EVERYWHERE, Span, span_of
from storage.models import Outcome
from storage.query.articles import article_checks
from storage.query.stored_page import page_record
from storage.query.timeline import timeline
from tests.support.archiving import Desk
from tests.support.databases import query_plans

SINCE = datetime(2024, 1, 1, tzinfo=UTC)


def two_articles(archive: Archive) -> Desk:
    """/a, of two days of 2024; and /b, of a year later."""
    with archive.writing() as session:
        prepare_partitions(session, SINCE)
    desk = Desk(archive, now=SINCE + timedelta(days=40))
    desk.read("/a", "Bridge", "The council met on Monday.")
    desk.now += timedelta(days=1)
    desk.read("/a", "Bridge", "The council met on Tuesday.")
    desk.check("/a", Outcome.GONE)
    desk.now += timedelta(days=400)
    desk.read("/b", "Ferry", "It sails at nine.")
    return desk


def test_an_article_spans_its_fetches(postgresql_archive: Archive) -> None:
    desk = two_articles(postgresql_archive)
    a, b = (desk.article(path).id for path in ("/a", "/b"))
    with postgresql_archive.reading() as session:
        span, both = span_of(session, [a]), span_of(session, [a, b])
        checks = article_checks(session, a, 100)
    assert len(checks) == 3
    assert span.first is not None
    assert span.last is not None
    assert both.first == span.first
    assert (both.last or 0) > span.last
    with postgresql_archive.reading() as session:
        assert span_of(session, [999_999]) == Span(0, 0)


def test_sqlite_is_asked_of_everything(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive)
    desk.read("/a", "Bridge", "The council met on Monday.")
    with sqlite_archive.reading() as session:
        assert span_of(session, [desk.article("/a").id]) == EVERYWHERE


def test_what_is_told_of_an_article_is_looked_for_in_its_months(
    postgresql_archive: Archive,
) -> None:
    desk = two_articles(postgresql_archive)
    article = desk.article("/a")
    identifier = desk.history("/a")[0].identifier

    def ask() -> None:
        with postgresql_archive.reading() as session:
            article_checks(session, article.id, 20)
            identity_record(session, find_article(session, str(article.id)))
            timeline(session, article.id)
            page_record(session, identifier)

    plans = query_plans(postgresql_archive, ask)
    months = [set(re.findall(r" on finding_(\d{4}_\d\d|default)", plan)) for plan in plans]
    assert {"2024_02"} in months
    assert [it for it in months if it - {"2024_02"}] == []
