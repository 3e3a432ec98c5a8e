"""Sites of the twelve systems, crawled on two days: their articles are archived, no other page."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from storage.database.archive import Archive
from storage.models import Article
from storage.query.articles import article_record
from tests.support.command import permalien
from tests.systems.server import SystemServer
from tests.systems.site import SYSTEMS

pytestmark = pytest.mark.timeout(600)
# one that declares next to nothing
SHORT = ("typo3",)


def archived(archive: Archive, site: str) -> dict[str, str]:
    """The texts of the articles of a site, by address."""
    with archive.reading() as session:
        urls = session.scalars(select(Article.url).where(Article.url.startswith(site)))
        return {url: article_record(session, url).shown.text for url in urls.all()}


def crawl_two_days(systems: Sequence[str], where: dict[str, Any]) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(SystemServer(system)) for system in systems]
        for server in servers:
            done = permalien("add", server.url, "--allow-private", "--delay", "0", **where)
            assert done.code == 0, done.err
        for edition in (1, 2):
            for server in servers:
                server.edition = edition
            done = permalien("crawl", "--json", *["--recheck"] * (edition - 1), **where)
            assert done.code == 0, done.err
            for server in servers:
                found = archived(Archive(where["database"]), f"{server.url}/")
                wanted = {url: "\n".join(page.texts or ()) for url, page in server.articles.items()}
                assert sorted(found) == sorted(wanted), server.system
                assert found == wanted, server.system


def test_one_system(tmp_path: Path) -> None:
    crawl_two_days(SHORT, {"database": f"sqlite:///{tmp_path}/archive.db", "cwd": tmp_path})


@pytest.mark.soak
def test_all_systems(tmp_path: Path) -> None:
    crawl_two_days(SYSTEMS, {"database": f"sqlite:///{tmp_path}/archive.db", "cwd": tmp_path})
