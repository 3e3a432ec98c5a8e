from collections.abc import Set

import pytest
from lxml import html

from crawler.extraction import Paragraph, ParagraphKind
from crawler.extraction.body.paragraphs import paragraphs_of, part_of, reason_shown
from crawler.extraction.page.blocks import read_blocks


def paragraphs(markup: str, standfirst: Set[int] = frozenset()) -> tuple[Paragraph, ...]:
    blocks = read_blocks(html.document_fromstring(f"<body>{markup}</body>"))
    return paragraphs_of(part_of(it, standfirst=it.index in standfirst) for it in blocks)


def test_kinds_are_those_of_the_elements() -> None:
    markup = (
        "<h2>lede</h2><p>text</p><h3>heading</h3><ul><li>item</li></ul>"
        "<blockquote><p>quotation</p></blockquote><pre>code</pre>"
    )
    assert [(p.kind, p.text) for p in paragraphs(markup, standfirst={0})] == [
        (ParagraphKind.STANDFIRST, "lede"),
        (ParagraphKind.PARAGRAPH, "text"),
        (ParagraphKind.HEADING, "heading"),
        (ParagraphKind.LIST_ITEM, "item"),
        (ParagraphKind.QUOTATION, "quotation"),
        (ParagraphKind.PARAGRAPH, "code"),
    ]


def test_a_row_is_one_paragraph_its_cells_between_tabs() -> None:
    markup = "<table><tr><th>Party</th><th>Seats</th></tr><tr><td>Left</td><td>12</td></tr></table>"
    assert paragraphs(markup) == (
        Paragraph(ParagraphKind.TABLE_ROW, "Party\tSeats"),
        Paragraph(ParagraphKind.TABLE_ROW, "Left\t12"),
    )


def test_a_table_that_lays_out_a_page_is_no_row() -> None:
    long = "The council met on Monday and agreed to mend the bridge. " * 8
    markup = f"<table><tr><td>{long}</td><td>{long}</td></tr></table>"
    assert [p.text for p in paragraphs(markup)] == [long.strip(), long.strip()]


def kinds(markup: str) -> list[ParagraphKind]:
    return [paragraph.kind for paragraph in paragraphs(markup)]


def test_key_points_are_told_by_their_name() -> None:
    markup = "<div class='key-points'><ul><li>One</li></ul></div><p>text</p><ul><li>Two</li></ul>"
    assert kinds(markup) == [
        ParagraphKind.KEY_POINT,
        ParagraphKind.PARAGRAPH,
        ParagraphKind.LIST_ITEM,
    ]


def test_a_last_line_in_brackets_or_after_a_dash_is_a_sign_off() -> None:
    assert kinds("<p>(One)</p><p>text</p><p>(dpa/lno)</p>")[::2] == [
        ParagraphKind.PARAGRAPH,
        ParagraphKind.SIGN_OFF,
    ]
    assert kinds("<p>text</p><p>— Ann Fell, Paris</p>")[-1] is ParagraphKind.SIGN_OFF
    assert kinds("<p>(One)</p>") == [ParagraphKind.PARAGRAPH]


@pytest.mark.parametrize(
    ("markup", "reason", "shown"),
    [
        ("<h1>Bridge</h1>", "title", "headline"),
        ("<blockquote>“Never”</blockquote>", "pull quote", "pull-quote"),
        ("<p>Boats. Ann Fell</p>", "furniture <figcaption> image", "caption"),
        ("<blockquote>Look!</blockquote>", "furniture tweet twitter", "embedded-post"),
        ("<p>Follow us</p>", "furniture twitter", "furniture twitter"),
        ("<p>Born in 1901</p>", "furniture infobox", "fact-box"),
        ("<p>More</p>", "link", "link"),
    ],
)
def test_what_belongs_to_an_article_and_not_its_text_keeps_its_kind(
    markup: str, reason: str, shown: str
) -> None:
    block = read_blocks(html.document_fromstring(f"<body>{markup}</body>"))[0]
    assert reason_shown(block, reason) == shown
