"""A small archive on each database, and a client of its reader."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from reader.app import create_app
from reader.settings import Settings
from storage.database.archive import Archive
from storage.models import Outcome
from tests.support.archiving import Desk

DAYS_AGO = 3


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """A site whose article /ferry was edited, and whose /bridge was taken away."""
    desk = Desk(archive)
    desk.now = datetime.now(UTC) - timedelta(days=DAYS_AGO)
    desk.languages = {"The ferry returns": "en", "The ferry is late": "en"}
    desk.details = {"section": "Harbour", "candidates": {"published_at": [["time", "yesterday"]]}}
    desk.read("/ferry", "The ferry returns", "The first wording.\nIt stays.")
    desk.read("/bridge", "Le pont", "Le pont reste ouvert.")
    desk.read("/ferry", "The ferry is late", "The second wording.\nIt stays.")
    desk.check("/bridge", Outcome.GONE)
    return desk


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    """A client of the reader of that archive."""
    database = desk.archive.url.render_as_string(hide_password=False)
    app = create_app(Settings(database=database))
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:
        yield client


@pytest.fixture
def versions(desk: Desk) -> list[str]:
    """The identifiers of the versions of /ferry."""
    return [it.identifier for it in desk.history("/ferry")]
