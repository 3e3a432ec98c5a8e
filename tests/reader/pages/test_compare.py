"""The comparison of two versions."""

import pytest
from starlette.testclient import TestClient

from tests.support.archiving import Desk


@pytest.mark.parametrize("view", ["side", "inline"])
def test_the_words_that_changed_are_marked(
    client: TestClient, versions: list[str], view: str
) -> None:
    page = client.get(f"/compare/{versions[0]}/{versions[1]}?view={view}").text
    assert "<del>first</del>" in page
    assert "<ins>second</ins>" in page
    assert "1 paragraph edited" in page
    assert f"http://127.0.0.1/compare/{versions[0]}/{versions[1]}" in page


def test_a_form_leads_to_the_address_of_the_comparison(
    client: TestClient, versions: list[str]
) -> None:
    answer = client.get("/compare", params={"old": versions[1], "new": versions[0]})
    assert answer.headers["location"] == f"/compare/{versions[1]}/{versions[0]}"
    assert client.get("/compare", params={"old": "//evil.example", "new": "x"}).status_code == 400


def test_what_can_not_be_compared(client: TestClient, desk: Desk, versions: list[str]) -> None:
    (bridge,) = (it.identifier for it in desk.history("/bridge"))
    assert client.get(f"/compare/{versions[0]}/{bridge}").status_code == 404
    assert client.get(f"/compare/{versions[0]}/nothing").status_code == 404
    assert client.get(f"/compare/{versions[0]}/{versions[1]}?view=x").status_code == 400


def test_the_edits_before_and_after_are_a_step_away(client: TestClient, desk: Desk) -> None:
    two = [it.identifier for it in desk.history("/ferry")]
    page = client.get(f"/compare/{two[0]}/{two[1]}").text
    assert 'rel="prev"' not in page
    assert 'rel="next"' not in page
    assert '<select name="old">' not in page  # there are no others to choose
    desk.read("/ferry", "The ferry is late", "The third wording.\nIt stays.")
    desk.read("/ferry", "The ferry is late", "The fourth wording.\nIt stays.")
    ids = [it.identifier for it in desk.history("/ferry")]
    page = client.get(f"/compare/{ids[1]}/{ids[2]}?view=inline").text
    assert f'rel="prev" href="/compare/{ids[0]}/{ids[1]}?view=inline"' in page
    assert f'rel="next" href="/compare/{ids[2]}/{ids[3]}?view=inline"' in page
    assert '<select name="old">' in page
    # Of versions that lie apart, in either order: what is before and after them all.
    page = client.get(f"/compare/{ids[2]}/{ids[0]}").text
    assert 'rel="prev"' not in page
    assert f'rel="next" href="/compare/{ids[2]}/{ids[3]}?view=side"' in page


def test_where_it_was_published_is_a_link(client: TestClient, versions: list[str]) -> None:
    page = client.get(f"/compare/{versions[0]}/{versions[1]}").text
    assert '<a class="external address" href="https://example.org/ferry"' in page
