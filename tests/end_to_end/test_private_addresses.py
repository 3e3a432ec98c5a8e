"""Neither by number nor by name, unless the source was added with that said."""

from pathlib import Path

import pytest

from scripts.demo.loopback import Response
from tests.support.command import Done, permalien
from tests.support.folder_archive import on_record, options
from tests.support.newsroom import Newsroom

pytestmark = pytest.mark.timeout(300)

NAME = "inside.example"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433"])
def test_a_local_address_is_refused(tmp_path: Path, host: str) -> None:
    with Newsroom() as newsroom:
        port = newsroom.url.rpartition(":")[2]
        done = permalien("add", f"http://{host}:{port}", **options(tmp_path))
        assert newsroom.requests == []
    assert done.code == 1
    assert "private address" in done.err
    assert "--allow-private" in done.err


def test_a_name_that_leads_to_one_is_refused(tmp_path: Path) -> None:
    with Newsroom() as newsroom:
        done = crawl_by_name(newsroom, tmp_path)
        assert newsroom.requests == []
        assert done.code == 1
        assert "private address: inside.example is 127.0.0.1" in done.err
        assert on_record(tmp_path) == {}
        done = crawl_by_name(newsroom, tmp_path, "--anyway")
        assert newsroom.requests == []
    assert done.code == 1
    assert "Traceback" not in done.err
    details = {check.detail for checks in on_record(tmp_path).values() for check in checks}
    assert all("private address: inside.example is 127.0.0.1" in it for it in details), details


def test_a_name_that_leads_to_one_is_reached_when_the_source_says_so(tmp_path: Path) -> None:
    with Newsroom() as newsroom:
        done = crawl_by_name(newsroom, tmp_path, "--allow-private")
        # To see what it is, and to crawl it.
        assert newsroom.count("/") == 2
    assert done.code == 0, done.err


def test_an_allowed_site_may_not_send_robots_txt_elsewhere(tmp_path: Path) -> None:
    with Newsroom() as newsroom, Newsroom() as other:
        location = {"Location": f"{other.url}/robots.txt"}
        newsroom.serve("/robots.txt", Response(302, headers=location))
        flags = ("--allow-private", "--delay", "0", "--anyway")
        done = permalien("crawl", newsroom.url, *flags, **options(tmp_path))
        assert other.requests == []
    assert done.code == 0


def crawl_by_name(newsroom: Newsroom, folder: Path, *flags: str) -> Done:
    url = newsroom.url.replace("127.0.0.1", NAME)
    names = {NAME: "127.0.0.1"}
    return permalien("crawl", url, "--delay", "0", *flags, names=names, **options(folder))
