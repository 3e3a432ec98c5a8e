from lxml import html

from crawler.extraction.page.blocks import Block, read_blocks
from tests.benchmark.block_labels import Label, label_blocks
from tests.benchmark.corpora import Case

FIRST = "The council met on Monday and agreed to mend the bridge."
SECOND = "Work begins in spring, and is to take two years at most."


def blocks(*texts: str) -> list[Block]:
    return read_blocks(html.document_fromstring("".join(f"<p>{text}</p>" for text in texts)))


def labels(case: Case, *texts: str) -> list[Label]:
    return label_blocks(case, blocks(*texts))


def answer(*paragraphs: str, optional: tuple[int, ...] = ()) -> Case:
    return Case(
        id="1",
        body=b"",
        text="\n".join(paragraphs),
        paragraphs=paragraphs,
        optional=frozenset(optional),
    )


def test_what_the_answer_holds_is_text() -> None:
    case = answer(FIRST, "Costs", SECOND)
    assert labels(case, "Home", FIRST, "Costs", SECOND, "Read more") == [0, 1, 1, 1, 0]


def test_a_text_said_twice_is_in_the_answer_once() -> None:
    assert labels(answer(FIRST, SECOND), FIRST, SECOND, FIRST) == [1, 1, 0]
    assert labels(answer(FIRST, SECOND), SECOND, FIRST, SECOND) == [0, 1, 1]


def test_a_short_block_must_stand_between_what_is_around_it() -> None:
    assert labels(answer("Costs", FIRST, SECOND), FIRST, "Costs", SECOND) == [1, 0, 1]


def test_a_block_of_which_half_is_in_the_answer_is_not_told() -> None:
    half = f"{FIRST} Nobody was asked about any of this beforehand, say those who live there."
    assert labels(answer(FIRST, SECOND), half, SECOND) == [None, 1]


def test_an_optional_paragraph_may_be_either() -> None:
    assert labels(answer(FIRST, SECOND, optional=(1,)), FIRST, SECOND) == [1, None]


def test_passages_tell_of_the_blocks_that_hold_them_alone() -> None:
    case = Case(id="1", body=b"", wanted=["agreed to mend"], unwanted=["Read more"])
    assert labels(case, FIRST, SECOND, "Read more about it") == [1, None, 0]
