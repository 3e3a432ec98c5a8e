from storage.models import Base
from storage.verification.references import references
from tests.storage.verification.conftest import Told, all_found


def test_missing_rows_are_named(told: Told) -> None:
    # What these were is told by extraction alone.
    but = ("reading: another's detail_digest", "reading: a bit of input flipped")
    assert all_found(told("source", "reading", but=but))


def test_every_column_that_names_a_row_is_followed() -> None:
    followed = {(it.column.table.name, it.column.name) for it in references()}
    named = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.c
        if column.name.removesuffix("_id") in Base.metadata.tables and column.name.endswith("_id")
    }
    records = {"change", "reextraction", "redaction"}  # what these tell of may be gone
    assert {it for it in named - followed if it[0] not in records} == set()
