"""A site with two articles, and an operator who decides which addresses are one."""

import pytest

from storage.database.archive import Archive
from tests.support.archiving import Desk
from tests.support.identity import BRIDGE, GAME, Editor


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """/bridge in two versions, and /crossing, which was seen for itself in between."""
    desk = Desk(archive)
    desk.read("/bridge", "Bridge", BRIDGE)
    desk.read("/crossing", "Crossing", GAME)
    desk.read("/bridge", "Bridge", BRIDGE + " and a day")
    return desk


@pytest.fixture
def editor(desk: Desk) -> Editor:
    return Editor(desk)
