"""A site whose articles are made by scripts, crawled with Chromium and without."""

import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from scripts.demo.loopback import Response
from storage.database.archive import Archive
from storage.ledger.headers import joined
from storage.models import Address, AddressKind, BrowserNeed, Fetch, HeaderSet, Source
from tests.support.command import Command, Done, permalien
from tests.support.console import Console
from tests.support.newsroom import HTML, Newsroom
from tests.support.scripted_news import SCRIPT, api, publish_scripted, serve

pytestmark = pytest.mark.timeout(300)

NO_BROWSER = {"BROWSER": None}
LONGEST = 10.0  # seconds


@dataclass(frozen=True)
class Operator:
    archive: Archive
    newsroom: Newsroom
    where: dict[str, Any]
    console: Console

    def add(self, *options: str) -> None:
        local = ("--allow-private", "--delay", "0")
        assert self.run("add", self.newsroom.url, *local).code == 0
        if options:
            name = self.newsroom.url.removeprefix("http://")
            assert self.console.run("sources", "edit", name, *options).code == 0

    def run(self, *arguments: str, settings: dict[str, Any] | None = None) -> Done:
        return permalien(*arguments, settings=settings, **self.where)

    def text(self, path: str) -> str:
        done = self.console.run("show", f"{self.newsroom.url}{path}", "--json")
        return "" if done.code else done.json()["text"]

    def articles(self) -> int:
        articles: int = self.console.run("status", "--json").json()["articles"]
        return articles

    def need(self) -> BrowserNeed:
        with self.archive.reading() as session:
            return session.scalars(select(Source.browser_need)).one()

    def details(self) -> set[str]:
        with self.archive.reading() as session:
            return set(filter(None, session.scalars(select(Fetch.error))))


@pytest.fixture
def operator(
    sqlite_archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Operator]:
    where: dict[str, Any] = {"database": sqlite_archive.url.render_as_string(), "cwd": tmp_path}
    with Newsroom() as newsroom:
        yield Operator(sqlite_archive, newsroom, where, Console(sqlite_archive, capsys))


def test_that_a_browser_is_needed_is_found_out(operator: Operator) -> None:
    newsroom = operator.newsroom
    with Newsroom() as secret:
        paths = publish_scripted(newsroom, 5, more=f"fetch('{secret.url}/').catch(() => {{}});")
        operator.add()
        assert operator.run("crawl").code == 0
        assert secret.requests == []
    for path, paragraphs in paths.items():
        assert operator.text(path).split("\n") == list(paragraphs)
    assert operator.need() is BrowserNeed.SHOWN
    # The pages share it; what else a page wants is not asked for.
    assert newsroom.count(SCRIPT) == 1
    assert newsroom.count("/app.css") == 0
    asked = [visit for visit in newsroom.requests if visit.path.startswith(api("/"))]
    assert len(asked) == len(paths)
    assert not any("cookie" in visit.headers or "referer" in visit.headers for visit in asked)
    assert {visit.headers["user-agent"].partition("/")[0] for visit in asked} == {"Permalien"}
    # The record tells which body is the server's, and which the browser's.
    marks = rendered(operator.archive)
    assert None in marks
    shown = [mark for mark in marks if mark]
    assert len(shown) == len(paths)
    assert all(it.startswith("Chromium/") and "; requests=" in it for it in shown)


def test_without_one_it_is_told_that_it_would_help(operator: Operator) -> None:
    newsroom = operator.newsroom
    publish_scripted(newsroom, 4)
    operator.add()
    assert operator.run("crawl", settings=NO_BROWSER).code == 0
    assert (operator.articles(), operator.need()) == (0, BrowserNeed.LIKELY)
    assert operator.console.run("status", "--json").json()["without_browser"] == 1
    assert "permalien[browser]" in operator.console.run("status").out
    assert "permalien[browser]" in operator.console.run("health").out
    publish_scripted(newsroom, 5)
    done = operator.run("crawl", newsroom.url, "--recheck")
    told = f"{done.out}{done.err}{operator.details()}"
    assert (operator.articles(), operator.need()) == (5, BrowserNeed.SHOWN), told
    assert "browser" not in operator.console.run("health").out


