"""What one page alone was taken for, its site corrects at the end of a session; and takes back."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from scripts.demo.loopback import Response
from storage.database.archive import Archive
from tests.support.command import permalien
from tests.support.folder_archive import crawl, options
from tests.support.newsroom import HTML, Newsroom

pytestmark = pytest.mark.timeout(300)

LIST, HOUSE = "/harbour-questions", "/people-of-the-house"
HOUSE_TEXTS = [
    f"Of the {number} people who keep the presses running most have been here for decades, and"
    " each of them knows a part of the house that the others have never seen from within."
    for number in ("two", "three", "four", "five", "six")
]


def page(title: str, texts: list[str], more: str = "") -> Response:
    """A page that says nothing of what it is."""
    shown = "".join(f"<p>{line}</p>" for line in texts)
    body = (
        f"<html><head><title>{title}</title></head><body><main><h1>{title}</h1>{shown}</main>"
        f"{more}</body></html>"
    )
    return Response(200, body.encode(), {"Content-Type": HTML})


def rows(folder: Path, query: str, **values: Any) -> list[Any]:
    archive = Archive(options(folder)["database"])
    with archive.reading() as session:
        found = [tuple(row) for row in session.execute(text(query), values)]
    archive.close()
    return found


def paths(folder: Path, newsroom: Newsroom, view: str = "articles") -> set[str]:
    found = rows(folder, f"SELECT url FROM {view}")
    return {url.removeprefix(newsroom.url) for (url,) in found}


def test_what_proves_to_be_no_article_leaves_and_comes_back(tmp_path: Path) -> None:
    with Newsroom(adverts=False) as newsroom:
        articles = newsroom.publish_generated(12)
        openings = [newsroom.text(path).split("\n")[0] for path in articles[:4]]
        newsroom.serve(LIST, page("Questions that the harbour asks", openings))
        newsroom.serve(HOUSE, page("The people of the house", HOUSE_TEXTS))
        own = [f"{newsroom.url}{path}" for path in (LIST, HOUSE)]
        # each by itself passes for an article
        done = crawl(newsroom, tmp_path, *own, "--json")
        summary = json.loads(done.out)
        assert (summary["dismissed"], summary["readmitted"]) == (2, 0)
        for view in ("articles", "article_versions", "first_sights", "presence"):
            assert paths(tmp_path, newsroom, view) == set(articles), view
        reasons = dict(
            rows(tmp_path, "SELECT url, reason FROM findings WHERE finding = 'retracted'")
        )
        assert reasons == {
            own[0]: "listing: it repeats the openings of 4 articles",
            own[1]: "static: it has no date and no byline, as the site's articles have, and an"
            " address unlike theirs",
        }
        # its record stays, and says so
        shown = permalien("show", own[1], **options(tmp_path))
        assert shown.code == 0
        assert "The people of the house" in shown.out
        assert "no article: static: it has no date" in shown.out
        # a feed names it: it was one after all
        newsroom.serve(HOUSE, None)
        newsroom.publish(HOUSE, title="The people of the house", paragraphs=HOUSE_TEXTS)
        newsroom.publish("/2026/one-more", title="One more", paragraphs=HOUSE_TEXTS[:1])
        crawl(newsroom, tmp_path, "--recheck")
        assert paths(tmp_path, newsroom) == {*articles, HOUSE, "/2026/one-more"}
        assert paths(tmp_path, newsroom, "article_versions") >= {HOUSE}
        (reason,) = {
            reason
            for url, reason in rows(
                tmp_path, "SELECT url, reason FROM findings WHERE current AND finding = 'new'"
            )
            if url == own[1]
        }
        assert reason == "a feed or news sitemap lists it"
