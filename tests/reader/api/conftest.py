"""An archive with something of everything, and a client of its reader."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from storage.database.archive import Archive
from tests.reader.api.archives import fill
from tests.support.archiving import Desk
from tests.support.reading import asking


@pytest.fixture
def desk(archive: Archive) -> Desk:
    return fill(archive)


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    with asking(desk.archive) as client:
        yield client
