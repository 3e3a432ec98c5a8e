"""What no redaction reaches, told of this database: it is left to a person."""

from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage.database.archive import Archive

_EVERYWHERE: Final = (
    "exports, WARC files and sidecars that were written before, and whoever has them",
    "proof bundles, citations and pages that others saved",
    "what readers' browsers and proxies between keep for a while",
    "web archives and search engines that are not yours",
)
_SQLITE: Final = (
    "backups and other copies of the database file, snapshots of its file system",
    "blocks that a disk keeps of files that were overwritten or deleted",
)
_POSTGRESQL: Final = (
    "dumps and base backups",
    "the server's log, where it logs statements or what they were given",
    "room of dead rows within the tables' files, until it is used again: --full writes them anew",
)


def out_of_reach(archive: Archive) -> list[str]:
    """What is left to a person, a line each."""
    if archive.engine.dialect.name == "sqlite":
        return [*_SQLITE, *_EVERYWHERE]
    with archive.reading() as session:
        return [*_of_server(session.connection()), *_POSTGRESQL, *_EVERYWHERE]


def _of_server(connection: Connection) -> list[str]:
    """Where this server sends what it writes."""
    lines = ["segments of the write-ahead log on the server, until they are used again"]
    archives = connection.scalar(text("SHOW archive_mode")) != "off"
    if archives:
        lines.append("the archive of the write-ahead log, which this server keeps")
    try:
        rows = connection.execute(
            text(
                "SELECT COALESCE(NULLIF(application_name, ''), CAST(client_addr AS text), '?') "
                "FROM pg_stat_replication ORDER BY 1"
            )
        )
        lines += [f"replica {name}: it follows, but keeps logs of its own" for (name,) in rows]
        slots = connection.execute(text("SELECT slot_name FROM pg_replication_slots ORDER BY 1"))
        lines += [f"what follows by replication slot {name}" for (name,) in slots]
    except DBAPIError:
        lines.append("replicas, which this user may not ask about")
    return lines
