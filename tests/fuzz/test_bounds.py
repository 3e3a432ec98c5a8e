from dataclasses import replace
from datetime import datetime
from mmap import PAGESIZE, mmap

import pytest

from crawler.extraction import Article, PageKind, Paragraph, ParagraphKind
from tests.fuzz import bounds
from tests.fuzz.bounds import BoundPassed, Cost, check, read
from tests.fuzz.inputs import PLAIN, Input

ARTICLE = Article(PageKind.ARTICLE, "T", (Paragraph(ParagraphKind.PARAGRAPH, "A text."),))


def test_what_extraction_refuses_breaks_no_promise() -> None:
    read(PLAIN + b"%PDF-1.7").check()


def test_other_exceptions_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Article:
        raise IndexError

    monkeypatch.setattr(bounds, "extract", broken)
    with pytest.raises(IndexError):
        read(PLAIN + b"<p>x")


def test_memory_is_that_of_the_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(*_: object, **__: object) -> Article:
        # Not from the heap: what earlier tests left free there would be used again.
        with mmap(-1, 100 << 20) as memory:
            for at in range(0, len(memory), PAGESIZE):
                memory[at] = 1
        return ARTICLE

    monkeypatch.setattr(bounds, "extract", greedy)
    assert 95 < read(PLAIN).mebibytes < 130


@pytest.mark.parametrize("cost", [Cost(2.1, 0), Cost(0, 501)])
def test_bounds_are_refused_when_passed(cost: Cost) -> None:
    with pytest.raises(BoundPassed):
        cost.check()


@pytest.mark.parametrize(
    "unfit",
    [
        replace(ARTICLE, title="\ud800"),
        replace(ARTICLE, tags=("a\0b",)),
        replace(ARTICLE, paragraphs=(Paragraph(ParagraphKind.PARAGRAPH, "a\nb"),)),
        replace(ARTICLE, paragraphs=(Paragraph(ParagraphKind.PARAGRAPH, ""),)),
        replace(ARTICLE, published_at=datetime(2025, 11, 3)),  # noqa: DTZ001
    ],
)
def test_articles_no_archive_can_hold_are_refused(unfit: Article) -> None:
    check(ARTICLE)
    with pytest.raises((AssertionError, UnicodeEncodeError)):
        check(unfit)


def test_every_way_of_reading_is_tried() -> None:
    assert Input.decode(bytes([0, 0, 0, 0b101001]) + b"<p>").templated
    read(bytes([0, 0, 0, 0b101001]) + b"<html><p>A text.</p>")
