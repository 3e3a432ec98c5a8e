"""The stored page: its very bytes, of which nothing runs or asks."""

import base64
import hashlib
from collections.abc import Mapping

import pytest
from starlette.testclient import TestClient

from storage.database.archive import Archive
from storage.models import Reuse
from tests.reader.api.archives import HOSTILE, fill
from tests.support.archiving import Desk


@pytest.fixture
def desk(archive: Archive) -> Desk:
    return fill(archive)


def directives(policy: str) -> dict[str, str]:
    parts = (it.strip().partition(" ") for it in policy.split(";"))
    return {name: value for name, _, value in parts}


def test_its_bytes_are_those_that_came(client: TestClient, desk: Desk) -> None:
    version = desk.history("/hostile")[0]
    answer = client.get(f"/stored/{version.identifier}", headers={"Accept-Encoding": "gzip"})
    assert answer.content == desk.body(HOSTILE, f"{HOSTILE} is said.")
    assert "content-encoding" not in answer.headers
    digest = hashlib.sha256(answer.content).digest()
    assert answer.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert answer.headers["etag"] == f'"{digest.hex()}"'
    assert version.digest == digest


def test_nothing_of_it_runs_or_asks(client: TestClient, desk: Desk) -> None:
    identifier = desk.history("/hostile")[0].identifier
    for address in (f"/stored/{identifier}", f"/stored/{identifier}/shown"):
        _assert_confined(client.get(address).headers)


def _assert_confined(headers: Mapping[str, str]) -> None:
    policy = directives(headers["content-security-policy"])
    assert policy["sandbox"] == ""
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert policy["form-action"] == policy["base-uri"] == "'none'"
    allowed = {name: value for name, value in policy.items() if name.endswith("-src")}
    sources = {source for value in allowed.values() for source in value.split()}
    assert sources == {"'none'", "'unsafe-inline'", "data:"}
    assert allowed["style-src"] == "'unsafe-inline' data:"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_it_is_a_memento(client: TestClient, desk: Desk) -> None:
    first, second, third = desk.history("/bridge")
    for address in (f"/stored/{second.identifier}", f"/versions/{second.identifier}/page"):
        headers = client.get(address).headers
        assert headers["memento-datetime"] == "Sun, 01 Mar 2026 08:30:00 GMT"
        link = headers["link"]
        assert '<https://example.org/bridge>; rel="original"' in link
        assert '<http://127.0.0.1/timegate/https://example.org/bridge>; rel="timegate"' in link
        assert f'/stored/{first.identifier}>; rel="first prev memento"' in link
        assert f'/stored/{second.identifier}>; rel="memento"' in link
        assert f'/stored/{third.identifier}>; rel="next last memento"' in link


def test_a_person_sees_it_in_a_frame_and_told_as_a_copy(client: TestClient, desk: Desk) -> None:
    identifier = desk.history("/hostile")[0].identifier
    opened = client.get(f"/stored/{identifier}", headers={"Sec-Fetch-Dest": "document"})
    assert (opened.status_code, opened.headers["location"]) == (302, f"/versions/{identifier}/page")
    answer = client.get(opened.headers["location"])
    assert answer.status_code == 200
    assert "This is a copy" in answer.text
    assert f'<iframe class="stored" src="/stored/{identifier}/shown" sandbox title' in answer.text
    assert "<script>alert" not in answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]
    saved = client.get(f"/stored/{identifier}?download", headers={"Sec-Fetch-Dest": "document"})
    assert saved.status_code == 200
    wanted = f'attachment; filename="permalien-{identifier}.html"'
    assert saved.headers["content-disposition"] == wanted


def test_a_source_that_lets_it_not_be_shown(client: TestClient, desk: Desk) -> None:
    identifier = desk.history("/bridge")[0].identifier
    for right in (Reuse.METADATA, Reuse.NONE):
        with desk.archive.writing() as session:
            session.merge(desk.source).may_show = right
        for address in (
            f"/stored/{identifier}",
            f"/stored/{identifier}/shown",
            f"/versions/{identifier}/page",
        ):
            answer = client.get(address)
            assert answer.status_code == 403
            assert "engineers" not in answer.text


def test_no_such_page(client: TestClient) -> None:
    for name in ("none", "aaaaaaaaaaaaaaaa", "1", "%00", "e9hzr43739madec3x"):
        for address in (f"/stored/{name}", f"/versions/{name}/page"):
            assert client.get(address).status_code == 404, address
