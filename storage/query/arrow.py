"""Fields as Arrow's types. Imports pyarrow, which need not be there."""

from collections.abc import Sequence
from typing import Final

import pyarrow

from storage.query.fields import Field, Kind

_TYPES: Final = {
    Kind.TEXT: pyarrow.string(),
    Kind.INTEGER: pyarrow.int64(),
    Kind.NUMBER: pyarrow.float64(),
    Kind.BOOLEAN: pyarrow.bool_(),
    Kind.TIME: pyarrow.timestamp("us", tz="UTC"),
    Kind.TEXTS: pyarrow.list_(pyarrow.field("element", pyarrow.string(), nullable=False)),
}


def arrow_schema(fields: Sequence[Field]) -> pyarrow.Schema:
    """The schema of rows of these fields, each column with its meaning."""
    return pyarrow.schema(
        [
            pyarrow.field(
                field.name,
                _TYPES[field.kind],
                nullable=field.nullable,
                metadata={"meaning": field.meaning},
            )
            for field in fields
        ]
    )


def record_batch(rows: Sequence[Sequence[object]], schema: pyarrow.Schema) -> pyarrow.RecordBatch:
    """Rows, one at least, as a batch."""
    columns = zip(*rows, strict=True)
    arrays = [
        pyarrow.array(column, field.type) for column, field in zip(columns, schema, strict=True)
    ]
    return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)
