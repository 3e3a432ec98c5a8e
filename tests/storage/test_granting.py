"""What a reader may and may not do on a real server."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from storage import schema
from storage.database.archive import Archive
from storage.database.errors import ArchiveUnavailable, NotFound, Refused
from storage.granting import grant_reader
from storage.models import Base
from storage.query.articles import article_record
from storage.schema import VIEWS
from tests.support.archiving import Desk
from tests.support.databases import PostgreSQLServer, fresh_database

REFUSALS = (ProgrammingError, ArchiveUnavailable)
ROLE = 'a "reader": x'


@pytest.fixture
def role(postgresql: PostgreSQLServer, postgresql_archive: Archive) -> Iterator[str]:
    quoted = '"' + ROLE.replace('"', '""') + '"'
    postgresql.execute(f"CREATE ROLE {quoted} LOGIN")
    yield ROLE
    with psycopg.connect(
        postgresql_archive.url.set(drivername="postgresql").render_as_string(hide_password=False),
        autocommit=True,
    ) as connection:
        connection.execute(f"DROP OWNED BY {quoted}")
        connection.execute(f"DROP ROLE {quoted}")


def test_a_reader_reads_all_and_writes_nothing(postgresql_archive: Archive, role: str) -> None:
    desk = Desk(postgresql_archive)
    desk.read("/a", "Title", "One two three")
    grant_reader(postgresql_archive, role)
    grant_reader(postgresql_archive, role)
    url = postgresql_archive.url.set(username=role)
    reader = Archive(url.render_as_string(hide_password=False))
    schema.require_current(reader)
    with reader.reading() as session:
        for name in {*VIEWS, *Base.metadata.tables} - {"redaction_rule"}:
            session.execute(text(f'SELECT * FROM "{name}"')).all()
        assert article_record(session, f"{desk.site}a").shown.title == "Title"
    for name in [*VIEWS, *Base.metadata.tables]:
        with (
            pytest.raises(REFUSALS, match=r"denied|cannot delete|read-only"),
            reader.writing() as session,
        ):
            session.execute(text(f'DELETE FROM "{name}"'))
    with pytest.raises(REFUSALS, match="denied"), reader.reading() as session:
        session.execute(text("SELECT * FROM redaction_rule"))
    with pytest.raises(REFUSALS, match="denied"), reader.writing() as session:
        session.execute(text("CREATE TABLE mine (id int)"))
    with postgresql_archive.writing() as session:
        session.execute(text("CREATE TABLE later (id int)"))
    with reader.reading() as session:
        session.execute(text("SELECT * FROM later"))
    reader.close()
    with postgresql_archive.writing() as session:
        session.execute(text("DROP TABLE later"))


def test_who_may_write_is_no_reader(postgresql_archive: Archive, role: str) -> None:
    with pytest.raises(Refused, match="may write"):
        grant_reader(postgresql_archive, "postgres")
    quoted = postgresql_archive.engine.dialect.identifier_preparer.quote_identifier(role)
    with postgresql_archive.writing() as session:
        session.execute(text(f"GRANT UPDATE ON article TO {quoted}".replace(":", r"\:")))
    with pytest.raises(Refused, match="may write"):
        grant_reader(postgresql_archive, role)


def test_who_is_not_there(postgresql_archive: Archive, sqlite_archive: Archive) -> None:
    with pytest.raises(NotFound, match="no role nobody"):
        grant_reader(postgresql_archive, "nobody")
    with pytest.raises(Refused, match="SQLite has no users"):
        grant_reader(sqlite_archive, "alice")


def test_who_may_read_a_view_still_may_after_an_upgrade(
    postgresql: PostgreSQLServer, role: str
) -> None:
    with fresh_database(postgresql) as url:
        archive = Archive(url)
        schema.upgrade(archive, "0015")
        quoted = archive.engine.dialect.identifier_preparer.quote_identifier(role)
        with archive.writing() as session:
            views = "articles, article_versions, fetches, findings, observations, sources"
            session.execute(text(f"GRANT SELECT ON {views} TO {quoted}".replace(":", r"\:")))
        schema.upgrade(archive)
        with archive.writing() as session:
            may = text("SELECT has_table_privilege(:role, :view, 'SELECT')")
            for view in views.split(", "):
                assert session.scalar(may, {"role": role, "view": view}), view
            session.execute(text(f"DROP OWNED BY {quoted}".replace(":", r"\:")))
        archive.close()
