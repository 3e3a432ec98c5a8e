"""Triggers outlive a migration that makes their tables anew."""

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from storage import schema
from storage.database.archive import Archive

LOGGED = ("article", "version_state", "address", "finding", "source")


def triggers(connection: sa.Connection) -> list[tuple[str, str, str]]:
    found = connection.execute(
        sa.text(
            "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        )
    )
    return [(table, name, sql) for table, name, sql in found]


@pytest.mark.parametrize("table", [*LOGGED, "edit"])
def test_a_table_that_is_made_anew_keeps_its_triggers_and_those_that_name_it(
    sqlite_archive: Archive, table: str
) -> None:
    with schema._migrating(sqlite_archive) as connection:
        before = triggers(connection)
        # Views name the table, and SQLite would look at them when it is renamed.
        for view in sa.inspect(connection).get_view_names():
            connection.exec_driver_sql(f"DROP VIEW {view}")
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table(table, recreate="always") as batch:
            batch.add_column(sa.Column("more", sa.Text()))
        assert table in {it[0] for it in before}
        assert triggers(connection) == before


def test_what_a_migration_drops_by_name_stays_dropped(sqlite_archive: Archive) -> None:
    with schema._migrating(sqlite_archive) as connection:
        connection.exec_driver_sql("DROP TRIGGER source_is_added")
        names = [name for _, name, _ in triggers(connection)]
        assert "source_is_added" not in names
        assert "source_is_removed" in names
