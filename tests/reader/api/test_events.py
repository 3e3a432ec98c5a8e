"""Edits, removals and returns for programs, and the log of changes."""

from typing import Any

from starlette.testclient import TestClient

from storage.models import Reuse
from tests.support.archiving import Desk


def events(client: TestClient, narrowed: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/api/edits?limit=100{narrowed}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


def told(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(it["event"], it["url"].rpartition("/")[2]) for it in found]


def test_the_latest_comes_first(client: TestClient) -> None:
    assert told(events(client)) == [
        ("edit", "hostile"),
        ("edit", "bridge"),
        ("return", "ferry"),
        ("removal", "ferry"),
        ("edit", "bridge"),
    ]


def test_each_parameter_narrows(client: TestClient, desk: Desk) -> None:
    everything = events(client)
    (later,) = [it for it in everything if it["event"] == "return"]
    time = later["not_after"].replace("+", "%2B")
    bridge = desk.article("/bridge").id
    assert told(events(client, "&event=removal&event=return")) == [
        ("return", "ferry"),
        ("removal", "ferry"),
    ]
    assert told(events(client, f"&article={bridge}")) == [("edit", "bridge")] * 2
    assert told(events(client, "&article=https://example.org/ferry&event=removal")) == [
        ("removal", "ferry")
    ]
    assert told(events(client, "&kind=headline")) == [("edit", "hostile"), ("edit", "bridge")]
    assert told(events(client, "&kind=headline&kind=body")) == [("edit", "bridge")]
    assert events(client, f"&since={time}") == everything[:3]
    assert events(client, f"&until={time}") == everything[3:]
    assert events(client, "&declared=true") == []
    assert told(events(client, "&declared=false")) == [
        (it["event"], it["url"].rpartition("/")[2]) for it in everything if it["event"] == "edit"
    ]


def test_a_search_narrows_to_the_versions_that_it_finds(client: TestClient) -> None:
    assert told(events(client, "&q=nobody")) == [("edit", "bridge")]
    assert events(client, "&q=xylophone") == []
    assert client.get("/api/edits?q=(").status_code == 400


def test_words_are_told_where_they_are_asked_for_and_may_be_shown(
    client: TestClient, desk: Desk
) -> None:
    bridge = f"&article={desk.article('/bridge').id}"
    assert all(not it.get("changes") for it in events(client, bridge))
    assert "nobody" in str(events(client, f"{bridge}&words=true"))
    with desk.archive.writing() as session:
        session.merge(desk.source).may_show = Reuse.METADATA
    reserved = events(client, f"{bridge}&words=true")
    assert told(reserved) == [("edit", "bridge")] * 2
    assert "nobody" not in str(reserved)
    with desk.archive.writing() as session:
        session.merge(desk.source).may_show = Reuse.NONE
    assert events(client) == []


def test_a_page_goes_on_where_the_one_before_ended(client: TestClient) -> None:
    first = client.get("/api/edits?limit=2").json()
    second = client.get("/api/edits", params={"limit": 3, "cursor": first["cursor"]}).json()
    assert first["events"] + second["events"] == events(client)
    for cursor in ("x", "1.2", first["cursor"] + "9.9"):
        answer = client.get("/api/edits", params={"cursor": cursor})
        assert answer.status_code == 400, cursor
        assert answer.json()["detail"]


def test_changes_follow_a_position(client: TestClient, desk: Desk) -> None:
    whole = client.get("/api/changes?limit=1000").json()
    assert not whole["more"]
    assert whole["position"] == whole["changes"][-1]["position"]
    some = client.get("/api/changes?limit=2").json()
    assert some["more"]
    # A position tells of the transactions of its time, and so is each answer's own.
    assert list(map(_without_position, some["changes"])) == list(
        map(_without_position, whole["changes"][:2])
    )
    rest = client.get("/api/changes", params={"since": some["position"], "limit": 1_000}).json()
    assert list(map(_without_position, rest["changes"])) == list(
        map(_without_position, whole["changes"][2:])
    )
    after = {"since": whole["position"]}
    assert client.get("/api/changes", params=after).json()["changes"] == []
    desk.read("/tram", "The tram", "It runs again.")
    new = client.get("/api/changes", params=after).json()["changes"]
    assert {it["article_id"] for it in new} == {desk.article("/tram").id}
    assert {"version", "article"} & {it["change"] for it in new}


def _without_position(change: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in change.items() if name != "position"}
