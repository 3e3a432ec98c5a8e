"""Answers that stream: asked for when they are gone through, and again each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from storage.query.fields import Field

Record = TypeVar("Record")

_BATCH = 10_000  # rows of a batch for Arrow


class Results(Generic[Record]):
    """Records in a stable order. Going through them takes little memory, however many they are,
    and asks the archive anew: what was written to it meanwhile is then seen.

    `columns` are the names of a record's fields, as they are in a table made of it.
    """

    def __init__(
        self,
        rows: Callable[[], Iterator[Sequence[Any]]],
        record: Callable[..., Record],
        fields: Sequence[Field],
        count: Callable[[], int] | None = None,
    ) -> None:
        self._rows = rows
        self._record = record
        self._fields = fields
        self._count = count
        self.columns = tuple(field.name for field in fields)

    def __iter__(self) -> Iterator[Record]:
        for row in self._rows():
            yield self._record(*row)

    def first(self) -> Record | None:
        """The first record, None where there is none."""
        return next(iter(self), None)

    def count(self) -> int:
        """How many records there are."""
        return sum(1 for _ in self._rows()) if self._count is None else self._count()

    def to_arrow_batches(self, size: int = _BATCH) -> pyarrow.RecordBatchReader:
        """The records as Arrow batches of `size` rows, each made when it is asked for.

        Raises ImportError, which says what to install, where pyarrow is not there."""
        if size < 1:
            raise ValueError(f"a batch has a row at least, not {size}")
        from permalien.tables import needed

        arrow = needed("pyarrow")
        from storage.query.arrow import arrow_schema, record_batch

        schema = arrow_schema(self._fields)

        def batches() -> Iterator[pyarrow.RecordBatch]:
            rows = self._rows()
            while some := list(islice(rows, size)):
                yield record_batch(some, schema)

        reader: pyarrow.RecordBatchReader = arrow.RecordBatchReader.from_batches(schema, batches())
        return reader

    def to_arrow(self) -> pyarrow.Table:
        """All records as an Arrow table. Raises ImportError as `to_arrow_batches`."""
        return self.to_arrow_batches().read_all()

    def to_polars(self) -> polars.DataFrame:
        """All records as a polars frame. Raises ImportError where polars or pyarrow is not
        there."""
        from permalien.tables import needed

        frame: polars.DataFrame = needed("polars").from_arrow(self.to_arrow())
        return frame

    def to_pandas(self) -> pandas.DataFrame:
        """All records as a pandas frame. Raises ImportError where pandas or pyarrow is not
        there."""
        from permalien.tables import needed

        needed("pandas")
        return self.to_arrow().to_pandas()
