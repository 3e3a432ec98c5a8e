"""What a monitor asks of the reader."""

from pathlib import Path

from starlette.testclient import TestClient

from reader.app import create_app
from reader.settings import Settings


def test_a_reader_with_an_archive_is_ready(client: TestClient) -> None:
    assert (client.get("/healthz").text, client.get("/readyz").text) == ("ok\n", "ok\n")


def test_a_reader_without_an_archive_is_alive_and_not_ready(tmp_path: Path) -> None:
    app = create_app(Settings(database=f"sqlite:///{tmp_path / 'none.db'}"))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, str(tmp_path) in answer.text) == (503, False)
