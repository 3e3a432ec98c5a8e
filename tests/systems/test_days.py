"""Sites in the markup of twelve systems, crawled for days: their articles alone, and their edits.

On the second day there are new pages, edited ones and one that is gone; on the third a third of the
articles is behind something, and every page has a banner; on the fifth the site has another design.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.database.archive import Archive
from storage.history.version_records import VersionRecord, history
from storage.models import Article, ArticleState
from storage.query.articles import article_record
from tests.support.command import permalien
from tests.support.folder_archive import enrolled, options
from tests.systems.days import DAYS, Day
from tests.systems.server import SystemServer
from tests.systems.site import SYSTEMS, Page

pytestmark = pytest.mark.timeout(600)
# one that declares next to nothing
SHORT = ("typo3",)

Told = tuple[str, str]  # a title and a text


class Expected:
    """What an archive of a site must hold after so many days."""

    def __init__(self) -> None:
        self.versions: dict[str, list[Told]] = defaultdict(list)
        self.times: dict[str, list[datetime]] = {}
        self.states: dict[str, set[ArticleState]] = {}

    def look(self, pages: Mapping[str, Page]) -> None:
        self.states = {url: {ArticleState.NOT_FOUND} for url in self.versions}
        for url, page in pages.items():
            if page.behind_a_wall and url not in self.versions:
                continue
            self.states[url] = {ArticleState.LIVE}
            if page.behind_a_wall or page.partial:
                self.states[url] = {ArticleState.WALLED}
            if page.status == 403:
                self.states[url].add(ArticleState.LIVE)  # it may be us who are turned away
            if not page.behind_a_wall:
                told = (page.title, "\n".join(page.texts or ()))
                if told not in self.versions[url][-1:]:
                    self.versions[url].append(told)
                self.times[url] = list(page.times)


def compare(archive: Archive, site: str, expected: Expected) -> None:
    with archive.reading() as session:
        articles = session.scalars(select(Article).where(Article.url.startswith(site))).all()
        found = {it.url: history(session, it.id) for it in articles if it.dismissed_as is None}
        states = {url: article_record(session, url).state for url in found}
    assert sorted(found) == sorted(expected.versions)
    for url, versions in found.items():
        assert [(it.title, it.text) for it in versions] == expected.versions[url], url
        assert _times(versions[-1]) == expected.times[url], url
        assert states[url] in expected.states[url], url


def _times(record: VersionRecord) -> list[datetime]:
    return [datetime.fromisoformat(at) for _, at in record.details.get("live_entries", ())]


def crawl(systems: Sequence[str], days: Sequence[Day], folder: Path) -> None:
    expected = {system: Expected() for system in systems}
    where = options(folder)
    with ExitStack() as stack:
        servers = [stack.enter_context(SystemServer(system)) for system in systems]
        enrolled(folder, *(server.url for server in servers))
        for number, day in enumerate(days):
            for server in servers:
                server.day = day
            done = permalien("crawl", "--json", *["--recheck"] * (number > 0), **where)
            assert done.code == 0, done.err
            archive = Archive(where["database"])
            for server in servers:
                expected[server.system].look(server.articles)
                compare(archive, f"{server.url}/", expected[server.system])
            archive.close()


def test_one_system(tmp_path: Path) -> None:
    crawl(SHORT, DAYS[:4], tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("system", SYSTEMS)
def test_all_systems(tmp_path: Path, system: str) -> None:
    crawl([system], DAYS, tmp_path)
