"""The examples of docs/search.md find what it says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database.archive import Archive
from storage.search.query import FIELDS
from storage.search.search import Search
from tests.support.archiving import Desk

MANUAL = (Path(__file__).parents[1] / "docs" / "search.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    lines = MANUAL.partition(f"\n| {heading} |")[2].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line[1:-1].split("|")] for line in lines]


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Search]:
    path = tmp_path_factory.mktemp("search") / "archive.db"
    path.write_bytes(sqlite_template.read_bytes())
    archive = Archive(f"sqlite:///{path}")
    desk = Desk(archive)
    articles = table("address | language | title | text")
    desk.languages = {title: language for _, language, title, _ in articles}
    before = re.search(r"had the text \*([^*]+)\*", MANUAL)
    assert before is not None
    desk.read("/ferry", "The ferry returns", " ".join(before[1].split()))
    for address, _, title, text in articles:
        desk.read(address, title, text)
    with Search(archive) as opened:
        yield opened
    archive.close()


@pytest.mark.parametrize(("query", "finds"), table("query | finds"))
def test_an_example_finds_what_is_said(search: Search, query: str, finds: str) -> None:
    found = {hit.url.removeprefix("https://example.org") for hit in search.find(query).hits}
    assert found == set(finds.split())


def test_every_field_is_told() -> None:
    told = re.findall(r"`([a-z]+):", MANUAL.partition("| field |")[2].split("\n\n")[0])
    assert list(dict.fromkeys(told)) == list(FIELDS)
