from lxml import html

from crawler.extraction.page.blocks import Scope, read_blocks
from crawler.extraction.page.scopes import common_scope, is_inside, text_container


def scopes(markup: str) -> list[Scope]:
    blocks = read_blocks(html.document_fromstring(f"<body>{markup}</body>"))
    return [block.scope for block in blocks]


def test_what_is_inside_an_element_is_not_inside_the_next_one() -> None:
    first, second = scopes("<div id='a'><p>One</p></div><div id='b'><p>Two</p></div>")
    assert first.parent is not None
    assert is_inside(first, first)
    assert is_inside(first, first.parent)
    assert not is_inside(second, first.parent)
    assert not is_inside(None, first)


def test_the_common_scope_is_the_deepest() -> None:
    found = scopes("<main><div><p>One</p><p>Two</p></div><div><p>Three</p></div></main>")
    assert common_scope(found[:1]) is found[0]
    assert common_scope(found[:2]) is found[0].parent
    assert common_scope(found).tag == "main"


def test_a_paragraph_is_held_by_its_parent_a_division_by_itself() -> None:
    paragraph, division = scopes("<main><p>One</p><div>Two</div></main>")
    assert text_container(paragraph).tag == "main"
    assert text_container(division) is division
