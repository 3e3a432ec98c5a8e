"""An archive with an article about somebody."""

import pytest

from storage.database.archive import Archive
from tests.support.redacting import Newsroom, newsroom


@pytest.fixture
def desk(archive: Archive) -> Newsroom:
    return newsroom(archive)
