from collections.abc import Set

from lxml import html

from crawler.extraction import Paragraph, ParagraphKind
from crawler.extraction.body.paragraphs import paragraphs_of
from crawler.extraction.page.blocks import read_blocks


def paragraphs(markup: str, standfirst: Set[int] = frozenset()) -> tuple[Paragraph, ...]:
    blocks = read_blocks(html.document_fromstring(f"<body>{markup}</body>"))
    return paragraphs_of(blocks, standfirst=standfirst)


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
