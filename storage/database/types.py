"""Column types that hold on both databases: aware UTC times, digests, enums by value."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Integer, LargeBinary, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.database.storable import storable, storable_document


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Takes any aware datetime, gives back UTC; SQLite keeps it as UTC text.

    Raises ValueError on a naive datetime: a time whose zone nobody knows is not an instant.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value.isoformat()}: give it its time zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PlainText(TypeDecorator[str]):
    """Text from anywhere, kept as both databases can keep it: see `storable`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Document(TypeDecorator[Any]):
    """A JSON document; its strings are as `storable` leaves them. None is SQL's null."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return super().load_dialect_impl(dialect)
        # Whoever asks an archive on SQLite need not wait for it.
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return storable_document(value)


# SQLite makes a rowid alias of INTEGER alone, and keeps 64 bits in it all the same.
BigId = BigInteger().with_variant(Integer(), "sqlite")
Digest = LargeBinary(32)


def by_value(enum: type[StrEnum]) -> Enum:
    """An enum column that keeps the member's value as text under a named CHECK."""
    return Enum(
        enum,
        native_enum=False,
        length=20,
        validate_strings=True,
        create_constraint=True,
        name=enum.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )
