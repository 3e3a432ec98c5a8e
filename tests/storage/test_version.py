"""A version row never changes and is never deleted, whoever asks."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.models import Version
from tests.support.archiving import Desk


def _update(session: Session) -> None:
    session.execute(update(Version).values(number=7))


def _delete(session: Session) -> None:
    session.execute(delete(Version))


def _replace(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        copy = "INSERT OR REPLACE INTO version SELECT * FROM version"
    else:
        copy = "INSERT INTO version SELECT * FROM version ON CONFLICT (id) DO UPDATE SET number = 7"
    session.execute(text(copy))


def _truncate(session: Session) -> None:
    postgresql = session.get_bind().dialect.name == "postgresql"
    session.execute(text("TRUNCATE version CASCADE" if postgresql else "DELETE FROM version"))


@pytest.mark.parametrize("attempt", [_update, _delete, _replace, _truncate])
def test_a_version_withstands(archive: Archive, attempt: Callable[[Session], None]) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    before = desk.history("/a")

    with (
        pytest.raises(DBAPIError, match=r"a version (never changes|is never deleted)"),
        archive.writing() as session,
    ):
        attempt(session)

    assert desk.history("/a") == before
