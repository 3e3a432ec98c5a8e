"""What changes everywhere at once is no edit: it is held back until a person has looked."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scripts.demo.loopback import Response
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enrolment import enrol
from storage.review.doubts import CONTROLS
from tests.support.command import permalien
from tests.support.console import Console
from tests.support.newsroom import Newsroom

pytestmark = pytest.mark.timeout(400)

COUNT = 16


@dataclass(frozen=True)
class Desk:
    """Someone who crawls a newsroom of COUNT articles that are archived."""

    newsroom: Newsroom
    paths: list[str]
    where: dict[str, Any]
    console: Console

    def crawl(self, *arguments: str) -> dict[str, Any]:
        done = permalien("crawl", "--json", *arguments, **self.where)
        assert done.code == 0, done.err
        document: dict[str, Any] = done.json()
        return document

    def recheck(self) -> dict[str, Any]:
        return self.crawl("--recheck")

    def release(self) -> None:
        done = self.console.run("health", self.newsroom.url, "--release")
        assert done.code == 0, done.err

    def article(self, path: str) -> dict[str, Any]:
        url = f"{self.newsroom.url}{path}"
        document: dict[str, Any] = self.console.run("history", url, "--json").json()
        return document

    def versions(self) -> list[int]:
        return [len(self.article(path)["versions"]) for path in self.paths]

    def states(self) -> list[str]:
        return [self.article(path)["state"] for path in self.paths]


@pytest.fixture
def desk(database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with Newsroom() as newsroom:
        paths = newsroom.publish_generated(COUNT)
        where: dict[str, Any] = {"database": database_url, "cwd": tmp_path}
        archive = Archive(database_url)
        desk = Desk(newsroom, paths, where, Console(archive, capsys))
        schema.upgrade(archive)
        with archive.writing() as session:
            enrol(session, newsroom.url, now=utc_now(), allow_private=True, delay=0)
        assert desk.crawl()["new_articles"] == COUNT
        yield desk
        archive.close()


def cut(desk: Desk, path: str) -> None:
    """Leave an article's first two sentences."""
    first = desk.newsroom.text(path).split("\n")[1]
    desk.newsroom.edit(path, standfirst="", paragraphs=[first])


def test_a_broken_template_makes_no_edits_until_they_are_released(desk: Desk) -> None:
    for path in desk.paths:
        cut(desk, path)
    crawl = desk.recheck()
    assert (crawl["new_versions"], crawl["held"]) == (0, COUNT)
    assert desk.versions() == [1] * COUNT
    status = desk.console.run("status")
    assert status.code == 1
    assert f"half the text is gone ({COUNT})" in " ".join(status.out.split())

    # A real edit waits as well: what it would be compared with is in doubt.
    desk.newsroom.edit(desk.paths[0], title="A headline of its own, file 9 shows")
    desk.recheck()
    assert desk.versions() == [1] * COUNT

    desk.release()
    released = desk.crawl()
    assert released["new_versions"] == COUNT + 1
    assert desk.versions() == [3] + [2] * (COUNT - 1)
    first, second, third = desk.article(desk.paths[0])["versions"]
    assert first["first_seen_at"] < second["first_seen_at"] < third["first_seen_at"]
    assert third["title"] == "A headline of its own, file 9 shows"
    assert desk.console.run("status").code == 0


def test_a_server_that_knows_no_page_any_more_has_removed_none(desk: Desk) -> None:
    for path in desk.paths:
        desk.newsroom.serve(path, Response(404, b"<h1>Not found</h1>"))
    crawl = desk.recheck()
    assert crawl["held"] == COUNT
    assert desk.states() == ["live"] * COUNT
    assert {check["outcome"] for check in desk.article(desk.paths[0])["checks"]} == {
        "fetched",
        "not-found",
    }

    for path in desk.paths:
        desk.newsroom.serve(path, None)
    desk.recheck()
    assert desk.versions() == [1] * COUNT
    assert desk.states() == ["live"] * COUNT
    # Nobody had to look: nothing is held any more.
    assert desk.console.run("status").code == 0


def test_removals_that_are_released_are_removals(desk: Desk) -> None:
    for path in desk.paths:
        desk.newsroom.serve(path, Response(410))
    desk.recheck()
    desk.release()
    desk.crawl()
    assert desk.states() == ["gone"] * COUNT


def test_one_that_is_cut_and_one_that_is_gone_are_believed(desk: Desk) -> None:
    shorter, gone, *_ = desk.paths
    cut(desk, shorter)
    desk.newsroom.remove(gone)
    crawl = desk.recheck()
    assert (crawl["new_versions"], crawl["held"]) == (1, 0)
    assert desk.article(gone)["state"] == "gone"


def test_others_are_looked_at_before_something_odd_is_believed(desk: Desk) -> None:
    path = desk.paths[0]
    desk.newsroom.forget_requests()
    for other in desk.paths:
        desk.newsroom.serve(other, Response(404))
    desk.crawl(f"{desk.newsroom.url}{path}")
    assert sum(desk.newsroom.count(other) for other in desk.paths) == 1 + CONTROLS
    assert desk.article(path)["state"] == "live"


def test_how_articles_went_and_came_back(desk: Desk) -> None:
    ways = {
        "not-found": Response(404, b"gone"),
        "gone": Response(410, b"gone"),
        "walled": Response(402, b"pay"),
        "to-front-page": Response(302, headers={"Location": "/"}),
        "moved": Response(302, headers={"Location": "/elsewhere"}),
    }
    went = dict(zip(desk.paths, ways, strict=False))
    for path, state in went.items():
        desk.newsroom.serve(path, ways[state])
    desk.recheck()
    assert {path: desk.article(path)["state"] for path in went} == went
    for path in went:
        desk.newsroom.serve(path, None)
    desk.recheck()
    assert desk.states() == ["live"] * COUNT
    assert desk.versions() == [1] * COUNT
