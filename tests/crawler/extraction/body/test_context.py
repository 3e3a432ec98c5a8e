import pytest
from lxml import html

from crawler.extraction.body.context import LEVELS, REACH, context_rows
from crawler.extraction.page.blocks import read_blocks

PAGE = (
    "<div><p>Ten people crossed the bridge.</p><p>Nine of them came back.</p></div>"
    "<ul><li>One more</li><li>Another</li></ul>"
)
BLOCKS = read_blocks(html.document_fromstring(f"<body>{PAGE}</body>"))
LIKELY = [0.9, 0.8, 0.1, 0.2]


def test_a_block_is_seen_among_its_neighbours() -> None:
    rows = context_rows(BLOCKS, LIKELY)
    assert rows[0][: 2 * REACH + 1] == [-1.0] * REACH + [0.9, 0.8, 0.1, 0.2, -1.0]
    assert rows[3][: 2 * REACH + 1] == [-1.0, 0.9, 0.8, 0.1, 0.2] + [-1.0] * REACH


def test_a_block_is_seen_with_what_its_element_holds() -> None:
    at = -3 - 2 * (LEVELS - 1)  # what the parent of the first block is likely to be
    sizes = [len(block.text) for block in BLOCKS]
    expected = (0.9 * sizes[0] + 0.8 * sizes[1]) / (sizes[0] + sizes[1])
    assert context_rows(BLOCKS, LIKELY)[0][at] == pytest.approx(expected)


def test_text_before_and_after_is_told() -> None:
    rows = context_rows(BLOCKS, LIKELY)
    before, after, highest_before, highest_after = rows[3][2 * REACH + 1 : 2 * REACH + 5]
    assert before > 0.9
    assert after == pytest.approx(0.0)
    assert (highest_before, highest_after) == (0.9, 0.0)


def test_all_rows_are_of_one_length() -> None:
    assert len({len(row) for row in context_rows(BLOCKS, LIKELY)}) == 1
    assert context_rows([], []) == []
