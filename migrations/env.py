"""Alembic runs this for every command; the connection comes from storage.schema."""

from collections.abc import Mapping
from typing import Any

from alembic import context
from sqlalchemy.sql.schema import SchemaItem

from storage.ledger.partitions import PARTITIONED
from storage.models import Base

# What only one of the databases has, made by hand in the revisions.
_SQLITE_SEARCH_INDEX = "search_index"
_POSTGRESQL_SEARCH_INDEX = "ix_search_document_words"
_PARTITIONS = tuple(f"{name}_" for name in PARTITIONED)


def include_name(name: str | None, kind: str, _parents: Mapping[Any, str | None]) -> bool:
    if name is None or kind != "table":
        return True
    return not name.startswith((_SQLITE_SEARCH_INDEX, *_PARTITIONS))


def include_object(
    _item: SchemaItem, name: str | None, _kind: str, _reflected: bool, _other: SchemaItem | None
) -> bool:
    return name != _POSTGRESQL_SEARCH_INDEX


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=include_name,
    include_object=include_object,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
