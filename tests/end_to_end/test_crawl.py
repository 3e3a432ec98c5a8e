"""From an address to versions: a site is added, crawled, edited, crawled again."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from scripts.demo.loopback import Response
from storage.database.archive import Archive
from storage.ledger.headers import joined
from storage.ledger.payloads import load_payload
from storage.models import Fetch, HeaderSet
from tests.support.command import Done, permalien
from tests.support.console import Console, undocumented
from tests.support.newsroom import FEED, SITEMAP, Newsroom

pytestmark = pytest.mark.timeout(400)


@dataclass(frozen=True)
class Reader:
    """Someone who crawls a newsroom and reads the archive."""

    newsroom: Newsroom
    paths: list[str]
    where: dict[str, Any]
    console: Console

    def run(self, *arguments: str) -> Done:
        return permalien(*arguments, **self.where)

    def crawl(self, *arguments: str) -> dict[str, Any]:
        done = self.run("crawl", "--json", *arguments)
        assert done.code == 0, done.err
        document: dict[str, Any] = done.json()
        return document

    def json(self, command: str, path: str, *arguments: str) -> dict[str, Any]:
        url = f"{self.newsroom.url}{path}"
        document: dict[str, Any] = self.console.run(command, url, "--json", *arguments).json()
        return document


@pytest.fixture
def reader(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Reader]:
    with Newsroom() as newsroom:
        paths = newsroom.publish_generated(8)
        console = Console(Archive(database_url), capsys)
        reader = Reader(newsroom, paths, {"database": database_url, "cwd": tmp_path}, console)
        done = reader.run("add", newsroom.url, "--allow-private", "--delay", "0", "--json")
        assert done.code == 0, done.err
        (listing,) = done.json()
        assert undocumented(listing) == set()
        found = {(it["kind"], it["url"].removeprefix(newsroom.url)) for it in listing["found"]}
        assert found >= {("feed", FEED), ("sitemap", SITEMAP)}
        yield reader


def test_the_life_of_a_site(reader: Reader) -> None:
    newsroom = reader.newsroom
    edited, removed, moved, steady, *_ = paths = reader.paths

    first = reader.crawl()
    assert undocumented(first) == set()
    assert (first["ended"], first["new_articles"], first["new_versions"]) == ("finished", 8, 0)
    assert first["failures"] == {}
    for path in paths:
        shown = reader.json("show", path)
        assert shown["text"] == newsroom.text(path)
        dated_by = {it["source"] for it in shown["candidates"]["published_at"]}
        assert {"json-ld:datePublished"} < dated_by
        assert dated_by & {"feed", "sitemap"}
    assert all(newsroom.count(path) == 1 for path in paths)

    again = reader.crawl("--recheck")
    assert (again["new_articles"], again["new_versions"]) == (0, 0)
    assert again["pages"] == {"unchanged": 8}
    assert all(newsroom.count(path, status=304) == 1 for path in paths)

    newsroom.edit(edited, title="The harbour board thinks again, file 77 shows")
    newsroom.remove(removed)
    newsroom.redirect(moved, to="/2026/moved-here/")
    newsroom.publish(
        "/2026/new-today/",
        title="The ferry is back, file 88 shows",
        paragraphs=["It was away for a month, said the captain of the ferry to file 88."] * 4,
    )
    later = reader.crawl("--recheck")
    assert (later["new_articles"], later["new_versions"]) == (1, 1)
    assert later["pages"]["gone"] == 1
    assert later["pages"]["moved"] == 1

    archive = Archive(reader.where["database"])
    removal = evidence(archive, 410)
    archive.close()
    assert removal.body
    assert removal.peer == "127.0.0.1"
    assert "If-None-Match" in removal.sent
    assert "Permalien" in (removal.sent["User-Agent"] or "")
    assert {"Date", "Content-Type"} <= removal.received.keys()

    history = reader.json("history", edited)
    assert [version["version"] for version in history["versions"]] == [1, 2]
    assert history["versions"][1]["title"] == "The harbour board thinks again, file 77 shows"
    assert reader.json("show", removed)["state"] == "gone"
    assert reader.json("show", moved)["state"] == "moved"
    assert reader.json("history", steady)["checks"][0]["outcome"] == "unchanged"
    assert "thinks" in reader.console.shows("diff", f"{newsroom.url}{edited}")
    (hit,) = reader.console.run("search", '"thinks again"', "--json").json()
    assert hit["url"] == f"{newsroom.url}{edited}"


@dataclass(frozen=True)
class Evidence:
    """What an archive has of an answer."""

    body: bytes
    peer: str | None
    sent: dict[str, str | None]
    received: dict[str, str | None]


def evidence(archive: Archive, status: int) -> Evidence:
    """Of the one answer that had this status."""
    with archive.reading() as session:
        fetch = session.scalars(select(Fetch).where(Fetch.status == status)).one()
        assert fetch.digest is not None
        sent, received = (
            dict(joined(session.get_one(HeaderSet, headers_id).headers, values))
            for headers_id, values in (
                (fetch.request_headers_id, fetch.request_values),
                (fetch.response_headers_id, fetch.response_values),
            )
        )
        return Evidence(load_payload(session, fetch.digest), fetch.peer, sent, received)


def test_without_validators_and_with_other_adverts_nothing_is_a_version(reader: Reader) -> None:
    reader.newsroom.validators = False
    reader.crawl()
    again = reader.crawl("--recheck")
    assert (again["new_versions"], again["pages"]) == (0, {"unchanged": 8})


def test_an_outage_changes_nothing_and_is_on_record(reader: Reader) -> None:
    reader.crawl()
    path = reader.paths[0]
    reader.newsroom.serve(path, Response(500))
    reader.crawl("--recheck")
    assert reader.json("show", path)["state"] == "live"
    check = reader.json("history", path)["checks"][0]
    assert (check["outcome"], check["status"]) == ("failed", 500)


def test_one_article_by_its_address(reader: Reader) -> None:
    path = reader.paths[0]
    reader.newsroom.forget_requests()
    reader.crawl(f"{reader.newsroom.url}{path}")
    assert reader.newsroom.count(path) == 1
    assert reader.json("show", path)["version"] == 1


def test_a_summary_that_a_person_reads(reader: Reader) -> None:
    done = reader.run("crawl")
    assert "8  new articles" in done.out
    assert "Next: permalien search" in done.out
    nothing = reader.run("crawl")
    assert nothing.code == 0
    assert "nothing was due" in nothing.out
    assert "--recheck" in nothing.out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("crawl",), 1, "permalien add URL"),
        (("crawl", "nonsense"), 1, "no source nonsense"),
        (("crawl", "ftp://example.org/"), 2, "neither http nor https"),
        (("add", "http://user:secret@example.org/"), 2, "user name or password"),
        (("add", "--file", "none.txt"), 2, "does not exist"),
        (("extract", "none.html"), 1, "No such file"),
        (("extract", "http://127.0.0.1:9/"), 1, "private address"),
        (("extract", "http://127.0.0.1:9/", "--allow-private"), 1, "connection refused"),
        (("extract", "http://["), 1, "no host name"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    database = f"sqlite:///{tmp_path / 'archive.db'}"
    done = permalien(*arguments, database=database, cwd=tmp_path)
    assert (done.code, done.out) == (code, "")
    assert done.err.count("\n") == 1
    assert says in done.err


def test_a_site_that_is_not_there(tmp_path: Path) -> None:
    with Newsroom() as newsroom:
        url = newsroom.url
    done = permalien(
        *("add", url, "--allow-private", "--anyway"),
        database=f"sqlite:///{tmp_path / 'a.db'}",
        cwd=tmp_path,
    )
    assert done.code == 1
    assert "could not be reached" in done.out
    assert "connection refused" in done.out


def test_a_list_of_sites(tmp_path: Path) -> None:
    listed = tmp_path / "sites.txt"
    where: dict[str, Any] = {"database": f"sqlite:///{tmp_path / 'a.db'}", "cwd": tmp_path}
    with Newsroom() as one, Newsroom() as two:
        listed.write_text(f"# sites\n{one.url}\n\n{two.url}\n", encoding="utf-8")
        done = permalien("add", "--file", str(listed), "--allow-private", "--delay", "0", **where)
        assert done.code == 0, done.err
        assert len(permalien("sources", "--json", **where).json()) == 2
    listed.write_text("https://example.org/\nhttp://[\n", encoding="utf-8")
    done = permalien("add", "--file", str(listed), **where)
    assert done.code == 2
    assert f"{listed}:2: " in done.err


def test_extract_shows_an_article_without_archiving_it(tmp_path: Path) -> None:
    where: dict[str, Any] = {"database": f"sqlite:///{tmp_path / 'a.db'}", "cwd": tmp_path}
    with Newsroom() as newsroom:
        (path,) = newsroom.publish_generated(1)
        url = f"{newsroom.url}{path}"
        done = permalien("extract", url, "--allow-private", "--json", **where)
        assert done.code == 0, done.err
        document = done.json()
        assert document["text"] == newsroom.text(path)
        assert undocumented(document) == set()
    assert not (tmp_path / "a.db").exists()
