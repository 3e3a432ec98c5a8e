"""What a site answers with and is another site's is on record, and no article of this one."""

from pathlib import Path

import pytest
from sqlalchemy import select

from scripts.demo.loopback import Response
from storage.database.archive import Archive
from storage.models import Article, Outcome
from tests.support.command import permalien
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


def test_a_redirect_to_another_site_is_followed_where_an_operator_says_that_it_is_the_source_s(
    tmp_path: Path,
) -> None:
    with Newsroom(adverts=False) as newsroom, Newsroom(adverts=False) as other:
        allowed, secret = other.publish_generated(2)
        other.robots = f"User-agent: *\nDisallow: {secret}\n"
        for path, to in (("/away", allowed), ("/secret", secret)):
            newsroom.serve(path, Response(302, headers={"Location": f"{other.url}{to}"}))
        here, there = (it.url.partition("//")[2].strip("/") for it in (newsroom, other))

        def run(*arguments: str) -> str:
            done = permalien(*arguments, **options(tmp_path))
            assert done.code == 0, done.err
            return done.out

        crawl(newsroom, tmp_path)
        crawl(newsroom, tmp_path, f"{newsroom.url}/away", f"{newsroom.url}/secret")
        assert other.requests == []
        assert f"host: {there}" in run("sources", "edit", here, "--add-host", other.url)
        run("sources", "edit", here, "--no-allow-private")
        crawl(newsroom, tmp_path, f"{newsroom.url}/away", code=1)
        assert other.requests == []
        run("sources", "edit", here, "--allow-private")
        crawl(newsroom, tmp_path, f"{newsroom.url}/away", f"{newsroom.url}/secret")
        assert [other.count(it) for it in ("/robots.txt", allowed, secret)] == [1, 1, 0]
        assert there in run("sources", "show", here)
        assert other.url in run("show", f"{other.url}{allowed}")
        shown = run("show", f"{newsroom.url}/away")
        assert other.url in shown
    record = on_record(tmp_path)
    assert [it.outcome for it in record["/away"]][-1] is Outcome.MOVED
    assert [it.outcome for it in record[secret]] == [Outcome.BLOCKED]
