"""The first page."""

from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from tests.reader.conftest import DAYS_AGO


def test_the_days_and_what_happened_on_them(client: TestClient) -> None:
    page = client.get("/").text
    assert "2 articles" in page
    assert "1 source" in page
    day = (datetime.now(UTC) - timedelta(days=DAYS_AGO)).date()
    assert f"/edits?since={day}" in page
    assert "The ferry is late" in page
    assert client.get("/?days=90").status_code == 200
    assert client.get("/?days=7").status_code == 400


def test_what_changed_comes_first_until_another_period_is_asked_for(client: TestClient) -> None:
    for address, first, then in (("/", "latest", "days"), ("/?days=90", "days", "latest")):
        page = client.get(address).text
        assert page.index(f'<h2 id="{first}"') < page.index(f'<h2 id="{then}"'), address
    assert "1 edit, 1 vanished" in client.get("/").text
