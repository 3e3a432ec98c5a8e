"""The documented SQL interface: docs/sql.md says what these views hold."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, text
from sqlalchemy.exc import DBAPIError

from storage.database.archive import Archive
from storage.frontier.enqueueing import Found
from storage.ledger.findings import NewFinding, record_findings
from storage.models import AddressKind, ArticleState, Meaning, Outcome, SourceDay
from storage.query.articles import article_record
from storage.query.dictionary import View, views
from storage.schema import VIEWS
from tests.support.archiving import Desk

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "sql.md"


def documented() -> dict[str, list[str]]:
    """The columns of each view, in the dictionary's order."""
    return {view.name: [column.name for column in view.columns] for view in views()}


def examples(language: str = "sql") -> list[str]:
    """The queries of the document that run on both databases, or on that one alone."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.+?)```", text, flags=re.M | re.S)


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """An archive with a French article in two versions, and an English one that was taken away."""
    desk = Desk(archive, languages={"Another title": "en"})
    desk.read("/a", "First title", "One two three")
    desk.read("/a", "Second title", "One two three four")
    desk.read("/b", "Another title", "Five six")
    desk.check("/b", Outcome.GONE)
    return desk


def rows(archive: Archive, query: str) -> list[dict[str, Any]]:
    with archive.reading() as session:
        return [dict(row) for row in session.execute(text(query)).mappings()]


def test_every_view_is_documented() -> None:
    assert list(documented()) == list(VIEWS)
    listed = re.findall(r"^\| `(\w+)` \|", DOCUMENT.read_text(encoding="utf-8"), flags=re.M)
    assert set(VIEWS) <= set(listed)


def test_what_is_not_to_be_null_is_not(desk: Desk) -> None:
    desk.check("/b", Outcome.FAILED)
    desk.read("/c", "A third", "Seven eight nine ten eleven twelve.")
    desk.check("/feed", kind=AddressKind.FEED, body=b"<rss/>")
    for view in views():
        for row in rows(desk.archive, f"SELECT * FROM {view.name}"):
            for column in view.columns:
                assert row[column.name] is not None or column.nullable, (view.name, column.name)


@pytest.mark.parametrize("view", views(), ids=lambda view: view.name)
def test_a_column_is_of_its_type(postgresql_archive: Archive, view: View) -> None:
    known = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = "
    types = {
        row["column_name"]: row["data_type"].split()[0]
        for row in rows(postgresql_archive, f"{known}'{view.name}'")
    }
    told = {
        "character": "text",
        "bigint": "integer",
        "timestamp": "time",
        "date": "day",
        "jsonb": "JSON",
        "double": "number",
    }
    assert {it.name: it.type for it in view.columns} == {
        name: told.get(kind, kind) for name, kind in types.items()
    }


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_the_documented_columns(archive: Archive, view: str) -> None:
    with archive.reading() as session:
        assert list(session.execute(text(f"SELECT * FROM {view}")).keys()) == documented()[view]


def test_articles(desk: Desk) -> None:
    query = "SELECT source, url, title, version, state, text FROM articles ORDER BY id"
    assert rows(desk.archive, query) == [
        {
            "source": "example.org",
            "url": "https://example.org/a",
            "title": "Second title",
            "version": 2,
            "state": "live",
            "text": "One two three four",
        },
        {
            "source": "example.org",
            "url": "https://example.org/b",
            "title": "Another title",
            "version": 1,
            "state": "gone",
            "text": "Five six",
        },
    ]


def test_article_versions(desk: Desk) -> None:
    query = "SELECT url, version, title FROM article_versions WHERE url LIKE '%/a' ORDER BY version"
    assert [(row["version"], row["title"]) for row in rows(desk.archive, query)] == [
        (1, "First title"),
        (2, "Second title"),
    ]
    last = (
        "SELECT count(*) AS wrong FROM articles JOIN article_versions v "
        "ON v.article_id = articles.id AND v.version = articles.version "
        "WHERE v.last_seen_at <> articles.last_seen_at OR v.text <> articles.text"
    )
    assert rows(desk.archive, last) == [{"wrong": 0}]


def test_observations(desk: Desk) -> None:
    query = "SELECT url, kind, outcome, version, status FROM observations ORDER BY id"
    assert [tuple(row.values()) for row in rows(desk.archive, query)] == [
        ("https://example.org/a", "page", "fetched", 1, 200),
        ("https://example.org/a", "page", "fetched", 2, 200),
        ("https://example.org/b", "page", "fetched", 1, 200),
        ("https://example.org/b", "page", "gone", None, 410),
    ]


def test_sources(desk: Desk) -> None:
    query = "SELECT name, url, delay_seconds, cadence_seconds, enabled FROM sources"
    (row,) = rows(desk.archive, query)
    assert row == {
        "name": "example.org",
        "url": "https://example.org/",
        "delay_seconds": 1.0,
        "cadence_seconds": 900,
        "enabled": True,
    }


@pytest.mark.parametrize("query", examples())
def test_the_examples_run(desk: Desk, query: str) -> None:
    assert rows(desk.archive, query)


def test_the_examples_of_one_database_run(desk: Desk) -> None:
    (query,) = examples(desk.archive.engine.dialect.name)
    assert rows(desk.archive, query) == []  # the desk's pages have no authors


def test_coverage_counts_what_was_asked_and_got(archive: Archive) -> None:
    desk = Desk(archive)
    found = Found(f"{desk.site}a", AddressKind.PAGE)
    desk.check("/feed", kind=AddressKind.FEED, body=b"<rss/>", found=(found,))
    desk.read("/a", "Title", "One two three")
    desk.read("/a", "Title", "One two four")
    desk.check("/b", Outcome.FAILED)
    desk.check("/c", Outcome.NOT_FOUND)
    (day,) = rows(archive, "SELECT * FROM coverage")
    assert list(day.values())[2:] == [1, 1, 1, 4, 3, 2, 1, 1]


def test_coverage_has_the_days_on_which_nobody_looked(archive: Archive) -> None:
    desk = Desk(archive)
    days = [date(2026, 2, 27), date(2026, 3, 2)]
    with archive.writing() as session:
        session.execute(delete(SourceDay))
        source = {"measure": "page-fetched", "count": 2, "source_id": desk.source.id}
        session.execute(insert(SourceDay), [source | {"day": day} for day in days])
    found = rows(archive, "SELECT day, pages_got, listings_asked FROM coverage ORDER BY day")
    assert [(str(row["day"]), row["pages_got"], row["listings_asked"]) for row in found] == [
        ("2026-02-27", 2, 0),
        ("2026-02-28", 0, 0),
        ("2026-03-01", 0, 0),
        ("2026-03-02", 2, 0),
    ]


def test_what_was_there_before_anybody_looked_is_censored(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/feed", kind=AddressKind.FEED, body=b"<rss/>")
    desk.read("/a", "First", "One two three")
    desk.run_id = 2
    desk.read("/b", "Second", "One two three four")
    query = "SELECT url, censored FROM first_sights ORDER BY url"
    assert [bool(row["censored"]) for row in rows(archive, query)] == [True, False]


def test_where_an_address_leads(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/old", Outcome.MOVED, redirect=f"{desk.site}a")
    desk.read("/a", "First", "One two three")
    query = "SELECT url, redirects_to, article_id IS NULL AS none FROM addresses ORDER BY url DESC"
    (old, new) = rows(archive, query)
    assert (old["redirects_to"], bool(old["none"])) == (f"{desk.site}a", True)
    assert (new["redirects_to"], bool(new["none"])) == (None, False)


def test_the_query_of_the_readme_finds_french_whatever_its_country(desk: Desk) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"^    (SELECT .+?);$", readme, flags=re.M | re.S)
    assert [row["title"] for row in rows(desk.archive, query)] == ["Second title"]


@pytest.mark.parametrize("language", ["zh-Hant-TW", "EN", "", None])
def test_the_primary_language(archive: Archive, language: str | None) -> None:
    desk = Desk(archive, languages={"Title": language})
    desk.read("/a", "Title", "One two three")
    query = "SELECT DISTINCT primary_language FROM {}"
    wanted = language and language.partition("-")[0].lower()
    for view in ("articles", "article_versions"):
        assert rows(desk.archive, query.format(view)) == [{"primary_language": wanted}]


def test_the_text_as_recorded_stays_when_it_is_read_better(archive: Archive) -> None:
    desk = Desk(archive)
    recorded = desk.read("/a", "Title", "One two three")
    assert recorded is not None
    desk.extractor = "2"
    desk.reread(recorded.version_id)
    for view in ("articles", "article_versions"):
        query = f"SELECT text, text_as_recorded FROM {view}"
        assert rows(archive, query) == [
            {
                "text": "One two three (read by 2 with no template)",
                "text_as_recorded": "One two three",
            }
        ]


@pytest.mark.parametrize(
    ("details", "state"),
    [({"partial": True}, ArticleState.WALLED), ({"paywalled": True}, ArticleState.LIVE)],
)
def test_what_shows_but_a_part_of_its_text_is_not_live(
    archive: Archive, details: dict[str, Any], state: ArticleState
) -> None:
    desk = Desk(archive, details=details)
    desk.read("/a", "Title", "One two three")
    assert rows(archive, "SELECT state FROM articles") == [{"state": state.value}]
    with archive.reading() as session:
        assert article_record(session, f"{desk.site}a").state is state


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_read_only(desk: Desk, view: str) -> None:
    with (
        pytest.raises(DBAPIError, match=r"cannot (delete|modify)|a view is read-only"),
        desk.archive.engine.begin() as connection,
    ):
        connection.execute(text(f"DELETE FROM {view}"))


def test_edits_absences_and_presence(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "First title", "One two three")
    desk.read("/a", "Second title", "One two three")
    desk.check("/a", Outcome.GONE)
    desk.check("/a", Outcome.NOT_FOUND)
    desk.read("/a", "Second title", "One two three")
    desk.read("/b", "Another title", "Five six")
    desk.check("/b", Outcome.GONE)
    events = rows(archive, "SELECT * FROM edits ORDER BY not_after")
    assert [(it["event"], it["from_version"], it["to_version"]) for it in events] == [
        ("edit", 1, 2),
        ("removal", 2, None),
        ("return", None, 2),
        ("removal", 1, None),
    ]
    minutes = [tuple(str(it[name])[11:16] for name in ("not_before", "not_after")) for it in events]
    assert minutes == [
        ("08:10", "08:20"),
        ("08:20", "08:30"),
        ("08:40", "08:50"),
        ("09:00", "09:10"),
    ]
    away = rows(archive, "SELECT * FROM absences ORDER BY away_since")
    assert [it["outcome"] for it in away] == ["gone", "gone"]
    assert [it["version_id"] == it["returned_version_id"] for it in away] == [True, False]
    stretches = rows(archive, "SELECT * FROM presence ORDER BY article_id, first_seen_at")
    assert [
        (bool(it["present"]), str(it["first_seen_at"])[11:16], str(it["last_seen_at"])[11:16])
        for it in stretches
    ] == [
        (True, "08:10", "08:20"),
        (False, "08:30", "08:40"),
        (True, "08:50", "08:50"),
        (True, "09:00", "09:00"),
        (False, "09:10", "09:10"),
    ]


def test_a_removal_that_a_later_finding_replaces_is_none(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    check, _ = desk.check("/a", Outcome.NOT_FOUND)
    assert len(rows(archive, "SELECT * FROM absences")) == 1
    again = NewFinding(check.fetch_id, Outcome.NOT_FOUND, Meaning.UNREACHABLE)
    with archive.writing() as session:
        record_findings(session, [again])
    assert rows(archive, "SELECT * FROM absences") == []
    assert rows(archive, "SELECT * FROM edits") == []


def test_the_whole_text_after_a_teaser_is_in_no_view_of_edits(archive: Archive) -> None:
    desk = Desk(archive, details={"partial": True})
    desk.read("/a", "Title", "One two three")
    desk.details = {}
    check, _ = desk.check("/a", body=desk.body("Title", "One two three four five six"))
    desk.record_page(replace(desk.captured(check), completes=True))
    assert rows(archive, "SELECT * FROM edits") == []
