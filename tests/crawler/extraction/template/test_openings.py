"""Lines that open alike on every page, told from the openings of articles' own paragraphs."""

from collections.abc import Sequence

import pytest

from crawler.extraction.template.openings import find_openings
from crawler.extraction.template.outline import BlockKind, Entry

TITLES = [f"{word} has the last word" for word in ("Council", "Harbour", "Theatre", "Library")]


def line(text: str, *, linked: bool = False) -> Entry:
    return Entry(f"key of {text}", BlockKind.LINE, "main/p", text, linked=linked)


def pages(*texts: str, linked: bool = False) -> list[list[Entry]]:
    """A page for each line, with a paragraph of its own beside it."""
    return [[line(f"Own {n}"), line(text, linked=linked)] for n, text in enumerate(texts)]


def words(pages: Sequence[Sequence[Entry]]) -> set[str]:
    return {opening.words for opening in find_openings(pages, set(TITLES))}


def test_what_goes_on_with_another_pages_title_is_the_sites() -> None:
    found = list(find_openings(pages(*(f"Most read: {title}" for title in TITLES)), set(TITLES)))
    assert [(it.words, it.place, it.pages) for it in found if it.words.endswith(":")] == [
        ("Most read:", "main/p", 4)
    ]


def test_what_goes_on_with_a_link_is_the_sites() -> None:
    texts = [f"Lire aussi : page {n}" for n in "abcd"]
    assert "Lire aussi :" in words(pages(*texts, linked=True))
    assert words(pages(*texts)) == set()


def test_what_goes_on_with_words_of_its_own_is_the_articles() -> None:
    assert words(pages(*(f"LONDON — Something new of {n}" for n in "abcd"))) == set()


def test_two_pages_are_too_few() -> None:
    assert words(pages(*(f"Most read: {title}" for title in TITLES[:2]))) == set()


def test_a_note_of_correction_is_no_opening_of_the_sites() -> None:
    assert words(pages(*(f"Correction: {title}" for title in TITLES))) == set()


def test_many_such_lines_on_one_page_are_no_reference_but_its_text() -> None:
    found = pages(*(f"Most read: {title}" for title in TITLES))
    found[0] += [line(f"Most read: {title} again {n}") for n, title in enumerate(TITLES)]
    assert "Most read:" not in words(found)


@pytest.mark.parametrize("own", [0, 2])
def test_bare_words_are_the_sites_where_nearly_all_lines_lead_elsewhere(own: int) -> None:
    texts = [f"See also {title}" for title in TITLES]
    texts[:own] = [f"See also how it ends {n}" for n in range(own)]
    assert ("See also" in words(pages(*texts))) is (own == 0)
