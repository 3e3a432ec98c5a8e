"""The public API, on both databases."""

import hashlib
import shutil
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import permalien
from storage.database.archive import Archive
from tests.permalien.conftest import TEXT
from tests.support.archiving import Desk
from tests.support.learning import BANNER, Learning

BRIDGE, FERRY = "https://example.org/bridge", "https://example.org/ferry"


def test_sources(opened: permalien.Archive) -> None:
    assert [(it.name, it.articles, it.removed_at) for it in opened.sources()] == [
        ("example.net", 1, None),
        ("example.org", 2, None),
    ]


def test_articles(opened: permalien.Archive) -> None:
    bridge, ferry, tram = opened.articles()
    assert (bridge.url, bridge.version, bridge.state) == (BRIDGE, 2, "live")
    assert (ferry.title, ferry.state) == ("The ferry returns", "gone")
    assert tram.source == "example.net"
    assert bridge.text == TEXT
    assert bridge.paragraphs == [("paragraph", line) for line in TEXT.split("\n")]
    assert bridge.first_seen_at == datetime(2026, 3, 1, 8, 20, tzinfo=UTC)
    assert (bridge.language, bridge.primary_language) == ("fr-FR", "fr")
    assert bridge.id == bridge.article_id


def test_a_result_is_asked_for_anew(opened: permalien.Archive, desk: Desk) -> None:
    articles = opened.articles()
    assert len(list(articles)) == articles.count() == 3
    desk.read("/school", "The school", "It opens.")
    assert len(list(articles)) == articles.count() == 4


@pytest.mark.parametrize(
    ("filters", "paths"),
    [
        ({"source": "example.org"}, ["/bridge", "/ferry"]),
        ({"source": ["example.org", "example.net"]}, ["/bridge", "/ferry", "/tram"]),
        ({"language": "fr"}, ["/bridge", "/tram"]),
        ({"language": "EN-gb"}, ["/ferry"]),
        ({"language": "f"}, []),
        ({"language": "%"}, []),
        ({"state": "gone"}, ["/ferry"]),
        ({"state": ["gone", "live"], "source": "example.org"}, ["/bridge", "/ferry"]),
        ({"since": date(2026, 3, 1)}, ["/bridge", "/ferry", "/tram"]),
        ({"since": datetime(2026, 3, 1, 8, 11, tzinfo=UTC)}, ["/ferry", "/tram"]),
        ({"until": datetime(2026, 3, 1, 8, 30, tzinfo=UTC)}, ["/bridge"]),
        ({"until": date(2026, 3, 1)}, []),
        ({"as_of": datetime(2026, 3, 1, 8, 10, tzinfo=UTC)}, ["/bridge"]),
        ({"as_of": datetime(2026, 3, 1, 8, 30, tzinfo=UTC)}, ["/bridge", "/ferry"]),
        ({"as_of": date(2026, 3, 1)}, ["/bridge", "/tram"]),
        ({"as_of": date(2026, 3, 1), "state": "gone"}, ["/ferry"]),
    ],
)
def test_filters(opened: permalien.Archive, filters: dict[str, object], paths: list[str]) -> None:
    found = opened.articles(**filters)  # type: ignore[arg-type]
    assert [f"/{it.url.rpartition('/')[2]}" for it in found] == paths
    assert found.count() == len(paths)


def test_versions(opened: permalien.Archive) -> None:
    assert [(it.url, it.version) for it in opened.versions(source="example.org")] == [
        (BRIDGE, 1),
        (BRIDGE, 2),
        (FERRY, 1),
    ]
    one, two = opened.versions("example.org/bridge")
    assert (one.title, two.title) == ("The bridge will close", "The bridge will stay open")
    assert opened.version(one.version_id.upper()) == one
    assert opened.version(two.version_id) == two
    assert opened.versions().count() == 4


def test_one_article_by_any_of_its_names(opened: permalien.Archive) -> None:
    article = opened.article(BRIDGE)
    assert isinstance(article, permalien.Article)
    assert opened.article(article.id) == opened.article(article.version_id) == article
    with pytest.raises(permalien.NotFound, match="no article"):
        opened.article("https://example.org/none")
    with pytest.raises(permalien.NotFound, match="no version"):
        opened.version("b000000000000000")


def test_the_text_as_of_a_time(opened: permalien.Archive) -> None:
    def at(hour: int, minute: int) -> datetime:
        return datetime(2026, 3, 1, hour, minute, tzinfo=UTC)

    assert opened.text_as_of(FERRY, at(8, 29)) is None
    assert opened.text_as_of(FERRY, at(8, 30)) == "It was away for a month."
    assert opened.text_as_of(FERRY, date(2026, 3, 1)) is None
    (then,) = opened.articles(as_of=at(8, 15))
    assert (then.title, then.version) == ("The bridge will close", 1)


def test_fetches(opened: permalien.Archive) -> None:
    assert [(it.status, it.outcome, it.version) for it in opened.fetches(FERRY)] == [
        (200, "fetched", 1),
        (410, "gone", None),
    ]
    (last,) = opened.fetches(source="example.org", since=datetime(2026, 3, 1, 8, 35, tzinfo=UTC))
    assert (last.url, last.kind, last.outcome) == (FERRY, "page", "gone")
    assert [it.url for it in opened.fetches(until=datetime(2026, 3, 1, 8, 20, tzinfo=UTC))] == [
        BRIDGE
    ]


