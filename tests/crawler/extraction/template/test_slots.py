from collections.abc import Sequence

from crawler.extraction.template.outline import BlockKind, Entry
from crawler.extraction.template.slots import find_slots

TEXT = "div.entry/p"
BOX = "div.entry/div.x9/p"


def entry(text: str, place: str = BOX, kind: BlockKind = BlockKind.PROSE) -> Entry:
    return Entry(f"{place} {text}", kind, place, text)


def pages(shown: Sequence[Sequence[Entry]]) -> list[list[Entry]]:
    """Pages of four paragraphs of their own, and what each shows besides."""
    own = [[entry(f"{number} {part}", TEXT) for part in range(4)] for number in range(len(shown))]
    return [[*paragraphs, *more] for paragraphs, more in zip(own, shown, strict=True)]


def found(shown: Sequence[Sequence[Entry]]) -> list[tuple[str, int]]:
    return [(slot.example.place, slot.pages) for slot in find_slots(pages(shown))]


def test_a_place_where_a_few_adverts_take_turns_is_a_slot() -> None:
    assert found([[entry(f"advert {n % 4}")] for n in range(10)]) == [(BOX, 10)]


def test_an_advert_met_once_so_far_is_in_the_slot_as_well() -> None:
    shown = [[entry(f"advert {n % 3}")] for n in range(9)]
    assert found([*shown, [entry("a new one")]]) == [(BOX, 10)]


def test_a_box_with_the_articles_own_words_is_none() -> None:
    assert found([[entry(f"in short {n}")] for n in range(10)]) == []


def test_a_quotation_that_some_articles_share_makes_no_slot() -> None:
    shown = [[entry("shared" if n < 3 else f"own {n}")] for n in range(10)]
    assert found(shown) == []


def test_a_block_of_the_template_makes_no_slot() -> None:
    assert found([[entry("always"), entry("always too")] for _ in range(6)]) == []


def test_rubrics_and_long_places_are_none() -> None:
    rubrics = [[entry(f"rubric {n % 2}", kind=BlockKind.HEADING)] for n in range(8)]
    assert found(rubrics) == []
    reports = [[entry(f"wire {n % 2} {part}") for part in range(3)] for n in range(8)]
    assert found(reports) == []


def test_two_pages_have_no_slot() -> None:
    assert found([[entry("a")], [entry("a")]]) == []
