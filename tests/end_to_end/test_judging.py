"""What changes everywhere at once is no edit, and what is unique to an article is one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from sqlalchemy import select

from crawler.judging.judgement import CONTROLS
from scripts.demo.loopback import Response
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enrolment import enrol
from storage.models import Source
from tests.support.command import permalien
from tests.support.console import Console
from tests.support.databases import PostgreSQLServer, copy_of, url_of
from tests.support.newsroom import Newsroom

pytestmark = pytest.mark.timeout(400)

COUNT = 16
NOTE = "The name of the harbour was wrong in an earlier report of ours, which we regret."


@dataclass(frozen=True)
class Desk:
    """Someone who crawls a newsroom of COUNT articles that are archived."""

    newsroom: Newsroom
    paths: list[str]
    where: dict[str, Any]
    console: Console
    archive: Archive

    def crawl(self, *arguments: str) -> dict[str, Any]:
        done = permalien("crawl", "--json", *arguments, **self.where)
        assert done.code == 0, done.err
        document: dict[str, Any] = done.json()
        return document

    def recheck(self) -> dict[str, Any]:
        return self.crawl("--recheck")

    def unreachable_since(self) -> datetime | None:
        with self.archive.reading() as session:
            return session.scalar(select(Source.unreachable_since))

    def article(self, path: str) -> dict[str, Any]:
        url = f"{self.newsroom.url}{path}"
        document: dict[str, Any] = self.console.run("history", url, "--json").json()
        return document

    def versions(self) -> list[int]:
        return [len(self.article(path)["versions"]) for path in self.paths]

    def states(self) -> list[str]:
        return [self.article(path)["state"] for path in self.paths]


@dataclass(frozen=True)
class Crawled:
    """A newsroom, and the archive of a crawl of it, which copies are made of."""

    newsroom: Newsroom
    archive: Path | str
    server: PostgreSQLServer | None


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def crawled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crawled]:
    """Once for all tests on a database: they begin alike."""
    server = None if request.param == "sqlite" else request.getfixturevalue("postgresql")
    empty = request.getfixturevalue(f"{request.param}_template")
    folder = tmp_path_factory.mktemp("crawled")
    with Newsroom() as newsroom, copy_of(empty, server, folder) as archive:
        newsroom.publish_generated(COUNT)
        with archive.writing() as session:
            enrol(session, newsroom.url, now=utc_now(), allow_private=True, delay=0)
        done = permalien("crawl", "--json", database=url_of(archive), cwd=folder)
        assert done.code == 0, done.err
        assert done.json()["new_articles"] == COUNT
        archive.close()
        name = str(archive.url.database)
        yield Crawled(newsroom, Path(name) if server is None else name, server)


@pytest.fixture
def desk(crawled: Crawled, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    newsroom = crawled.newsroom
    newsroom.clear()
    paths = newsroom.publish_generated(COUNT)
    with copy_of(crawled.archive, crawled.server, tmp_path) as archive:
        where: dict[str, Any] = {"database": url_of(archive), "cwd": tmp_path}
        yield Desk(newsroom, paths, where, Console(archive, capsys), archive)


def cut(desk: Desk, path: str) -> None:
    """Leave an article's first two sentences."""
    first = desk.newsroom.text(path).split("\n")[1]
    desk.newsroom.edit(path, standfirst="", paragraphs=[first])


def test_a_broken_template_makes_no_edits(desk: Desk) -> None:
    for path in desk.paths:
        cut(desk, path)
    crawl = desk.recheck()
    assert crawl["new_versions"] == 0
    assert desk.versions() == [1] * COUNT
    assert desk.states() == ["walled"] * COUNT
    assert desk.console.run("status").code == 0, "nothing waits for a person"


def test_where_no_page_is_known_any_more_the_source_is_unreachable(desk: Desk) -> None:
    for path in desk.paths:
        desk.newsroom.serve(path, Response(404, b"<h1>Not found</h1>"))
    desk.recheck()
    assert desk.states() == ["live"] * COUNT
    assert desk.unreachable_since() is not None

    for path in desk.paths:
        desk.newsroom.serve(path, None)
    desk.recheck()
    assert desk.versions() == [1] * COUNT
    assert desk.states() == ["live"] * COUNT
    assert desk.unreachable_since() is None


