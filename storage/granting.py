"""Letting a user of a PostgreSQL server read the archive, and not write."""

from sqlalchemy import text

from storage import schema
from storage.database.archive import Archive
from storage.database.errors import NotFound, Refused

_WRITES = "INSERT, UPDATE, DELETE, TRUNCATE"


def grant_reader(archive: Archive, name: str) -> None:
    """Let the role `name` read the archive's views and tables, and those that later versions add.

    Raises Refused on SQLite, which has no users, and for a role that may write; NotFound for one
    that the server does not have.
    """
    schema.require_current(archive)
    if archive.engine.dialect.name != "postgresql":
        raise Refused(
            "SQLite has no users: let them read the file alone, with `chmod 444` or as a copy"
        )
    with archive.writing() as session:
        known = text("SELECT rolsuper FROM pg_roles WHERE rolname = :name")
        is_superuser = session.scalar(known, {"name": name})
        if is_superuser is None:
            raise NotFound(f'no role {name} on the server: CREATE ROLE "{name}" LOGIN, and so on')
        writes = text(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relkind IN ('r', 'p', 'v') "
            "AND relnamespace = current_schema()::regnamespace "
            "AND has_table_privilege(:name, oid, :writes))"
        )
        if is_superuser or session.scalar(writes, {"name": name, "writes": _WRITES}):
            raise Refused(f"role {name} may write in the archive: name one that may not")
        preparer = archive.engine.dialect.identifier_preparer
        role = preparer.quote_identifier(name)
        where, database = session.execute(text("SELECT current_schema(), current_database()")).one()
        where, database = map(preparer.quote_identifier, (where, database))
        for statement in (
            f"GRANT CONNECT ON DATABASE {database} TO {role}",
            f"GRANT USAGE ON SCHEMA {where} TO {role}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {where} TO {role}",
            # Who has the rules of redactions can try names (docs/decisions/0043).
            f"REVOKE SELECT ON TABLE {where}.redaction_rule FROM {role}",  # noqa: S608
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {where} GRANT SELECT ON TABLES TO {role}",
        ):
            session.execute(text(statement.replace(":", "\\:")))
