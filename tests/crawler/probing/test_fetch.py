"""By way of `permalien extract URL`, since the reactor starts once a process."""

from pathlib import Path

import pytest

from scripts.demo.loopback import Response
from tests.support.command import Done, permalien
from tests.support.hostile import HostileSite
from tests.support.newsroom import Newsroom

FAST = {"DOWNLOAD_TIMEOUT": 2}


def extract(url: str, folder: Path) -> Done:
    return permalien(
        "extract",
        url,
        "--allow-private",
        database=f"sqlite:///{folder / 'a.db'}",
        cwd=folder,
        settings=FAST,
    )


def test_follows_redirects(tmp_path: Path) -> None:
    with Newsroom() as newsroom:
        (path,) = newsroom.publish_generated(1)
        newsroom.redirect("/old", to=path)
        done = extract(f"{newsroom.url}/old", tmp_path)
        assert done.code == 0, done.err
        assert newsroom.text(path).split("\n")[-1] in done.out


def test_obeys_robots_txt(tmp_path: Path) -> None:
    with Newsroom() as newsroom:
        (path,) = newsroom.publish_generated(1)
        newsroom.robots = "User-agent: *\nDisallow: /\n"
        done = extract(f"{newsroom.url}{path}", tmp_path)
        assert newsroom.count(path) == 0
    assert (done.code, done.out) == (1, "")
    assert "robots.txt" in done.err


def test_is_not_led_to_other_private_hosts(tmp_path: Path) -> None:
    with Newsroom() as newsroom, Newsroom() as other:
        newsroom.serve("/away", Response(302, headers={"Location": f"{other.url}/"}))
        done = extract(f"{newsroom.url}/away", tmp_path)
        assert other.requests == []
    assert done.code == 1
    assert "private address" in done.err


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/gzip-bomb", "too large"),
        ("/huge", "too large"),
        ("/never", "timed out"),
        ("/redirect-self", "redirect"),
        ("/404", "404"),
        ("/pdf", "not HTML"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(tmp_path: Path, path: str, says: str) -> None:
    with HostileSite() as site:
        done = extract(f"{site.url}{path}", tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1, done.err
    assert says in done.err
