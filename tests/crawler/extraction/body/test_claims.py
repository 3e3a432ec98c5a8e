"""What metadata claim decides where the text is looked for."""

from lxml import html

from crawler.extraction.body.claims import NOTHING_CLAIMED, Claims
from crawler.extraction.body.selection import find_body
from crawler.extraction.page.blocks import read_blocks
from tests.crawler.extraction.body.test_cards import BELOW, BRIEF, HERE, TEASER

PAGE = f"<body><article><h1>No ferry</h1><p>{BRIEF}</p></article>{BELOW}</body>"


def kept(claims: Claims) -> list[str]:
    blocks = read_blocks(html.document_fromstring(PAGE), HERE)
    return [block.text for block in find_body(blocks, claims).kept]


def test_a_page_that_says_it_is_an_article_has_nothing_of_others() -> None:
    assert TEASER not in kept(Claims(article=True))
    assert BRIEF in kept(Claims(article=True))


def test_of_a_page_that_claims_nothing_the_most_text_is_its_body() -> None:
    assert TEASER in kept(NOTHING_CLAIMED)