def test_where_every_page_is_one_and_the_same_none_is_an_edit(desk: Desk) -> None:
    sorry = "<p>We are at work on our pages, and will be back for all of you within the hour.</p>"
    page = f"<html><body><h1>Back soon</h1><article>{sorry * 3}</article></body></html>"
    for path in desk.paths:
        desk.newsroom.serve(path, Response(200, page.encode(), {"Content-Type": "text/html"}))
    desk.recheck()
    assert desk.versions() == [1] * COUNT
    for path in desk.paths:
        desk.newsroom.serve(path, None)
    desk.recheck()
    assert desk.versions() == [1] * COUNT
    assert desk.states() == ["live"] * COUNT


def test_one_that_is_cut_and_one_that_is_gone_are_believed(desk: Desk) -> None:
    shorter, gone, *_ = desk.paths
    cut(desk, shorter)
    desk.newsroom.remove(gone)
    crawl = desk.recheck()
    assert crawl["new_versions"] == 1
    assert desk.article(gone)["state"] == "gone"


def test_ten_articles_edited_at_once_are_ten_versions(desk: Desk) -> None:
    for path in desk.paths[:10]:
        first, *others = desk.newsroom.text(path).split("\n")[1:]
        desk.newsroom.edit(path, paragraphs=[first, *others, NOTE])
    assert desk.recheck()["new_versions"] == 10
    assert desk.versions() == [2] * 10 + [1] * (COUNT - 10)


def test_what_every_page_says_since_is_told_as_the_sites_and_no_edit(desk: Desk) -> None:
    edited, *others = desk.paths
    desk.newsroom.edit(edited, title="The harbour has another name")
    for path in others:
        with urlopen(f"{desk.newsroom.url}{path}") as answer:
            body = answer.read().replace(b"</p>", b" [Listen: tap twice]</p>")
        desk.newsroom.serve(path, Response(200, body, {"Content-Type": "text/html"}))
    assert desk.recheck()["new_versions"] == 1
    assert desk.versions() == [2] + [1] * (COUNT - 1)

    (name,) = [it["name"] for it in desk.console.run("sources", "--json").json()]
    shown = desk.console.run("boilerplate", name, "--changes", "--json").json()["changes"]
    (change,) = [it for it in shown if it["kind"] == "pages"]
    assert change["came_from"] == change["became"]
    assert (change["shown"], change["pages"]) == (COUNT - 1, COUNT)
    reworded = {(it["before"], it["after"]) for it in change["parts"] if it["what"] == "reworded"}
    assert (None, "[Listen: tap twice]") in reworded


def test_others_are_looked_at_before_something_odd_is_believed(desk: Desk) -> None:
    path = desk.paths[0]
    desk.newsroom.forget_requests()
    for other in desk.paths:
        desk.newsroom.serve(other, Response(404))
    desk.crawl(f"{desk.newsroom.url}{path}")
    assert sum(desk.newsroom.count(other) for other in desk.paths) == 1 + CONTROLS
    assert desk.article(path)["state"] == "live"


def test_a_wall_is_no_version_and_the_return_is_none(desk: Desk) -> None:
    walls = [
        "<h1>A file</h1><p>The beginning of the text…</p><p>Subscribe to read on</p>",
        "<h1>Wir und unsere Partner</h1><p>Pur-Abo oder Werbung: Sie haben die Wahl.</p>",
        "<noscript>Please enable JavaScript</noscript><div id='app'></div>",
    ]
    for path, wall in zip(desk.paths, walls, strict=False):
        body = f"<html><body>{wall}</body></html>".encode()
        desk.newsroom.serve(path, Response(200, body, {"Content-Type": "text/html"}))
    desk.recheck()
    assert desk.versions() == [1] * COUNT
    states = desk.states()
    assert "walled" in states
    for path in desk.paths:
        desk.newsroom.serve(path, Response(404, b"<h1>Not found</h1>"))
    desk.recheck()
    assert desk.states() == states, "an outage removes nothing, behind a wall or before it"
    for path in desk.paths:
        desk.newsroom.serve(path, None)
    desk.recheck()
    assert desk.versions() == [1] * COUNT
    assert desk.states() == ["live"] * COUNT


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


