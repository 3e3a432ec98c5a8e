"""The reader of an archive, asked as a client asks it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from reader.app import create_app
from reader.settings import Settings
from storage.database.archive import Archive

HERE = "http://127.0.0.1"


def reader_of(archive: Archive, **settings: Any) -> Starlette:
    """The reader of the archive, as an application."""
    database = archive.url.render_as_string(hide_password=False)
    return create_app(Settings(database=database, **settings))


@contextmanager
def asking(archive: Archive, **settings: Any) -> Iterator[TestClient]:
    """A client of the archive's reader, that follows no redirect."""
    app = reader_of(archive, **settings)
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        yield client
