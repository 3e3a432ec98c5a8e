"""SQLite changes a table by making it anew: its triggers go with the old one, and those of other
tables that name it keep it from being renamed (https://sqlite.org/lang_altertable.html, section 7).
All are made again: a migration that forgot them would leave whoever follows the archive behind for
good."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, event

_DROPPED: Final = re.compile(r'\s*DROP TABLE "?(\w+)"?\s*', re.IGNORECASE)
_RENAMED: Final = re.compile(
    r'\s*ALTER TABLE "?_alembic_tmp_\w+"? RENAME TO "?(\w+)"?\s*', re.IGNORECASE
)
_ITS_OWN: Final = """
    SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? ORDER BY name
"""
_NAMING_IT: Final = """
    SELECT name, sql FROM sqlite_master
    WHERE type = 'trigger' AND sql LIKE '%' || ? || '%' ORDER BY name
"""


@contextmanager
def triggers_kept(connection: Connection) -> Iterator[None]:
    """What Alembic's batch mode makes anew within has the triggers that it had."""
    if connection.dialect.name != "sqlite":
        yield
        return
    triggers: dict[str, list[str]] = {}

    def before(_connection: object, cursor: Any, statement: str, *_: object) -> None:
        if match := _DROPPED.fullmatch(statement):
            found = cursor.connection.execute(_ITS_OWN, (match[1],))
            triggers[match[1]] = [sql for (sql,) in found]
        elif match := _RENAMED.fullmatch(statement):
            found = cursor.connection.execute(_NAMING_IT, (match[1],)).fetchall()
            triggers.setdefault(match[1], []).extend(sql for _, sql in found)
            for name, _ in found:
                cursor.connection.execute(f'DROP TRIGGER "{name}"')

    def after(_connection: object, cursor: Any, statement: str, *_: object) -> None:
        if match := _RENAMED.fullmatch(statement):
            for sql in triggers.pop(match[1], []):
                cursor.connection.execute(sql)

    event.listen(connection, "before_cursor_execute", before)
    event.listen(connection, "after_cursor_execute", after)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", before)
        event.remove(connection, "after_cursor_execute", after)
