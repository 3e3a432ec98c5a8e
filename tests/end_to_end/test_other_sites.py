"""What a site answers with and is another site's is on record, and no article of this one."""

from pathlib import Path

import pytest
from sqlalchemy import select

from scripts.demo.loopback import Response
from storage.database.archive import Archive
from storage.models import Article, Outcome
from tests.support.folder_archive import crawl, on_record, options
from tests.support.newsroom import HTML, Newsroom

pytestmark = pytest.mark.timeout(300)


def page(newsroom: Newsroom, path: str, links: str) -> Response:
    """An article that says it belongs to other.example, among these links."""
    text = "".join(f"<p>{line}</p>" for line in newsroom.text(path).split("\n"))
    head = '<link rel="canonical" href="https://other.example/story">'
    body = (
        f"<html><head>{head}</head><body>{links}<article><h1>A</h1>{text}</article></body></html>"
    )
    return Response(200, body.encode(), {"Content-Type": HTML})


def test_another_site_s_page_is_none_and_one_that_was_taken_over_is(tmp_path: Path) -> None:
    links = "".join(f'<a href="https://other.example/{n}">Story {n}</a>' for n in range(9))
    with Newsroom(adverts=False) as newsroom, Newsroom() as other:
        own, wrong, taken_over, away = newsroom.publish_generated(4)
        newsroom.serve(wrong, page(newsroom, wrong, links))
        newsroom.serve(taken_over, page(newsroom, taken_over, links + '<a href="/">Home</a>'))
        location = {"Location": f"{other.url}/story"}
        newsroom.serve(away, Response(302, headers=location))
        crawl(newsroom, tmp_path)
        assert other.requests == []
    archive = Archive(options(tmp_path)["database"])
    with archive.reading() as session:
        articles = set(session.scalars(select(Article.url)))
    archive.close()
    assert articles == {f"{newsroom.url}{path}" for path in (own, taken_over)}
    (check,) = on_record(tmp_path)[wrong]
    assert (check.outcome, check.detail) == (Outcome.NOT_ARTICLE, "another site's: other.example")
    (check,) = on_record(tmp_path)[away]
    assert check.outcome is Outcome.MOVED
    assert (check.detail or "").startswith("to another site: ")
