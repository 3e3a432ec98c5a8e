"""Alembic runs this for every command; the connection comes from storage.schema."""

from collections.abc import Mapping
from typing import Any

from alembic import context

from storage.ledger.partitions import PARTITIONED
from storage.models import Base

# What only one of the databases has, made by hand in the revisions.
_PARTITIONS = tuple(f"{name}_" for name in PARTITIONED)


def include_name(name: str | None, kind: str, _parents: Mapping[Any, str | None]) -> bool:
    if name is None or kind != "table":
        return True
    return not name.startswith(_PARTITIONS)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=include_name,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
