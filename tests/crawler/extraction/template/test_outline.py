import pytest
from lxml import html

from crawler.extraction.page.blocks import Block, read_blocks
from crawler.extraction.template.outline import (
    OUTLINE_BLOCKS,
    BlockKind,
    Entry,
    outline_entry,
    outline_of,
)


def block(markup: str) -> Block:
    (found,) = read_blocks(html.document_fromstring(f"<body>{markup}</body>"))
    return found


def test_the_key_is_of_words_and_place_not_of_numbers() -> None:
    three = outline_entry(block("<div class='tools'><p>3 comments</p></div>"))
    twelve = outline_entry(block("<div class='tools'><p>12 comments</p></div>"))
    elsewhere = outline_entry(block("<div class='menu'><p>3 comments</p></div>"))
    assert three.key == twelve.key != elsewhere.key
    assert three.text_container == "html/body/div.tools"


def test_the_place_is_the_same_whatever_an_article_is_about() -> None:
    one = outline_entry(block("<article class='post-1 category-sports'><p>Logo</p></article>"))
    other = outline_entry(block("<article class='post-2 category-arts'><p>Logo</p></article>"))
    assert one.key == other.key


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ("<h2>Background</h2>", BlockKind.HEADING),
        ("<p><b>Background</b></p>", BlockKind.HEADING),
        ("<p>Background</p>", BlockKind.LINE),
        (f"<p>{'A sentence of the article. ' * 3}</p>", BlockKind.PROSE),
    ],
)
def test_kinds(markup: str, kind: BlockKind) -> None:
    assert outline_entry(block(markup)).kind is kind


@pytest.mark.parametrize("kept", [True, False])
def test_a_line_gives_the_entry_back(kept: bool) -> None:
    entry = outline_entry(block("<p>One line</p>"), kept=kept)
    assert Entry.parse(str(entry)) == entry


def test_an_outline_is_in_page_order_and_bounded() -> None:
    blocks = read_blocks(html.document_fromstring("<body>" + "<p>x</p>" * 1200 + "</body>"))
    outline = outline_of(outline_entry(it, kept=it is not blocks[0]) for it in blocks)
    assert len(outline) == OUTLINE_BLOCKS
    assert [Entry.parse(line).kept for line in outline[:3]] == [False, True, True]