def test_what_was_told_is_overruled_and_that_is_taken_back(desk: Desk) -> None:
    noted, others = desk.paths[:9], desk.paths[9:]
    for path in noted:
        with urlopen(f"{desk.newsroom.url}{path}") as answer:
            page = answer.read().decode()
        last = escape(desk.newsroom.text(path).split("\n")[-1], quote=False)
        body = page.replace(last, f"{last}</p><p>{NOTE}").encode()
        assert NOTE.encode() in body
        desk.newsroom.serve(path, Response(200, body, {"Content-Type": "text/html"}))
    assert desk.recheck()["new_versions"] == 0
    (name,) = [it["name"] for it in desk.console.run("sources", "--json").json()]
    shown = desk.console.run("boilerplate", name, "--changes", "--json").json()["changes"]
    (change,) = [it for it in shown if NOTE[:40] in str(it["parts"])]
    seen = {path: desk.article(path)["checks"][0]["observed_at"] for path in noted}

    def overrule(*arguments: str) -> dict[str, Any]:
        document = desk.console.run("overrule", name, *arguments, "--json").json()
        (said,) = document["overrulings"]
        return dict(said)

    for _ in range(2):
        said = overrule(change["number"], "--why", "a correction", "--by", "Ada")
        assert (said["number"], said["says"], len(said["version_ids"])) == (1, "edits", 9)
    assert desk.versions() == [2] * 9 + [1] * 7
    for path in noted:
        old, new = desk.article(path)["versions"]
        assert new["first_seen_at"] == seen[path]
        assert NOTE in new["text"]
        assert NOTE not in old["text"]
    assert desk.recheck()["new_versions"] == 0
    assert desk.versions() == [2] * 9 + [1] * 7

    assert overrule("--undo", "1", "--why", "no", "--by", "Bo")["undone"]["by"] == "Bo"
    assert desk.versions() == [1] * COUNT
    assert desk.recheck()["new_versions"] == 0
    assert overrule(change["number"], "--why", "yes")["version_ids"] == said["version_ids"]
    assert desk.versions() == [2] * 9 + [1] * 7

    for path in others[:3]:
        paragraphs = desk.newsroom.text(path).split("\n")[1:]
        desk.newsroom.edit(path, paragraphs=[*paragraphs, "Our readers have a new address."])
    assert desk.recheck()["new_versions"] == 3
    edited = desk.article(others[0])["versions"][-1]["version_id"]
    mass = overrule(edited, "--alike", "--why", "a notice")
    assert (mass["says"], len(mass["version_ids"])) == ("site", 3)
    assert desk.versions() == [2] * 9 + [1] * 7
    assert desk.recheck()["new_versions"] == 0
    assert desk.versions() == [2] * 9 + [1] * 7
    assert "a notice" in desk.console.shows("show", edited)
    overrule("--undo", str(mass["number"]), "--why", "they were edits")
    assert desk.versions() == [2] * 12 + [1] * 4


def test_an_article_that_moved_and_was_edited_was_not_away(desk: Desk) -> None:
    old, new = desk.paths[0], "/2024/moved-here"
    standfirst, *paragraphs = desk.newsroom.text(old).split("\n")
    title = desk.article(old)["versions"][0]["title"]
    desk.newsroom.publish(new, title=title, standfirst=standfirst, paragraphs=[*paragraphs, NOTE])
    desk.newsroom.redirect(old, new)
    assert desk.recheck()["new_versions"] == 1
    events = desk.console.run("edits", "--json").json()
    assert [it["event"] for it in events] == ["edit"]
    assert desk.article(new)["state"] == "live"
