"""The triggers that keep what is immutable, put aside where a removal or a redaction must be."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session


@contextmanager
def unguarded(session: Session) -> Iterator[None]:
    """Without the triggers that keep what is immutable, within this transaction."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        triggers = connection.execute(
            text(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger "
                "JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE proname = 'refuse_change' AND relkind IN ('r', 'p') AND tgparentid = 0"
            )
        ).all()
        for table, name in triggers:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {name}"))
        yield
        for table, name in triggers:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER {name}"))
        return
    guards = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%ABORT%'")
    ).all()
    for name, _ in guards:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, statement in guards:
        connection.exec_driver_sql(statement)
