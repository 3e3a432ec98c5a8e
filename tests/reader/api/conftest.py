"""An archive with something of everything, for the reader's client."""

import pytest

from storage.database.archive import Archive
from tests.reader.api.archives import fill
from tests.support.archiving import Desk


@pytest.fixture
def desk(archive: Archive) -> Desk:
    return fill(archive)
