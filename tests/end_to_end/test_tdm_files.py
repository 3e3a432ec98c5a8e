"""tdmrep.json over real connections: how often it is asked for, and what versions say of it."""

import json
from pathlib import Path

import pytest

from crawler.middlewares.tdm_files import PATH
from scripts.demo.loopback import Response
from tests.support.command import permalien
from tests.support.folder_archive import crawl, on_record, options
from tests.support.newsroom import Newsroom

pytestmark = pytest.mark.timeout(300)

RULES = [
    {"location": "/reserved/", "tdm-reservation": 1, "tdm-policy": "/policy"},
    {"location": "/", "tdm-reservation": 0},
]


def rights(folder: Path, url: str) -> dict[str, object] | None:
    done = permalien("show", url, "--json", **options(folder))
    assert done.code == 0, done.err
    found: dict[str, object] | None = json.loads(done.out)["rights"]
    return found


def article(newsroom: Newsroom, path: str) -> str:
    words = f"A sentence of {path} that goes on and on, and tells what happened there."
    return newsroom.publish(path, title=f"What of {path}", paragraphs=[words * 3] * 4)


def test_it_is_asked_for_once_a_day_and_each_version_says_what_it_said(tmp_path: Path) -> None:
    with Newsroom(adverts=False) as newsroom:
        reserved, free = (
            article(newsroom, path)
            for path in ("/reserved/2026/03/a-flood-of-the-river", "/2026/03/a-new-bridge")
        )
        newsroom.serve("/rules", Response(200, json.dumps(RULES).encode()))
        newsroom.redirect(PATH, "/rules")
        crawl(newsroom, tmp_path)
        assert rights(tmp_path, reserved) == {
            "reserved": True,
            "policy": f"{newsroom.url}/policy",
            "directives": [],
            "license": None,
            "by_site": True,
        }
        said = rights(tmp_path, free)
        assert said is not None
        assert (said["reserved"], said["by_site"]) == (False, True)
        crawl(newsroom, tmp_path, "--recheck")
        assert (newsroom.count(PATH), newsroom.count("/rules")) == (1, 1)
    assert PATH not in on_record(tmp_path)
    done = permalien("reextract", **options(tmp_path))
    assert done.code == 0, done.err
    done = permalien(
        "sources", "edit", newsroom.url, "--may-export", "as-stated", **options(tmp_path)
    )
    assert done.code == 0, done.err
    done = permalien("export", "-", "--format", "jsonl", **options(tmp_path))
    texts = {it["url"]: it["text"] for it in map(json.loads, done.out.splitlines())}
    assert not texts[reserved]
    assert texts[free]


@pytest.mark.parametrize("what", ["forbidden", "broken", "elsewhere"])
def test_a_site_whose_file_cannot_be_had_is_crawled_all_the_same(what: str, tmp_path: Path) -> None:
    with Newsroom(adverts=False) as newsroom, Newsroom() as other:
        url = article(newsroom, "/2026/03/a-new-bridge")
        if what == "forbidden":
            newsroom.robots = "User-agent: *\nDisallow: /.well-known/\n"
        elif what == "broken":
            newsroom.serve(PATH, Response(500, b"[]"))
        else:
            newsroom.redirect(PATH, f"{other.url.replace('127.0.0.1', '127.0.0.2')}/rules")
        crawl(newsroom, tmp_path)
        assert rights(tmp_path, url) is None
        crawl(newsroom, tmp_path, "--recheck")
        assert newsroom.count(PATH) == (0 if what == "forbidden" else 1)
        assert other.requests == []
