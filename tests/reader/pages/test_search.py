"""The page of a search."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from tests.reader.conftest import DAYS_AGO
from tests.support.archiving import Desk


def titles(client: TestClient, address: str) -> list[str]:
    """Of what a search finds, in order."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return re.findall(r'<a href="/versions/\w+">([^<]*)</a></h2>', answer.text)


def test_what_matches_is_found_and_marked(client: TestClient) -> None:
    assert titles(client, "/search?q=second") == ["The ferry is late"]
    assert "The <mark>second</mark> wording." in client.get("/search?q=second").text
    assert sorted(titles(client, "/search")) == ["Le pont", "The ferry is late"]
    assert titles(client, "/search?q=first") == []
    assert titles(client, "/search?q=first&versions=all") == ["The ferry returns"]


def test_an_address_leads_to_its_article(client: TestClient) -> None:
    address = "https://example.org/ferry"
    answer = client.get("/search", params={"q": f" {address} "})
    assert answer.status_code == 302
    assert answer.headers["location"] == "/article?url=https%3A%2F%2Fexample.org%2Fferry"
    assert client.get("/search", params={"q": f"{address} ferry"}).status_code == 400


def test_facets_narrow_and_any_of_their_values_will_do(client: TestClient) -> None:
    assert titles(client, "/search?lang=fr") == ["Le pont"]
    assert len(titles(client, "/search?lang=fr&lang=en")) == 2
    assert titles(client, "/search?state=gone") == ["Le pont"]
    assert titles(client, "/search?q=ferry+OR+pont&change=headline") == ["The ferry is late"]
    assert titles(client, "/search?source=elsewhere.example") == []
    page = client.get("/search?q=pont+OR+ferry").text
    assert 'href="/search?q=pont+OR+ferry&amp;lang=fr"' in page


def test_as_of_a_time_goes_for_the_whole_page(client: TestClient, desk: Desk) -> None:
    began = datetime.now(UTC) - timedelta(days=DAYS_AGO)
    then = (began + timedelta(minutes=25)).isoformat().replace("+00:00", "Z")
    assert set(titles(client, f"/search?as_of={then}")) == {"The ferry returns", "Le pont"}
    long_ago = (began - timedelta(days=1)).date()
    page = client.get(f"/search?as_of={long_ago}").text
    assert "0 found" in page
    assert "mark" not in page


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/search?since=yesterday", "yesterday is no day"),
        ("/search?until=2026-02-30", "2026-02-30 is no day"),
        ("/search?as_of=2026-11-25T10:00", "neither a day"),
        ("/search?as_of=9999-12-31T23:59:59-23:59", "neither a day"),
        ("/search?q=ferry&cursor=x", "no place in this search"),
        ("/search?q=(ferry&lang=fr", "this bracket is never closed"),
        ("/search?q=colour:red", "no field colour"),
        ("/search?lang=%22)", "lang can&#39;t be that"),
        ("/search?state=odd", "state is one of"),
    ],
)
def test_what_is_asked_wrongly_is_told(client: TestClient, address: str, said: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert said in answer.text


def test_the_place_of_a_fault_is_that_in_what_was_typed(client: TestClient) -> None:
    place = re.search(
        r'<pre class="place">(.*?)</pre>',
        client.get("/search", params={"q": "ferry colour:red", "lang": "fr"}).text,
        re.DOTALL,
    )
    assert place is not None
    assert html.unescape(place[1]) == "ferry colour:red\n      ^"


def test_pages_follow_each_other(client: TestClient, desk: Desk) -> None:
    for number in range(25):
        desk.read(f"/more/{number}", f"More {number}", "More of the same.")
    found = titles(client, "/search?q=same&sort=newest")
    assert len(found) == 20
    page = client.get("/search?q=same&sort=newest").text
    (following,) = re.findall(r'rel="next" href="([^"]*)"', page)
    rest = titles(client, html.unescape(following))
    assert len(rest) == 5
    assert not set(found) & set(rest)
