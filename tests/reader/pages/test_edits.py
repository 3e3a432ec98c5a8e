"""The page of edits."""

from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient


def test_events_are_of_the_days_source_and_kind_asked_for(client: TestClient) -> None:
    page = client.get("/edits").text
    assert "The ferry is late" in page
    assert "Le pont" in page
    removals = client.get("/edits?event=removal").text
    assert "Le pont" in removals
    assert "The ferry is late" not in removals
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    assert "Le pont" not in client.get(f"/edits?since={tomorrow}").text
    assert "Le pont" in client.get("/edits?source=example.org").text
    assert client.get("/edits?source=elsewhere.example").status_code == 404
    assert client.get("/edits?event=odd").status_code == 400
    assert client.get("/edits?since=odd").status_code == 400
