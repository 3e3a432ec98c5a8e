"""Who is let in, asked of the part that decides it alone."""

import base64
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from reader.access import LOCKED_SECONDS, WRONG_PASSWORDS, Access
from reader.settings import Settings

INSIDE = "inside"


def client(**settings: Any) -> TestClient:
    inside = PlainTextResponse(INSIDE)
    app = Access(inside, Settings(database="sqlite://", **settings))
    return TestClient(app, base_url="http://127.0.0.1")


def basic(credentials: bytes) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(credentials).decode()}"}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("news.example", 200),
        ("NEWS.Example:8080", 200),
        ("[::1]:80", 200),
        ("[::1]", 200),
        ("news.example.evil.example", 421),
        ("evil.example", 421),
        ("[::2]", 421),
        ("", 421),
        ("news.example:80:80", 400),
        ("news.example/", 400),
        ("me@news.example", 400),
        ("[::1", 400),
        (f"{'a' * 254}", 400),
    ],
)
def test_a_host_is_answered_by_its_whole_name(host: str, status: int) -> None:
    answer = client(hosts=("news.example", "::1")).get("/", headers={"Host": host})
    assert answer.status_code == status
    assert (answer.text == INSIDE) == (status == 200)


def test_any_host_is_answered_where_none_is_named() -> None:
    assert client().get("/", headers={"Host": "anything.example"}).text == INSIDE


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (basic(b"me:open: sesame"), 200),
        (basic(b":open: sesame"), 200),
        ({"Authorization": basic(b"me:open: sesame")["Authorization"].replace("B", "b", 1)}, 200),
        (basic(b"me:open"), 401),
        (basic(b"me:open: sesame "), 401),
        (basic(b"open: sesame"), 401),  # whose password is ` sesame`
        (basic(b"me"), 401),
        (basic(b"me:\xff\xfe"), 401),
        ({"Authorization": "Basic not base64"}, 401),
        ({"Authorization": "Basic"}, 401),
        ({"Authorization": "Bearer open: sesame"}, 401),
        ({}, 401),
    ],
)
def test_only_the_password_opens(given: dict[str, str], status: int) -> None:
    answer = client(password="open: sesame").get("/", headers=given)
    assert answer.status_code == status
    assert (answer.text == INSIDE) == (status == 200)
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_a_proxy_names_somebody_and_not_nobody() -> None:
    asked = client(user_header="X-Remote-User")
    for headers, status in (
        ({}, 403),
        ({"X-Remote-User": "  "}, 403),
        ({"X-Other-User": "ada"}, 403),
        ({"x-remote-user": "ada"}, 200),
    ):
        assert asked.get("/", headers=headers).status_code == status, headers


def test_who_is_named_by_a_proxy_needs_the_password_too() -> None:
    asked = client(user_header="X-Remote-User", password="sesame")
    named = {"X-Remote-User": "ada"}
    assert asked.get("/", headers=named).status_code == 401
    assert asked.get("/", headers=basic(b":sesame")).status_code == 403
    assert asked.get("/", headers=named | basic(b":sesame")).status_code == 200


def test_what_is_no_request_passes() -> None:
    """The start and the end of the application, which nobody asks for."""
    seen: list[str] = []

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])
        for told in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{told}.complete"})

    with TestClient(Access(inside, Settings(database="sqlite://", password="sesame"))):
        pass
    assert seen == ["lifespan"]


def test_who_guesses_passwords_is_made_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    asked = client(password="open: sesame")
    for _ in range(WRONG_PASSWORDS):
        assert asked.get("/").status_code == 401  # without a password nothing was guessed
        assert asked.get("/", headers=basic(b"me:guess")).status_code == 401
    locked = asked.get("/", headers=basic(b"me:open: sesame"))
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "61")
    now += LOCKED_SECONDS
    assert asked.get("/", headers=basic(b"me:open: sesame")).text == INSIDE
    assert asked.get("/", headers=basic(b"me:guess")).status_code == 401


def test_a_probe_needs_no_password() -> None:
    asked = client(password="open: sesame", hosts=("news.example",))
    assert asked.get("/healthz", headers={"Host": "10.0.0.1"}).text == INSIDE
    assert asked.get("/healthz/", headers={"Host": "news.example"}).status_code == 401
