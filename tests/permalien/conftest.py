"""An archive with a little history, opened as a user would."""

from collections.abc import Iterator

import pytest

import permalien
from storage.database.archive import Archive
from storage.models import Outcome
from tests.support.archiving import Desk

TEXT = "The council met on Monday.\nThe café stays."


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """example.org at 8:10, 8:20 … on 1 March 2026: /bridge in two versions, French; /ferry, in
    English, which is gone; and example.net with /tram."""
    desk = Desk(archive, languages={"The ferry returns": "en-GB"})
    desk.read("/bridge", "The bridge will close", TEXT)
    desk.read("/bridge", "The bridge will stay open", TEXT)
    desk.read("/ferry", "The ferry returns", "It was away for a month.")
    desk.check("/ferry", Outcome.GONE)
    other = Desk(archive, site="https://example.net/", now=desk.now)
    other.read("/tram", "The tram", "It runs.")
    return desk


@pytest.fixture
def opened(desk: Desk) -> Iterator[permalien.Archive]:
    url = desk.archive.url.render_as_string(hide_password=False)
    with permalien.open(url) as archive:
        yield archive
