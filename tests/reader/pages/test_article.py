"""An article's page."""

import re

from sqlalchemy import update
from starlette.testclient import TestClient

from storage.models import Article, Outcome, Reuse, Source, VersionState
from tests.support.archiving import Desk


def test_each_version_has_its_text_and_its_time_line(
    client: TestClient, versions: list[str]
) -> None:
    old, new = (client.get(f"/versions/{it}").text for it in versions)
    assert "The first wording." in old
    assert "The second wording." not in old
    assert "This is not the latest version." in old
    assert "The second wording." in new
    assert "This is not the latest version." not in new
    for page in (old, new):
        assert all(f'href="/versions/{it}"' in page for it in versions)
        assert f'href="/compare/{versions[0]}/{versions[1]}"' in page
        assert "(seen last without)" in page
        assert "yesterday" in page  # what the page said of its dates


def test_the_versions_tell_their_headlines_where_these_differ(
    client: TestClient, desk: Desk, versions: list[str]
) -> None:
    page = client.get(f"/versions/{versions[1]}").text
    headlines = re.findall('<p class="headline" dir="auto">(.*?)</p>', page)
    assert headlines == ["The ferry is late", "The ferry returns"]
    assert '<a class="external address" href="https://example.org/ferry"' in page
    bridge = client.get(f"/articles/{desk.article('/bridge').id}").text
    assert 'class="headline"' not in bridge


def test_the_current_version_is_at_the_articles_number(client: TestClient, desk: Desk) -> None:
    assert "The second wording." in client.get(f"/articles/{desk.article('/ferry').id}").text


def test_an_address_on_the_web_leads_to_the_article(client: TestClient, desk: Desk) -> None:
    answer = client.get("/article", params={"url": "https://example.org/ferry"})
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/articles/{desk.article('/ferry').id}"
    assert client.get("/article").status_code == 400
    assert client.get("/article", params={"url": "https://elsewhere.example/"}).status_code == 404


def test_where_its_address_leads_by_now(client: TestClient, desk: Desk) -> None:
    old, new = "https://example.org/ferry", "https://example.org/harbour/ferry"
    page = f"/articles/{desk.article('/ferry').id}"
    assert "Now at" not in client.get(page).text
    desk.check("/ferry", Outcome.MOVED, redirect=new)
    desk.read("/harbour/ferry", "The ferry is late", "The second wording.\nIt stays.")
    assert f'<dt>Now at</dt><dd><a class="external" href="{new}"' in client.get(page).text
    assert client.get("/article", params={"url": old}).headers["location"] == page
    assert client.get("/article", params={"url": new}).headers["location"] == page


def test_what_was_taken_away_says_so(client: TestClient, desk: Desk) -> None:
    page = client.get(f"/articles/{desk.article('/bridge').id}").text
    assert "removed (410)" in page
    assert 'class="event removal"' in page


def test_what_is_not_there_is_not_found(client: TestClient) -> None:
    for address in ("/articles/999999", "/versions/nothing", "/versions/aaaaaaaaaaaaaaaa"):
        assert client.get(address).status_code == 404, address
    assert client.get("/articles/99999999999999999999999").status_code == 404


def test_a_source_that_reserves_its_texts_shows_none(
    client: TestClient, desk: Desk, versions: list[str]
) -> None:
    def show(allowed: Reuse) -> None:
        with desk.archive.writing() as session:
            session.execute(update(Source).values(may_show=allowed))

    show(Reuse.METADATA)
    page = client.get(f"/versions/{versions[1]}").text
    assert "The ferry is late" in page
    assert "The second wording." not in page
    assert client.get(f"/compare/{versions[0]}/{versions[1]}").status_code == 403
    assert "second wording" not in client.get("/search?q=ferry").text
    show(Reuse.NONE)
    assert client.get(f"/versions/{versions[1]}").status_code == 404
    assert client.get(f"/versions/{versions[1]}/citation.bib").status_code == 404
    assert client.get("/sources/example.org").status_code == 404
    for address in ("/", "/search?q=ferry", "/search", "/edits", "/sources"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "ferry is late" not in answer.text, address


def test_citations_are_files(client: TestClient, versions: list[str]) -> None:
    for suffix, beginning in (("bib", "@misc{"), ("biblatex", "@online{"), ("ris", "TY  - NEWS")):
        answer = client.get(f"/versions/{versions[0]}/citation.{suffix}")
        assert answer.text.startswith(beginning)
        assert answer.headers["content-disposition"].startswith("attachment; ")
    assert client.get(f"/versions/{versions[0]}/citation.json").json()[0]["version"] == "1"
    assert client.get(f"/versions/{versions[0]}/citation.doc").status_code == 404


def test_a_version_that_was_retracted_says_so_and_is_off_the_line(
    client: TestClient, desk: Desk, versions: list[str]
) -> None:
    _, new = desk.history("/ferry")
    with desk.archive.writing() as session:
        session.get_one(VersionState, new.version_id).retracted_at = desk.now
    page = client.get(f"/versions/{versions[1]}").text
    assert "This version was retracted on" in page
    assert f'href="/versions/{versions[0]}"' in page
    line = client.get(f"/versions/{versions[0]}").text
    assert f'href="/versions/{versions[1]}"' not in line
    assert "This is not the latest version." not in line


def test_what_proved_to_be_no_article_says_so(client: TestClient, desk: Desk) -> None:
    article = desk.article("/ferry")
    with desk.archive.writing() as session:
        session.get_one(Article, article.id).dismissed_as = "listing"
    assert "proved to be no article" in client.get(f"/articles/{article.id}").text
