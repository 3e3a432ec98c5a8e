"""Whatever URL of a site a person gives, to `add` or to `crawl`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scripts.demo.loopback import Response
from storage.database.archive import Archive
from tests.support.command import Done, permalien
from tests.support.console import Console, undocumented
from tests.support.newsroom import FEED, SITEMAP, Newsroom

LOCAL = ("--allow-private", "--delay", "0")
NOWHERE = "http://nosuch.invalid/"


@dataclass(frozen=True)
class Operator:
    newsroom: Newsroom
    paths: list[str]
    where: dict[str, Any]
    console: Console

    def run(self, *arguments: str, code: int = 0) -> Done:
        done = permalien(*arguments, **self.where)
        assert done.code == code, done.err
        return done

    def url(self, path: str) -> str:
        return f"{self.newsroom.url}{path}"

    def listings(self) -> dict[str, str]:
        (source,) = self.console.run("sources", "--json").json()
        shown = self.console.run("sources", "show", source["name"], "--json").json()
        return {it["url"].removeprefix(self.newsroom.url): it["kind"] for it in shown["listings"]}


@pytest.fixture
def operator(
    sqlite_archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Operator]:
    where: dict[str, Any] = {"database": sqlite_archive.url.render_as_string(), "cwd": tmp_path}
    with Newsroom() as newsroom:
        paths = newsroom.publish_generated(7)
        yield Operator(newsroom, paths, where, Console(sqlite_archive, capsys))


@pytest.mark.parametrize("command", ["add", "crawl"])
def test_an_article_is_archived_and_no_other(operator: Operator, command: str) -> None:
    path = operator.paths[3]
    done = operator.run(command, operator.url(path), *LOCAL)
    assert f"{operator.url(path)}: an article; 127.0.0.1" in done.err
    assert operator.console.run("show", operator.url(path), "--json").json()["text"]
    assert operator.console.run("status", "--json").json()["articles"] == 1
    assert {FEED, SITEMAP} <= set(operator.listings())
    other = operator.paths[4]
    operator.run("crawl", operator.url(other))
    assert operator.console.run("show", operator.url(other), "--json").json()["text"]
    assert operator.console.run("status", "--json").json()["articles"] == 2
    operator.run("crawl")
    assert operator.console.run("status", "--json").json()["articles"] == 7


@pytest.mark.parametrize(("path", "kind"), [(FEED, "feed"), (SITEMAP, "sitemap")])
def test_a_feed_is_read_as_one(operator: Operator, path: str, kind: str) -> None:
    operator.newsroom.serve("/", Response(200, b"<html><p>Nothing to see</p></html>"))
    done = operator.run("add", operator.url(path), *LOCAL, "--json")
    assert f"{operator.url(path)}: a {kind}" in done.err
    (listing,) = done.json()
    assert undocumented(listing) == set()
    assert (kind, operator.url(path)) in {(it["kind"], it["url"]) for it in listing["found"]}
    operator.run("crawl")
    assert operator.console.run("status", "--json").json()["articles"] == 7


def test_a_section_and_then_the_front_page(operator: Operator) -> None:
    links = "".join(f'<h2><a href="{path}">Article at {path}</a></h2>' for path in operator.paths)
    operator.newsroom.serve("/news", Response(200, f"<html>{links * 2}</html>".encode()))
    done = operator.run("add", operator.url("/news"), *LOCAL)
    assert "/news: a section" in done.err
    assert operator.listings()["/news"] == "section"
    operator.run("add", operator.url("/"), *LOCAL)
    kinds = operator.listings()
    assert (kinds["/"], kinds["/news"]) == ("front", "section")


def test_what_is_not_there_leaves_nothing_behind(operator: Operator) -> None:
    gone = operator.url("/gone/for/good")
    done = operator.run("add", NOWHERE, gone, code=1)
    assert "http://nosuch.invalid/: no such host" in done.err
    assert "--anyway" in done.err
    done = operator.run("add", gone, *LOCAL, "--json", code=1)
    (listing,) = done.json()
    assert (listing["reached"], listing["error"]) == (False, "HTTP 404")
    assert "HTTP 404" in operator.run("crawl", gone, *LOCAL, code=1).err
    assert operator.console.run("sources", "--json").json() == []
    # A site that is there is added all the same.
    done = operator.run("add", NOWHERE, operator.url("/"), *LOCAL, code=1)
    assert len(operator.console.run("sources", "--json").json()) == 1
    operator.run("add", NOWHERE, "--anyway", code=1)
    assert len(operator.console.run("sources", "--json").json()) == 2


def test_an_endless_sitemap(operator: Operator) -> None:
    """An index that names 200 more, each of which is an index that names 200 more."""
    site = operator.newsroom.url

    def index(path: str) -> Response:
        inside = "".join(
            f"<sitemap><loc>{site}{path}/{number}</loc></sitemap>" for number in range(200)
        )
        return Response(200, f"<sitemapindex>{inside}</sitemapindex>".encode())

    for number in range(-1, 200):
        path = "/maps" if number < 0 else f"/maps/{number}"
        operator.newsroom.serve(path, index(path))
    done = operator.run("add", operator.url("/maps"), *LOCAL)
    assert "the rest is left to the next crawl" in done.out
    assert sum(it.path.startswith("/maps") for it in operator.newsroom.requests) <= 62
