import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crawler.extraction import PageInput
from crawler.reading import own_function
from crawler.reading.errors import BadExtractor
from crawler.reading.own_function import name_of, read_own
from crawler.reading.worker import NoArticle
from storage.history.new_reading import NewReading

PAGE = PageInput(b"<h1>Title</h1>", "https://example.org/a", {}, datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("mine")
    monkeypatch.setitem(sys.modules, "mine", made)
    own_function._function.cache_clear()
    return made


def gives(module: ModuleType, value: Any) -> NewReading | NoArticle:
    module.read = lambda page: value  # type: ignore[attr-defined]
    own_function._function.cache_clear()
    return read_own(PAGE, "mine:read")


def test_a_dict_becomes_a_reading(module: ModuleType) -> None:
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    reading = gives(
        module,
        {"title": "T", "text": "A\nB", "authors": ["Ann"], "published_at": at, "score": [1, 2.5]},
    )
    assert isinstance(reading, NewReading)
    assert (reading.title, reading.text, reading.authors) == ("T", "A\nB", ["Ann"])
    assert (reading.published_at, reading.extractor, reading.template) == (at, "mine:read", "")
    assert reading.details == {"own": {"score": [1, 2.5]}}
    assert reading.left_out == {"modified_at", "language"}
    assert (reading.digest, reading.input) == (PAGE.body_digest, PAGE.digest)


def test_so_does_a_dataclass(module: ModuleType) -> None:
    @dataclass
    class Mine:
        title: str
        mood: str

    reading = gives(module, Mine("T", "calm"))
    assert isinstance(reading, NewReading)
    assert (reading.title, reading.details) == ("T", {"own": {"mood": "calm"}})


def test_nothing_is_no_article(module: ModuleType) -> None:
    assert isinstance(gives(module, None), NoArticle)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("text", "gave a str, and no dict"),
        ({"title": 3}, "title is a int, and no text"),
        ({"authors": "Ann"}, "authors is no list"),
        ({"authors": [3]}, "an author is a int"),
        ({"published_at": datetime(2026, 3, 1)}, "no datetime with a zone"),  # noqa: DTZ001
        ({"score": object()}, "must be JSON"),
        ({"score": float("nan")}, "must be JSON"),
        ({"title": "x" * 10_001}, "more than 10,000 characters"),
        ({"language": "x" * 36}, "more than 35 characters"),
    ],
)
def test_what_is_no_reading_is_told(module: ModuleType, value: Any, why: str) -> None:
    with pytest.raises(BadExtractor, match=why):
        gives(module, value)


def test_what_the_function_raises_is_told_with_its_line(module: ModuleType) -> None:
    def read(page: PageInput) -> None:
        raise LookupError("no byline")

    module.read = read  # type: ignore[attr-defined]
    line = read.__code__.co_firstlineno + 1
    why = f"mine:read raised LookupError: no byline (test_own_function.py, line {line})"
    with pytest.raises(BadExtractor, match=re.escape(why)):
        read_own(PAGE, "mine:read")


@pytest.mark.parametrize(
    ("source", "why"),
    [("def read(:\n", "SyntaxError: .*line 1"), ("1 / 0\n", "ZeroDivisionError: division")],
)
def test_a_module_that_can_t_be_imported_is_told(
    source: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "unfinished.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BadExtractor, match=why):
        name_of("unfinished:read")


def test_a_function_has_a_version(module: ModuleType) -> None:
    def read(page: PageInput) -> None:
        return None

    read.version = 3  # type: ignore[attr-defined]
    module.read = read  # type: ignore[attr-defined]
    assert name_of("mine:read") == "mine:read 3"
    own_function._function.cache_clear()
    read.version = "x" * 100  # type: ignore[attr-defined]
    with pytest.raises(BadExtractor, match="more than 100 letters"):
        name_of("mine:read")


@pytest.mark.parametrize("where", ["mine", "mine:", ":read", "mine:none", "none.at.all:read"])
def test_one_that_is_not_there_is_told(module: ModuleType, where: str) -> None:
    with pytest.raises(BadExtractor):
        name_of(where)
