"""Alembic runs this for every command; the connection comes from storage.schema."""

from collections.abc import Mapping
from typing import Any

from alembic import context
from sqlalchemy import text

from storage.ledger.partitions import PARTITIONED
from storage.models import Base

# What only one of the databases has, made by hand in the revisions.
_PARTITIONS = tuple(f"{name}_" for name in PARTITIONED)


def include_name(name: str | None, kind: str, _parents: Mapping[Any, str | None]) -> bool:
    if name is None or kind != "table":
        return True
    return not name.startswith(_PARTITIONS)


def add_options() -> None:
    """Give the tables and indexes the options of one dialect, which the models keep in `info`: to
    name a dialect imports it, and a command on SQLite would wait for PostgreSQL's."""
    for table in Base.metadata.tables.values():
        if "partition_by" in table.info:
            table.dialect_options["postgresql"]["partition_by"] = table.info["partition_by"]
        for index in table.indexes:
            if "where" in index.info:
                for dialect in ("postgresql", "sqlite"):
                    index.dialect_options[dialect]["where"] = text(index.info["where"])


add_options()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=include_name,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
