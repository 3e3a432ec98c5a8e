from datetime import timedelta

import pytest
from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.models import Article, Fetch, Payload
from storage.verification.scope import Scope
from tests.support.archiving import START, Desk

TEN = timedelta(minutes=10)


@pytest.fixture
def sources(sqlite_archive: Archive) -> list[int]:
    """Two sites with an article each, read at START + 10 and 20 minutes, twice."""
    desks = [Desk(sqlite_archive, site=f"https://{it}.example/", run_id=it) for it in (1, 2)]
    for number, desk in enumerate(desks):
        desk.read("/x", f"Title {number}", "One two three.")
        desk.read("/x", f"Title {number}, again", "One two three.")
    return [desk.source.id for desk in desks]


def counted(archive: Archive, scope: Scope) -> tuple[int, int, int]:
    """How many fetches, articles and stored pages the scope has."""
    with archive.reading() as session:
        fetches, articles, payloads = (
            session.scalar(select(func.count()).select_from(table).where(among)) or 0
            for table, among in (
                (Fetch, scope.of_fetches()),
                (Article, scope.of_articles()),
                (Payload, scope.of_payloads()),
            )
        )
    return fetches, articles, payloads


def test_nothing_said_is_all(sqlite_archive: Archive, sources: list[int]) -> None:
    assert Scope().whole
    assert counted(sqlite_archive, Scope()) == (4, 2, 4)


def test_of_one_source(sqlite_archive: Archive, sources: list[int]) -> None:
    scope = Scope(sources=(sources[0],))
    assert not scope.whole
    assert counted(sqlite_archive, scope) == (2, 1, 2)
    assert counted(sqlite_archive, Scope(sources=(10**9,))) == (0, 0, 0)


def test_since_is_in_it_and_until_is_not(sqlite_archive: Archive, sources: list[int]) -> None:
    first, second = START + TEN, START + 2 * TEN
    assert counted(sqlite_archive, Scope(since=first))[0] == 4
    assert counted(sqlite_archive, Scope(since=first + timedelta(seconds=1)))[0] == 2
    assert counted(sqlite_archive, Scope(until=second)) == (2, 2, 2)
    assert counted(sqlite_archive, Scope(since=second, until=second))[0] == 0


def test_a_sample_is_of_what_is_in_it(sqlite_archive: Archive, sources: list[int]) -> None:
    scope = Scope(sources=(sources[1],), sample=1)
    assert scope.of_pages
    assert counted(sqlite_archive, scope)[2] == 1
    assert counted(sqlite_archive, Scope(sample=50))[2] == 4
    assert counted(sqlite_archive, Scope(sample=0))[2] == 0
