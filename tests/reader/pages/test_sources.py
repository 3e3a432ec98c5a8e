"""The pages of sources."""

from starlette.testclient import TestClient


def test_sources_by_name_and_one_of_them(client: TestClient) -> None:
    assert "/sources/example.org" in client.get("/sources").text
    assert "/sources/example.org" in client.get("/sources?name=exam").text
    assert "/sources/example.org" not in client.get("/sources?name=%25").text
    page = client.get("/sources/example.org").text
    assert "The ferry is late" in page
    assert "Coverage calendar" in page
    assert client.get("/sources/elsewhere.example").status_code == 404