def test_a_site_that_needs_none_any_more_does_without(operator: Operator) -> None:
    newsroom = operator.newsroom
    paths = publish_scripted(newsroom, 6)
    operator.add()
    assert operator.run("crawl").code == 0
    assert (operator.articles(), operator.need()) == (6, BrowserNeed.SHOWN)
    for path in paths:
        newsroom.serve(path, None)
    operator.run("crawl", newsroom.url, "--recheck")
    assert operator.need() is BrowserNeed.UNKNOWN
    newsroom.forget_requests()
    operator.run("crawl", newsroom.url, "--recheck")
    assert newsroom.count(SCRIPT) == 0
    assert (operator.articles(), operator.need()) == (6, BrowserNeed.UNKNOWN)


def test_robots_txt_holds_for_what_a_page_asks_for(operator: Operator) -> None:
    operator.newsroom.robots = "User-agent: *\nDisallow: /api/"
    publish_scripted(operator.newsroom, 3)
    operator.add("--browser", "always")
    assert operator.run("crawl").code == 0
    assert operator.articles() == 0
    assert not any(it.path.startswith("/api/") for it in operator.newsroom.requests)


def test_a_page_that_never_ends_stops_nothing(operator: Operator) -> None:
    bomb, moved, *others = publish_scripted(operator.newsroom, 5)
    serve(operator.newsroom, bomb, "<body><script>for (;;);</script>", HTML)
    operator.newsroom.serve(moved, Response(404))
    operator.add("--browser", "always")
    assert operator.run("crawl").code == 0
    assert operator.articles() == len(others)
    assert operator.details() == {"browser: its scripts never come to an end"}
    assert [operator.text(bomb), operator.text(moved)] == ["", ""]


def test_it_ends_within_seconds_with_a_browser_open(operator: Operator) -> None:
    bomb = next(iter(publish_scripted(operator.newsroom, 3)))
    serve(operator.newsroom, bomb, "<body><script>for (;;);</script>", HTML)
    operator.add("--browser", "always")
    with Command("crawl", **operator.where) as command:
        until = time.monotonic() + 60
        while not operator.newsroom.count(bomb) and time.monotonic() < until:
            time.sleep(0.05)
        while not chromiums(operator.where["cwd"]) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(1)
        assert chromiums(operator.where["cwd"])
        began = time.monotonic()
        command.send_signal(signal.SIGTERM)
        command.wait(timeout=60)
        assert time.monotonic() - began < LONGEST
    until = time.monotonic() + LONGEST
    while chromiums(operator.where["cwd"]) and time.monotonic() < until:
        time.sleep(0.1)
    assert chromiums(operator.where["cwd"]) == 0
    # The page was not archived as its server sent it.
    assert operator.text(bomb) == ""
    assert None not in rendered(operator.archive, path=bomb)


def chromiums(folder: Path) -> int:
    """How many processes of Chromium have this as their working directory."""
    found = subprocess.run(
        ["pgrep", "chromium"], capture_output=True, text=True, check=False
    ).stdout.split()
    return sum(cwd_of(pid) == folder for pid in found)


def cwd_of(pid: str) -> Path | None:
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None


def rendered(archive: Archive, path: str = "") -> list[str | None]:
    """Which browser made each page that was fetched; those at this path, if one is given."""
    with archive.reading() as session:
        rows = session.execute(
            select(Fetch, HeaderSet)
            .join(HeaderSet, HeaderSet.id == Fetch.response_headers_id)
            .join(Address, Address.id == Fetch.address_id)
            .where(Address.kind == AddressKind.PAGE, Address.url.contains(path))
        )
        return [joined(it.headers, fetch.response_values).rendered_by for fetch, it in rows]
