"""The questions that readers ask, and what they are answered."""

from datetime import timedelta

import pytest

from storage.database.archive import Archive
from storage.database.errors import NotFound
from storage.history.lookup import find_article
from storage.history.version_records import history
from storage.models import AddressKind, ArticleState, Outcome
from storage.query.articles import article_checks, article_record, source_records
from tests.support.archiving import START, Desk
from tests.support.databases import query_plans


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """An archive with one article in two versions at two addresses."""
    desk = Desk(archive)
    desk.read("/a", "First title", "One two three")
    desk.read("/a", "Second title", "One two three four")
    canonical = "https://example.org/a"
    desk.read("/a?page=amp", "Second title", "One two three four", canonical_url=canonical)
    return desk


@pytest.mark.parametrize(
    "name",
    [
        "https://example.org/a",
        "http://example.org/a?utm_source=feed#top",
        "example.org/a",
        "example.org/a?page=amp",
    ],
)
def test_an_article_is_found_by_any_of_its_addresses(desk: Desk, name: str) -> None:
    with desk.archive.reading() as session:
        by_url = find_article(session, name)
        assert find_article(session, str(by_url.id)).id == by_url.id
        assert by_url.url == "https://example.org/a"


@pytest.mark.parametrize(
    "name", ["https://example.org/b", "99", "0", "9" * 18, "9" * 30, "", "//[", "a b", "\0", "-1"]
)
def test_no_such_article(desk: Desk, name: str) -> None:
    with desk.archive.reading() as session, pytest.raises(NotFound) as caught:
        find_article(session, name)
    assert "\n" not in str(caught.value)


def test_an_article_is_shown_in_its_current_version_or_another(desk: Desk) -> None:
    with desk.archive.reading() as session:
        article = article_record(session, "example.org/a")
        assert (article.source, article.state, article.versions) == (
            "example.org",
            ArticleState.LIVE,
            2,
        )
        assert article.first_seen_at == START + timedelta(minutes=10)
        assert (article.shown.version, article.shown.title) == (2, "Second title")
        first = article_record(session, "example.org/a", version=1)
        assert (first.shown.title, first.versions) == ("First title", 2)
        with pytest.raises(NotFound, match="no version 3: see `permalien history`"):
            article_record(session, "example.org/a", version=3)


def test_a_history_is_told_from_the_first_version_on(desk: Desk) -> None:
    versions = desk.history("/a")
    assert [(version.version, version.title, version.text) for version in versions] == [
        (1, "First title", "One two three"),
        (2, "Second title", "One two three four"),
    ]
    assert [version.first_seen_at for version in versions] == [
        START + timedelta(minutes=10),
        START + timedelta(minutes=20),
    ]
    assert [version.last_seen_at for version in versions] == [
        START + timedelta(minutes=10),
        START + timedelta(minutes=30),
    ]
    with desk.archive.reading() as session:
        assert history(session, 999) == []


def test_the_checks_of_an_article_the_latest_first(desk: Desk) -> None:
    gone, _ = desk.check("/a?page=amp", Outcome.GONE)
    article_id = desk.article("/a").id
    with desk.archive.reading() as session:
        checks = article_checks(session, article_id, 10)
        assert article_checks(session, article_id, 2) == checks[:2]
    assert [(check.url, check.outcome, check.version) for check in checks] == [
        ("https://example.org/a?page=amp", Outcome.GONE, None),
        ("https://example.org/a?page=amp", Outcome.UNCHANGED, 2),
        ("https://example.org/a", Outcome.FETCHED, 2),
        ("https://example.org/a", Outcome.FETCHED, 1),
    ]
    assert checks[0].observed_at == gone.fetched_at


def test_sources_with_what_is_held_of_them(desk: Desk) -> None:
    Desk(desk.archive, "https://another.example/")
    desk.check("/feed", body=b"<rss/>", kind=AddressKind.FEED)
    desk.check("/sitemap.xml", Outcome.FAILED, kind=AddressKind.SITEMAP)
    with desk.archive.reading() as session:
        another, ours = source_records(session)
    assert (another.name, another.pages, another.articles, another.last_success_at) == (
        "another.example",
        0,
        0,
        None,
    )
    assert (ours.name, ours.feeds, ours.sitemaps, ours.pages, ours.articles) == (
        "example.org",
        1,
        1,
        2,
        1,
    )
    assert ours.last_success_at == desk.now - timedelta(minutes=10)
    assert (ours.enabled, ours.allow_private, ours.delay, ours.cadence) == (True, False, 1.0, 900)


def test_an_archive_without_sources(archive: Archive) -> None:
    with archive.reading() as session:
        assert source_records(session) == []


@pytest.mark.parametrize(
    "index",
    [
        "ix_address_source_id_kind_excluded",
        "ix_article_current",
        "ix_frontier_source_id_attempts_checked_at",
    ],
)
def test_sources_are_counted_by_indexes_alone(sqlite_archive: Archive, index: str) -> None:
    Desk(sqlite_archive)

    def ask() -> None:
        with sqlite_archive.reading() as session:
            source_records(session)

    plans = "\n".join(query_plans(sqlite_archive, ask))
    assert f"COVERING INDEX {index}" in plans
