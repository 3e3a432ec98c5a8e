from pathlib import Path

from storage.models import Base
from storage.query.dictionary import as_datasette, as_markdown, views

PAGE = Path(__file__).parents[3] / "docs" / "data-dictionary.md"


def test_the_page_is_what_the_program_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_markdown(), "run `make dictionary`"


def test_every_column_has_a_meaning_and_every_time_its_unit() -> None:
    for view in views():
        assert view.meaning.endswith(".")
        for column in view.columns:
            assert column.meaning
            assert column.type in {"text", "integer", "number", "boolean", "time", "day", "JSON"}
            assert column.type != "time" or column.unit == "UTC"


def test_the_metadata_for_datasette_name_views_and_hide_tables() -> None:
    tables = as_datasette("permalien")["databases"]["permalien"]["tables"]
    assert {view.name for view in views()} <= set(tables)
    assert all(tables[name]["hidden"] for name in Base.metadata.tables)
    assert tables["fetches"]["columns"]["milliseconds"] == (
        "from the request to the last byte (ms)"
    )
