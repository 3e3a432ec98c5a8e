"""How long browsers keep the reader's own files."""

import pytest
from starlette.testclient import TestClient

from reader.static_files import Static
from reader.templating import static_address


@pytest.fixture
def client() -> TestClient:
    return TestClient(Static())


def test_a_file_is_kept_for_ever_by_the_address_that_pages_give(client: TestClient) -> None:
    address = static_address("reader.css").removeprefix("/static")
    answer = client.get(address)
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert client.get("/reader.css").headers["cache-control"] == "no-cache"
