"""The application as a whole: what every answer has, and who gets one."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from reader.app import create_app
from reader.settings import Settings
from storage.database.archive import Archive


def _client(database: str, **more: object) -> TestClient:
    settings = Settings(database=database, **more)  # type: ignore[arg-type]
    return TestClient(create_app(settings), base_url="http://127.0.0.1")


@pytest.fixture
def database(archive: Archive) -> str:
    return archive.url.render_as_string(hide_password=False)


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    with _client(database) as client:
        yield client


def test_every_answer_lets_nothing_run_but_our_own(client: TestClient) -> None:
    for address in ("/", "/no-such-page", "/static/reader.css", "/static/none"):
        headers = client.get(address).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_a_page_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/")
    assert first.status_code == 200
    again = client.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    french = client.get("/?hl=fr", headers={"If-None-Match": first.headers["etag"]})
    assert french.status_code == 200


def test_the_language_is_the_browsers_until_another_is_asked_for(client: TestClient) -> None:
    def language(address: str, **headers: str) -> str:
        return str(client.get(address, headers=headers).text).partition('<html lang="')[2][:2]

    assert language("/") == "en"
    assert language("/", **{"Accept-Language": "de, fr-CH;q=0.9, en;q=0.8"}) == "fr"
    assert language("/?hl=en", **{"Accept-Language": "fr"}) == "en"
    assert language("/", **{"Accept-Language": "fr"}) == "en"  # which the cookie keeps


def test_an_unknown_page_says_so(client: TestClient) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_no_archive_says_what_to_do(tmp_path: Path) -> None:
    with _client(f"sqlite:///{tmp_path / 'none.db'}") as client:
        answer = client.get("/")
    assert answer.status_code == 503
    assert "no archive" in answer.text
    assert not (tmp_path / "none.db").exists()


def test_other_host_names_are_refused(database: str) -> None:
    with _client(database, hosts=("127.0.0.1", "::1")) as client:
        assert client.get("/").status_code == 200
        assert client.get("/", headers={"Host": "[::1]:8080"}).status_code == 200
        assert client.get("/", headers={"Host": "rebound.example"}).status_code == 421


def test_what_names_no_host_is_no_part_of_an_address(client: TestClient) -> None:
    for host in ('a"><b', "a/b", "a@b", "a b", "a,b", "é", "[::1", "a:b", "a" * 300):
        answer = client.get("/timegate/https://example.org/", headers={b"Host": host.encode()})
        assert answer.status_code == 400
        assert host not in answer.text
    assert client.get("/", headers={"Host": "[::1]:8080"}).status_code == 200


def test_a_password_is_asked_for_everywhere(database: str) -> None:
    with _client(database, password="pässword:1") as client:
        for address in ("/", "/no-such-page", "/static/reader.css"):
            answer = client.get(address)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Basic")
        for given, status in (("pässword:1", 200), ("pässword", 401), ("", 401)):
            credentials = base64.b64encode(f"me:{given}".encode()).decode()
            answer = client.get("/", headers={"Authorization": f"Basic {credentials}"})
            assert answer.status_code == status
        assert client.get("/", headers={"Authorization": "Basic ?"}).status_code == 401


def test_a_proxy_has_to_name_the_user(database: str) -> None:
    with _client(database, user_header="X-Remote-User") as client:
        assert client.get("/").status_code == 403
        assert client.get("/", headers={"X-Remote-User": "ada"}).status_code == 200
