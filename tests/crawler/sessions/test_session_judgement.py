"""What differs at the end of a session becomes edits and removals, or is told to be the site's."""

import pytest
from sqlalchemy import select

from crawler.judging.judgement import CONTROLS
from storage.database.archive import Archive
from storage.models import Article, ArticleState, Finding, Meaning, SiteChange
from tests.crawler.sessions.crawled_pages import crawl, meanings, page, versions
from tests.support.crawling import SITE

PATHS = [f"/2026/11/24/{number}.html" for number in range(6)]
PAGES = {path: page(number) for number, path in enumerate(PATHS)}
BANNER = "Give to the paper that you read, this spring more than ever before."
NOTE = "The name of the minister was wrong in an earlier report of ours."


@pytest.fixture
def known(archive: Archive) -> Archive:
    """An archive that knows the six articles."""
    crawl(archive, PAGES)
    return archive


def test_an_edit_is_a_version_and_a_banner_is_the_sites(known: Archive) -> None:
    shown = {path: page(number, BANNER) for number, path in enumerate(PATHS)}
    shown[PATHS[2]] = page(2, BANNER).replace("the quay of harbour 64", "the mole of harbour 64")
    ended = crawl(known, shown)
    assert ended.tally.versions == 1
    assert [len(versions(known, path)) for path in PATHS] == [1, 1, 2, 1, 1, 1]
    assert "the mole of harbour 64" in versions(known, PATHS[2])[1]
    with known.reading() as session:
        assert session.scalars(select(SiteChange.pages)).all() == [6]


def test_where_too_few_pages_tell_others_are_looked_at_and_it_is_told_at_once(
    known: Archive,
) -> None:
    ended = crawl(known, {**PAGES, PATHS[2]: page(2, NOTE)}, due=[PATHS[2]])
    assert ended.tally.requests == 1 + CONTROLS
    assert versions(known, PATHS[2])[1].endswith(NOTE)


def test_where_those_show_the_same_it_is_the_sites(known: Archive) -> None:
    shown = {path: page(number, BANNER) for number, path in enumerate(PATHS)}
    ended = crawl(known, shown, due=[PATHS[2]])
    assert ended.tally.requests == 1 + CONTROLS
    assert ended.tally.versions == 0
    assert len(versions(known, PATHS[2])) == 1


def test_a_page_that_is_gone_while_others_are_there_is_a_removal(known: Archive) -> None:
    crawl(known, {**PAGES, PATHS[0]: 404})
    with known.reading() as session:
        states = dict(session.execute(select(Article.url, Article.state)).all())
    assert states.pop(f"{SITE}{PATHS[0]}") is ArticleState.NOT_FOUND
    assert set(states.values()) == {ArticleState.LIVE}


def test_where_no_page_is_there_nothing_is_removed(known: Archive) -> None:
    crawl(known, dict.fromkeys(PATHS, 404))
    with known.reading() as session:
        assert set(session.scalars(select(Article.state))) == {ArticleState.LIVE}
    assert Meaning.UNREACHABLE in meanings(known)
    assert Meaning.REMOVED not in meanings(known)


def test_why_it_was_no_edit_is_on_record(known: Archive) -> None:
    crawl(known, {path: page(number, BANNER) for number, path in enumerate(PATHS)})
    with known.reading() as session:
        reasons = session.scalars(select(Finding.reason).where(Finding.reason.is_not(None)))
        assert set(reasons) == {"recurs on other pages"}


def _texts(shown: str) -> str:
    return shown.partition("-text'>")[2].partition("</div>")[0]


def test_a_list_that_shows_an_edited_article_whole_is_no_control_page(known: Archive) -> None:
    edited = page(0, NOTE)
    shown = [_texts(edited), *(_texts(PAGES[path]) for path in PATHS[1:])]
    lists = {
        f"/tags/{n}": page(9).replace(_texts(page(9)), "".join([shown[0], *shown[n : n + 2]]))
        for n in range(1, 4)
    }
    ended = crawl(known, {**PAGES, PATHS[0]: edited, **lists})
    assert ended.tally.dismissed == 3
    assert [len(versions(known, path)) for path in PATHS] == [2, 1, 1, 1, 1, 1]
    assert versions(known, PATHS[0])[1].endswith(NOTE)
