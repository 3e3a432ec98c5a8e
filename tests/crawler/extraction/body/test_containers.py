import pytest
from lxml import html

from crawler.extraction.body.containers import Layout
from crawler.extraction.page.blocks import read_blocks
from crawler.extraction.page.wording import fold, weight

PROSE = "The council met on Monday and agreed to mend the old bridge before winter comes."


def layout(markup: str, article_body: str | None = None) -> Layout:
    return Layout(read_blocks(html.document_fromstring(f"<body>{markup}</body>")), article_body)


def container_tag(markup: str) -> str:
    container = layout(markup).container()
    assert container is not None
    return f"{container.tag}.{'.'.join(sorted(container.names))}"


def paragraphs(count: int, text: str = PROSE) -> str:
    return "".join(f"<p>{text} {number}</p>" for number in range(count))


def main_texts(markup: str, article_body: str | None = None) -> list[str]:
    found = layout(markup, article_body)
    return [found.readings[i].block.text for i in found.main_blocks()]


def test_weight_counts_an_ideograph_as_three() -> None:
    assert weight("bridge") == 6
    assert weight("\u6a4b\u6881") == 6


def test_fold_keeps_words_alone() -> None:
    assert fold("“The Bridge” – again!") == " the bridge again "


def test_the_container_holds_the_prose_and_little_else() -> None:
    page = (
        "<div class='page'><div class='links'>"
        + "<a href='/x'>Another story here</a><br><br>" * 9
        + f"</div><div class='story'>{paragraphs(5)}</div></div>"
    )
    assert container_tag(page) == "div.story"


def test_a_page_without_text_has_no_container() -> None:
    assert layout("").container() is None
    assert layout("").main_blocks() == []


def test_furniture_is_told_by_the_name_around_it() -> None:
    found = layout(f"{paragraphs(6)}<div class='newsletter'><p>{PROSE}</p></div>")
    assert found.readings[-1].furniture == {"newsletter"}
    assert not found.readings[0].furniture


def test_a_name_that_covers_the_article_says_nothing() -> None:
    found = layout(f"<div class='social-card'>{paragraphs(6)}</div>")
    assert not any(reading.furniture for reading in found.readings)


def test_many_comments_do_not_become_the_article() -> None:
    page = (
        f"<article class='story'>{paragraphs(4)}</article>"
        f"<section class='comments'>{paragraphs(8, 'I do not agree with a single word of it.' * 2)}"
        "</section>"
    )
    assert container_tag(page) == "article.story"


def test_a_table_in_a_figure_is_no_picture() -> None:
    found = layout(f"{paragraphs(6)}<figure><table><tr><td>Votes</td></tr></table></figure>")
    assert not found.readings[-1].furniture


def test_structured_data_declare_paragraphs_in_a_box() -> None:
    boxed = f"<div class='card'><p>{PROSE} boxed</p></div>"
    body = " ".join(f"{PROSE} {number}" for number in range(3)) + f" {PROSE} boxed"
    page = f"<main>{paragraphs(3)}{boxed}</main>"
    assert f"{PROSE} boxed" not in main_texts(page)
    assert f"{PROSE} boxed" in main_texts(page, body)


@pytest.mark.parametrize("body", ["short", "other words " * 100])
def test_an_article_body_that_is_not_the_pages_is_not_believed(body: str) -> None:
    page = f"<main>{paragraphs(3)}</main>"
    assert main_texts(page, body) == main_texts(page)


COMMENT = "I have crossed that bridge for forty years and more, and so has my mother."
COMMENTS = f"<div class='comments'>{paragraphs(30, COMMENT)}</div>"


def test_comments_that_outweigh_a_short_text_are_never_the_article() -> None:
    page = f"<div id='page'><div class='text'>{paragraphs(2)}</div>{COMMENTS}</div>"
    assert main_texts(page) == [f"{PROSE} 0", f"{PROSE} 1"]


def test_a_page_named_for_its_comments_holds_its_article() -> None:
    page = f"<div class='comments'><h1>The bridge</h1>{paragraphs(30)}</div><p>{PROSE * 3}</p>"
    assert len(main_texts(page)) >= 30


def test_a_page_of_nothing_but_comments_is_read() -> None:
    assert len(main_texts(COMMENTS)) == 30