def test_edits(opened: permalien.Archive) -> None:
    edit, removal = opened.edits()
    assert (edit.event, edit.kinds, edit.declared) == ("edit", ["headline", "rewording"], False)
    assert (edit.title_before, edit.title_after) == (
        "The bridge will close",
        "The bridge will stay open",
    )
    assert edit.not_before == datetime(2026, 3, 1, 8, 10, tzinfo=UTC)
    assert (removal.event, removal.url, removal.kinds) == ("removal", FERRY, [])
    assert opened.edits(BRIDGE, kind="headline", declared=False).count() == 1
    assert opened.edits(event=["removal", "return"]).first() == removal
    assert opened.edits(kind=["headline", "body"]).first() is None
    with pytest.raises(ValueError, match="no kind of edit 'heading': there are headline"):
        opened.edits(kind="heading")


def test_search(opened: permalien.Archive) -> None:
    (hit,) = opened.search("open -ferry")
    assert (hit.url, hit.version, hit.snippet[:6]) == (BRIDGE, 2, "The co")
    assert opened.version(hit.version_id).title == hit.title
    assert opened.search("bridge", all_versions=True).count() == 2
    assert opened.search("bridge", source="example.net").first() is None
    newest = [it.url for it in opened.search("the", newest=True)]
    assert newest == ["https://example.net/tram", FERRY, BRIDGE]
    with pytest.raises(permalien.BadQuery):
        opened.search("(bridge").first()


def test_articles_that_a_search_finds(opened: permalien.Archive) -> None:
    found = opened.articles(search="bridge OR tram", source="example.org")
    assert [(it.url, it.text) for it in found] == [(BRIDGE, TEXT)]
    assert found.count() == 1
    every = opened.versions(search="bridge")
    assert [it.version for it in every] == [1, 2]
    then = datetime(2026, 3, 1, 8, 15, tzinfo=UTC)
    assert [it.version for it in opened.articles(search="bridge", as_of=then)] == [1]
    assert opened.articles(search="zeppelin").first() is None


def test_the_stored_page(opened: permalien.Archive) -> None:
    version = opened.article(BRIDGE)
    page = opened.page(version.version_id)
    assert page.sha256 == version.payload_sha256 == hashlib.sha256(page.body).hexdigest()
    assert (page.url, page.status) == (BRIDGE, 200)
    assert opened.page(page.fetch_id) == page
    assert "body" not in repr(page)
    with pytest.raises(permalien.NotFound):
        opened.page("https://example.org/none")


def test_what_was_put_wrongly(opened: permalien.Archive) -> None:
    with pytest.raises(permalien.NotFound, match=r"no source none\.org"):
        list(opened.articles(source="none.org"))
    with pytest.raises(ValueError, match="has no time zone"):
        opened.articles(as_of=datetime(2026, 3, 1))  # noqa: DTZ001
    with pytest.raises(TypeError, match=r"'2026-03-01' is no datetime\.date"):
        opened.articles(since="2026-03-01")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no state 'dead': there are live, gone"):
        opened.articles(state="dead")


def test_a_closed_archive_says_so(desk: Desk) -> None:
    archive = permalien.open(desk.archive.url.render_as_string(hide_password=False))
    articles = archive.articles()
    archive.close()
    with pytest.raises(ValueError, match="the archive is closed"):
        articles.first()
    assert "closed" in repr(archive)


def test_nothing_can_be_written(opened: permalien.Archive) -> None:
    with (
        pytest.raises((DBAPIError, permalien.ArchiveUnavailable), match=r"read-?only"),
        opened._archive.writing() as session,
    ):
        session.execute(text("DELETE FROM source"))


def test_a_file_is_opened_by_its_path(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "my archive?.db"
    shutil.copy(sqlite_template, path)
    for name in (path, str(path), f"sqlite:///{sqlite_template}"):
        with permalien.open(name) as archive:
            assert archive.articles().first() is None


def test_nothing_is_created(tmp_path: Path) -> None:
    with pytest.raises(permalien.ArchiveNotCreated, match="permalien add URL"):
        permalien.open(tmp_path / "none.db")
    assert not list(tmp_path.iterdir())


def test_nothing_is_brought_up_to_date(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    shutil.copy(sqlite_template, path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0009'")
    connection.close()
    with pytest.raises(permalien.ArchiveOutdated, match="permalien db upgrade"):
        permalien.open(path)


def test_another_schemes_url_is_refused() -> None:
    with pytest.raises(permalien.BadDatabaseURL):
        permalien.open("mysql://localhost/x")


def test_as_recorded(archive: Archive) -> None:
    desk = Desk(archive)
    recorded = desk.read("/a", "Title", "One two three")
    assert recorded is not None
    desk.extractor = "2"
    desk.reread(recorded.version_id)
    with permalien.open(archive.url.render_as_string(hide_password=False)) as opened:
        best, plain = (
            opened.article("https://example.org/a"),
            opened.articles(as_recorded=True).first(),
        )
    assert plain is not None
    assert best.text == "One two three (read by 2 with no template)"
    assert (plain.text, plain.extractor) == ("One two three", "1")
    assert best.content_sha256 == plain.content_sha256


def test_a_retracted_version(archive: Archive) -> None:
    desk = Learning(archive)
    desk.read("/a", "Title", "One two three.")
    desk.read("/a", "Title", "One two three." + BANNER)
    gone = desk.history("/a")[1].identifier
    desk.template = "banner"
    desk.reread_all("/a")
    with permalien.open(archive.url.render_as_string(hide_password=False)) as opened:
        assert [it.version for it in opened.versions()] == [1]
        assert [it.version for it in opened.versions(retracted=True)] == [1, 2]
        version = opened.version(gone)
        assert (version.version, version.retracted_at is None) == (2, False)
        assert opened.article("https://example.org/a").retracted_at is None
        assert BANNER.strip().encode() in opened.page(gone).body
