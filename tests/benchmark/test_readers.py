import pytest

from crawler.extraction import Article
from tests.benchmark import readers
from tests.benchmark.corpora import read_pages
from tests.benchmark.readers import Job, read_with_permalien, read_with_trafilatura

CASE = next(case for case in read_pages() if case.id == "bridge-en")


def test_both_read_the_same_page() -> None:
    for read in (read_with_permalien, read_with_trafilatura):
        reading = read(Job(CASE))
        assert "a great deal of very old paint" in reading.text.lower()
        assert (reading.title, reading.date) == (CASE.title, "2025-11-03")
        assert list(reading.authors) == ["Maud Ferris"]
        assert reading.seconds > 0


def test_a_part_is_left_out_when_named() -> None:
    assert len(read_with_permalien(Job(CASE, part="furniture: names")).text) > len(CASE.text or "")


def test_what_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Article:
        raise RecursionError("deep")

    monkeypatch.setattr(readers, "extract", broken)
    reading = read_with_permalien(Job(CASE))
    assert (reading.text, reading.error) == ("", "RecursionError('deep')")
