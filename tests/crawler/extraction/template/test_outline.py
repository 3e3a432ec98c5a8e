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


@pytest.mark.parametrize(
    "count",
    [
        "1,001",
        "1.001",
        "1 001",
        "1\u202f001",
        "1’001",
        "12,345,678",
        "1.2k",
        "1,2 k",
        "3M",
        "2 Mio",
    ],
)
def test_a_number_is_one_however_its_thousands_are_written(count: str) -> None:
    few, many = (outline_entry(block(f"<p>{it} comments</p>")) for it in ("999", count))
    assert few.key == many.key
    assert few.older_key is None
    assert many.older_key not in (None, many.key)


def test_two_numbers_are_not_one() -> None:
    keys = {
        outline_entry(block(f"<p>{words}</p>")).key
        for words in ("3 comments", "12:30 comments", "2026 300 comments", "5 km comments", "4.5")
    }
    assert len(keys) == 5


def test_a_long_text_keeps_its_key() -> None:
    long = "The council has paid 1,200 pounds for a second survey of the bridge, it says on Monday."
    entry = outline_entry(block(f"<p>{long}</p>"))
    assert entry.older_key is None
    assert entry.key != outline_entry(block(f"<p>{long.replace('1,200', '900')}</p>")).key


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
