"""Column types that hold on both databases: aware UTC times, digests, enums by value."""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Integer, LargeBinary
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator


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


# SQLite makes a rowid alias of INTEGER alone, and keeps 64 bits in it all the same.
BigId = BigInteger().with_variant(Integer(), "sqlite")
Document = JSON().with_variant(postgresql.JSONB(), "postgresql")
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
