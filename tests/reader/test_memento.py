"""Memento: by its client, and word by word."""

import re
from datetime import datetime
from typing import Any

import pytest
import requests
from memento_client import MementoClient
from requests.adapters import BaseAdapter
from starlette.testclient import TestClient

from reader import memento
from storage.database.archive import Archive
from storage.models import Reuse
from tests.reader.api.archives import fill
from tests.support.archiving import Desk


@pytest.fixture
def desk(archive: Archive) -> Desk:
    return fill(archive)


URL = "https://example.org/bridge"
HERE = "http://127.0.0.1"


class _Adapter(BaseAdapter):
    """Takes what `requests` sends to the reader."""

    def __init__(self, client: TestClient) -> None:
        super().__init__()
        self._client = client

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        answer = self._client.request(
            str(request.method),
            str(request.url),
            headers={name: str(value) for name, value in request.headers.items()},
        )
        response = requests.Response()
        response.status_code, response.url = answer.status_code, str(request.url)
        response.headers = requests.structures.CaseInsensitiveDict(answer.headers)
        response.request, response._content = request, answer.content
        return response

    def close(self) -> None:
        pass


def asked(client: TestClient, url: str, at: datetime) -> dict[str, Any]:
    """What the client of the protocol's authors finds."""
    session = requests.Session()
    session.mount(HERE, _Adapter(client))
    unlinked = requests.Response()
    unlinked.status_code = 200
    seeker = MementoClient(f"{HERE}/timegate/", check_native_timegate=False, session=session)
    found: dict[str, Any] = seeker.get_memento_info(url, at, req_uri_response=unlinked)
    return found


def test_a_client_finds_the_version_that_stood(client: TestClient, desk: Desk) -> None:
    versions = desk.history("/bridge")
    addresses = [f"{HERE}/stored/{it.identifier}" for it in versions]
    for moment, number in (
        ("2020-01-01T00:00:00", 0),
        ("2026-03-01T08:29:59", 0),
        ("2026-03-01T08:30:00", 1),
        ("2026-03-01T09:00:00", 1),
        ("2030-01-01T00:00:00", 2),
    ):
        found = asked(client, URL, datetime.fromisoformat(moment))
        mementos = found["mementos"]
        seen = versions[number].first_seen_at.replace(tzinfo=None, microsecond=0)
        assert mementos["closest"] == {
            "uri": [addresses[number]],
            "datetime": seen,
            "http_status_code": 200,
        }
        assert mementos["first"]["uri"] == addresses[:1]
        assert mementos["last"]["uri"] == addresses[-1:]
        assert mementos.get("prev", {}).get("uri") == (addresses[number - 1 : number] or None)
        assert mementos.get("next", {}).get("uri") == (addresses[number + 1 : number + 2] or None)
        assert found["original_uri"] == URL


def test_any_address_of_the_article_in_any_spelling(client: TestClient, desk: Desk) -> None:
    latest = desk.history("/bridge")[-1].identifier
    for url in (
        "https://example.org/bridge",
        "http://example.org/bridge?utm_source=feed",
        "https:/example.org/bridge",
        "example.org/bridge",
        "https%3A%2F%2Fexample.org%2Fbridge",
        "https://example.org/bridge?page=amp",
    ):
        answer = client.get(f"/timegate/{url}")
        assert answer.status_code == 302, url
        assert answer.headers["location"].endswith(latest)
        assert answer.headers["vary"] == "accept-datetime"
        original = URL + "?page=amp" * url.endswith("amp")
        assert f'<{original}>; rel="original"' in answer.headers["link"]
        assert client.head(f"/timegate/{url}").status_code == 302


def test_a_date_that_is_none(client: TestClient) -> None:
    for date in (
        "",
        "yesterday",
        "2026-03-01T08:00:00Z",
        "Sun, 1 Mar 2026 08:00:00 GMT",
        "Mon, 01 Mar 2026 08:00:00 GMT",
        "Sun, 01 Mar 2026 08:00:00 +0000",
        "Sun, 30 Feb 2026 08:00:00 GMT",
        "Sun, 01 Mar 2026 25:00:00 GMT",
        "Sat, 01 Jan 0000 00:00:00 GMT",
        "Sun, 01 Mar 2026 08:00:00 GMT" * 1000,
    ):
        answer = client.get(f"/timegate/{URL}", headers={"Accept-Datetime": date})
        assert answer.status_code == 400, date
        assert "Accept-Datetime" in answer.json()["detail"]


def test_the_ends_of_time(client: TestClient) -> None:
    for date in ("Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"):
        answer = client.get(f"/timegate/{URL}", headers={"Accept-Datetime": date})
        assert answer.status_code == 302


def test_a_page_that_is_not_there(client: TestClient) -> None:
    for path in ("timegate", "timemap/link", "timemap/json"):
        for url in ("https://example.org/none", "ftp://example.org", "x", "%00", "3/" + URL):
            answer = client.get(f"/{path}/{url}")
            assert answer.status_code == 404, (path, url)
            assert answer.json()["detail"]
        for url in ("", "https://example.org/" + "a" * 2_000):
            assert client.get(f"/{path}/{url}").status_code == 400


def test_a_timemap_has_every_version(client: TestClient, desk: Desk) -> None:
    versions = desk.history("/bridge")
    answer = client.get(f"/timemap/link/{URL}")
    assert answer.headers["content-type"] == "application/link-format"
    links = re.findall(r'^<([^>]+)>; rel="([^"]+)"(.*?),?$', answer.text, re.MULTILINE)
    assert [(address, relation) for address, relation, _ in links] == [
        (URL, "original"),
        (f"{HERE}/timemap/link/{URL}", "self"),
        (f"{HERE}/timegate/{URL}", "timegate"),
        (f"{HERE}/stored/{versions[0].identifier}", "first memento"),
        (f"{HERE}/stored/{versions[1].identifier}", "memento"),
        (f"{HERE}/stored/{versions[2].identifier}", "last memento"),
    ]
    seen = memento.written(versions[0].first_seen_at)
    assert links[3][2] == f'; datetime="{seen}"'
    assert f'from="{seen}"' in links[1][2]
    document = client.get(f"/timemap/json/{URL}").json()
    assert [it["uri"] for it in document["mementos"]["list"]] == [it[0] for it in links[3:]]
    assert document["mementos"]["first"] == document["mementos"]["list"][0]
    assert document["original_uri"] == URL


def test_a_timemap_goes_on(client: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memento, "PAGE", 2)
    first = client.get(f"/timemap/link/{URL}").text
    assert f'<{HERE}/timemap/link/2/{URL}>; rel="timemap"' in first
    assert "last memento" not in first
    second = client.get(f"/timemap/link/2/{URL}").text
    assert desk.history("/bridge")[2].identifier in second
    assert "first memento" not in second
    assert client.get(f"/timemap/json/{URL}").json()["next"] == f"{HERE}/timemap/json/2/{URL}"


def test_nothing_of_a_url_ends_a_link(desk: Desk, client: TestClient) -> None:
    desk.read("/a%3E;rel=%22x%22,b", "Odd", "An odd address.")
    answer = client.get("/timegate/https://example.org/a%3E;rel=%22x%22,b")
    assert answer.status_code == 302
    assert '"x"' not in answer.headers["link"]


def test_of_what_may_not_be_shown_nothing_is_told(
    client: TestClient, archive: Archive, desk: Desk
) -> None:
    for right, codes in ((Reuse.METADATA, {200, 302}), (Reuse.NONE, {403})):
        with archive.writing() as session:
            session.merge(desk.source).may_show = right
        answers = [
            client.get(f"{way}/{URL}", follow_redirects=False)
            for way in ("/timegate", "/timemap/link", "/timemap/json")
        ]
        assert {it.status_code for it in answers} == codes
        assert right is not Reuse.NONE or "link" not in answers[0].headers
