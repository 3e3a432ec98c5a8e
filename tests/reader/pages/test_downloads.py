"""What a search finds, as files."""

import csv
import io
import json

import pytest
from starlette.testclient import TestClient

from reader.pages import downloads


def test_a_download_has_what_the_search_finds(client: TestClient) -> None:
    answer = client.get("/search/download.csv?q=ferry&versions=all")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["title"] for row in rows] == ["The ferry returns", "The ferry is late"]
    assert "permalien-search.csv" in answer.headers["content-disposition"]
    lines = client.get("/search/download.jsonl?lang=fr").text.splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["Le pont"]
    assert client.get("/search/download.parquet").content[:4] == b"PAR1"
    assert "<TEI" in client.get("/search/download.xml?q=ferry").text


def test_what_can_not_be_downloaded(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/search/download.doc").status_code == 404
    assert client.get("/search/download.csv?q=(").status_code == 400
    monkeypatch.setattr(downloads, "MOST", 1)
    answer = client.get("/search/download.csv")
    assert answer.status_code == 400
    assert "permalien export search.csv --search seen:1970.." in answer.text
