"""What is found, on both databases alike."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from storage.database.archive import Archive
from storage.database.errors import Refused
from storage.history.identity_decisions import merge
from storage.history.identity_undoing import undo
from storage.models import Outcome
from storage.search.errors import BadQuery
from storage.search.options import Options, Sort, Versions
from storage.search.search import Hit, Search
from tests.support.archiving import START, Desk

MINUTE = timedelta(minutes=1)


@pytest.fixture
def search(archive: Archive) -> Iterator[Search]:
    with Search(archive) as opened:
        yield opened


def found(search: Search, query: str, options: Options | None = None) -> list[str]:
    """The last letter of the URL and the version of each hit."""
    return [f"{hit.url[-1]}{hit.version}" for hit in search.find(query, options).hits]


def test_what_is_current_is_found_and_nothing_else(archive: Archive, search: Search) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "The first wording")
    assert found(search, "first") == ["a1"]
    desk.read("/a", "Title", "The second wording")
    assert found(search, "first") == []
    assert found(search, "second") == ["a2"]
    assert found(search, "first", Options(versions=Versions.ALL)) == ["a1"]
    (hit,) = search.find("second").hits
    assert (hit.source, hit.snippet) == ("example.org", "The [second] wording")
    assert len(hit.identifier) > 5


def test_as_of_and_known_by(archive: Archive, search: Search) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "wording one")  # at START + 10 minutes
    desk.read("/a", "Title", "wording two")  # + 20
    desk.check("/a", Outcome.GONE)  # + 30
    desk.read("/a", "Title", "wording two", advert="new")  # + 40

    def as_of(minutes: int) -> list[str]:
        return found(search, "wording", Options(as_of=START + minutes * MINUTE))

    assert [as_of(it) for it in (9, 10, 19, 20, 29, 30, 39, 40, 99)] == [
        [],
        ["a1"],
        ["a1"],
        ["a2"],
        ["a2"],
        [],
        [],
        ["a2"],
        ["a2"],
    ]
    # All of it was put on record today.
    assert found(search, "wording", Options(known_by=START + 99 * MINUTE)) == []
    later = datetime.now(UTC) + timedelta(days=1000)
    assert found(search, "wording", Options(known_by=later)) == ["a2"]
    for minutes in (9, 15, 25, 35, 45):
        at = START + minutes * MINUTE
        assert found(search, "wording", Options(as_of=at, known_by=later)) == as_of(minutes)
        assert found(search, "wording", Options(as_of=at, known_by=START)) == []
    assert search.count("", Options(versions=Versions.ALL)) == 2


def test_merged_and_split_articles(archive: Archive, search: Search) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "wording one")
    desk.read("/b", "Title", "wording two")
    a, b = desk.article("/a").id, desk.article("/b").id
    assert sorted(found(search, "wording")) == ["a1", "b1"]
    with archive.writing() as session:
        merge(session, str(a), str(b), now=desk.now)
    assert found(search, "wording") == ["a2"]
    assert sorted(found(search, "wording", Options(versions=Versions.ALL))) == ["a1", "a2"]
    with archive.writing() as session:
        undo(session, None, now=desk.now)
    assert sorted(found(search, "wording")) == ["a1", "b1"]


def test_a_better_reading_is_found(archive: Archive, search: Search) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "wording")
    assert found(search, '"read by"') == []
    desk.extractor = "2"
    desk.reread(desk.history("/a")[0].version_id)
    assert found(search, '"read by"') == ["a1"]


def test_the_order(archive: Archive, search: Search) -> None:
    desk = Desk(archive)
    for path, title, text in [
        ("/a", "News", "bridge"),
        ("/b", "Bridge", "news"),
        ("/c", "News", "bridge bridge bridge"),
        ("/d", "News", "bridge "),
    ]:
        desk.read(path, title, text)
    assert found(search, "bridge", Options(sort=Sort.NEWEST)) == ["d1", "c1", "b1", "a1"]
    assert found(search, "bridge")[0] == "b1"
    assert found(search, "bridge")[1] == "c1"
    # Where none is better the newest come first.
    assert found(search, "bri*")[-1] == "a1"
    assert found(search, "source:example.org") == ["d1", "c1", "b1", "a1"]


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_fit_together(archive: Archive, search: Search, sort: Sort) -> None:
    desk = Desk(archive)
    for number in range(7):
        desk.read(f"/{number}", "Title", "wording " * (number % 3 + 1))
    options = Options(sort=sort)
    whole = search.find("wording", options)
    assert (whole.total, whole.cursor) == (7, None)
    pages: list[Hit] = []
    cursor = None
    while True:
        page = search.find("wording", options, limit=3, cursor=cursor)
        assert page.total == 7
        pages += page.hits
        cursor = page.cursor
        if cursor is None:
            break
        if sort is Sort.NEWEST:
            # What is archived meanwhile is newer, and moves nothing.
            desk.read(f"/new{len(pages)}", "Title", "other")
    assert [hit.version_id for hit in pages] == [hit.version_id for hit in whole.hits]
    assert list(search.hits("wording", options)) == list(whole.hits)


@pytest.mark.parametrize("cursor", ["", "x", "é", "WzEsMl0", "bnVsbA", "W10", "-1"])
def test_a_cursor_that_is_none(archive: Archive, search: Search, cursor: str) -> None:
    Desk(archive).read("/a", "Title", "wording")
    with pytest.raises(Refused, match="no cursor"):
        search.find("wording", cursor=cursor)


def test_by_source_and_time(archive: Archive, search: Search) -> None:
    ours, other = Desk(archive), Desk(archive, "https://example.net/", run_id=2)
    ours.read("/a", "Title", "wording one")
    other.read("/b", "Title", "wording two")
    assert found(search, "wording source:example.net") == ["b1"]
    assert found(search, "wording source:example.*") != []
    assert found(search, "wording", Options(sources=("example.org",))) == ["a1"]
    assert found(search, "wording", Options(sources=("none.example",))) == []
    day = timedelta(days=1)
    assert len(found(search, "wording", Options(since=START, until=START + day))) == 2
    assert found(search, "wording", Options(until=START)) == []
    assert found(search, "wording", Options(since=START + day)) == []
    assert len(found(search, "published:2026-03-01 seen:2026")) == 2
    assert found(search, "published:..2026-02") == []
    assert len(found(search, "published:2026-02..")) == 2


def test_what_is_gone_is_found_with_its_state(archive: Archive, search: Search) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "wording")
    assert found(search, "wording state:live") == ["a1"]
    desk.check("/a", Outcome.GONE)
    assert found(search, "wording state:live") == []
    assert found(search, "wording state:gone") == ["a1"]


@pytest.mark.parametrize(
    "query", ["!!!", "&", "*", "👍", "source:none.example", "published:x", "a-" * 300, "京" * 300]
)
def test_what_can_be_no_query(archive: Archive, search: Search, query: str) -> None:
    Desk(archive).read("/a", "Title", "wording")
    with pytest.raises(BadQuery):
        search.find(query)
