"""The page of edits."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from reader.pages import edits
from storage.models import Reuse, Source
from tests.support.archiving import Desk


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


def test_a_headline_leads_to_the_article_and_a_link_to_the_comparison(
    client: TestClient, versions: list[str]
) -> None:
    page = client.get("/edits").text
    assert (
        f'<a href="/versions/{versions[1]}"><span dir="auto"><del>The ferry returns</del>' in page
    )
    assert f'<a class="compare" href="/compare/{versions[0]}/{versions[1]}">Compare' in page


def test_few_sources_are_chosen_among(
    client: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = '<input type="text" name="source"'
    assert "<option>example.org</option>" in client.get("/edits").text
    chosen = client.get("/edits?source=example.org").text
    assert "<option selected>example.org</option>" in chosen
    with desk.archive.writing() as session:
        session.execute(update(Source).values(may_show=Reuse.NONE))
    assert "example.org" not in client.get("/edits").text
    with desk.archive.writing() as session:
        session.execute(update(Source).values(may_show=Reuse.ALL))
    monkeypatch.setattr(edits, "_CHOICES", 0)
    assert typed in client.get("/edits").text
    assert typed not in chosen
