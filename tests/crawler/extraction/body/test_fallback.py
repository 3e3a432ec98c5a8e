from lxml import html

from crawler.extraction.body.fallback import MAXIMUM_ELEMENTS, read_with_trafilatura

PROSE = "The council met on Monday and agreed to mend the old bridge before winter comes. " * 4


def test_trafilaturas_paragraphs_become_blocks_with_their_kinds() -> None:
    markup = (
        f"<article><h2>The bridge</h2><p>{PROSE}</p><ul><li>One lane at a time</li></ul></article>"
    )
    blocks = read_with_trafilatura(html.document_fromstring(markup))
    assert [(b.text, b.scope.heading, b.scope.flow) for b in blocks] == [
        ("The bridge", "h2", None),
        (PROSE.strip(), None, None),
        ("One lane at a time", None, "ul"),
    ]


def test_the_tree_stays_as_it_was() -> None:
    tree = html.document_fromstring(f"<article><p class='x'>{PROSE}</p></article>")
    before = html.tostring(tree)
    assert read_with_trafilatura(tree)
    assert html.tostring(tree) == before


def test_a_page_of_nothing_has_no_blocks() -> None:
    assert read_with_trafilatura(html.document_fromstring("<p></p>")) == []


def test_a_tree_too_large_for_it_is_not_tried() -> None:
    markup = f"<article><p>{PROSE}</p></article>" + "<i></i>" * MAXIMUM_ELEMENTS
    assert read_with_trafilatura(html.document_fromstring(markup)) == []
