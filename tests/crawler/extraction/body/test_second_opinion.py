import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from lxml import html

from crawler.extraction.body import second_opinion
from crawler.extraction.body.claims import Claims
from crawler.extraction.body.features import PageFeatures
from crawler.extraction.body.second_opinion import (
    MARGIN,
    MODEL,
    SecondOpinion,
    looked_at,
    read_model,
    reconsidered,
    write_model,
)
from crawler.extraction.body.selection import Body, find_body
from crawler.extraction.page.blocks import Block, read_blocks

PROSE = "The council met on Monday and agreed to mend the old bridge before winter comes."
CLAIMS = Claims("The bridge")


def blocks(paragraphs: int = 5) -> list[Block]:
    text = "".join(f"<p>{PROSE} {number}</p>" for number in range(paragraphs))
    page = f"<body><nav>Home</nav><article><h1>The bridge</h1>{text}</article></body>"
    return read_blocks(html.document_fromstring(page))


class Says:
    """A model that says what it is told of blocks by their numbers, and that all else is sure."""

    def __init__(self, **likely: float) -> None:
        self.given = {int(name[1:]): value for name, value in likely.items()}

    def likely(self, page: PageFeatures, numbers: range) -> list[float]:
        return [self.given.get(i, 0.9) for i in numbers]


def reconsider(page: list[Block], body: Body, monkeypatch: pytest.MonkeyPatch, says: Says) -> Body:
    monkeypatch.setattr(second_opinion, "read_model", lambda _: says)
    return reconsidered(page, body, CLAIMS)


def texts(body: Body) -> list[str]:
    return [block.text.rpartition(" ")[2] for block in body.kept]


def test_what_is_unlikely_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    page = blocks()
    body = reconsider(page, find_body(page, CLAIMS), monkeypatch, Says(b4=0.1))
    assert texts(body) == ["0", "1", "3", "4"]
    assert (page[4], "unlikely") in body.left_out


def test_a_heading_of_a_paragraph_that_stays_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"<p>{PROSE} 0</p><p>{PROSE} 1</p><h2>What now 2</h2><p>{PROSE} 3</p><p>{PROSE} 4</p>"
    page = read_blocks(html.document_fromstring(f"<article><h1>The bridge</h1>{text}</article>"))
    rules = Body(page[1:], [])
    assert texts(reconsider(page, rules, monkeypatch, Says(b3=0.1))) == list("01234")
    assert texts(reconsider(page, rules, monkeypatch, Says(b3=0.1, b4=0.1))) == list("014")


def test_a_list_between_paragraphs_stays_or_goes_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    items = "".join(f"<li>{PROSE} {number}</li>" for number in range(1, 4))
    text = f"<p>{PROSE} 0</p><ul>{items}</ul><p>{PROSE} 4</p>"
    page = read_blocks(html.document_fromstring(f"<article><h1>The bridge</h1>{text}</article>"))
    rules = Body(page[1:], [])
    assert texts(reconsider(page, rules, monkeypatch, Says(b2=0.1, b4=0.1))) == list("01234")
    assert texts(reconsider(page, rules, monkeypatch, Says(b2=0.1, b3=0.1, b4=0.1))) == list("04")


def test_an_item_between_two_that_stay_is_of_their_list(monkeypatch: pytest.MonkeyPatch) -> None:
    items = "".join(f"<li>{PROSE} {number}</li>" for number in range(4))
    markup = f"<body><h1>The bridge</h1><p>{PROSE} a</p><p>{PROSE} b</p><ul>{items}</ul></body>"
    page = read_blocks(html.document_fromstring(markup))
    assert page[5].text.endswith("2")
    body = reconsider(page, find_body(page, CLAIMS), monkeypatch, Says(b5=0.1, b6=0.1))
    assert texts(body) == ["a", "b", "0", "1"]
    body = reconsider(page, find_body(page, CLAIMS), monkeypatch, Says(b4=0.1, b5=0.1))
    assert texts(body) == ["a", "b", "0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("quotation", "stays"),
    [
        (f"<blockquote><p>{PROSE} b</p></blockquote>", True),
        (f"<blockquote class='wp-block-quote'>{PROSE} b</blockquote>", True),
        (f"<blockquote class='teaser'><p>{PROSE} b</p></blockquote>", False),
        (f"<div class='box'><blockquote>{PROSE} b</blockquote></div>", False),
        (f"<p>{PROSE} b</p>", False),
    ],
)
def test_a_quotation_among_the_paragraphs_is_the_texts(
    monkeypatch: pytest.MonkeyPatch, quotation: str, stays: bool
) -> None:
    markup = f"<body><h1>The bridge</h1><p>{PROSE} a</p>{quotation}<p>{PROSE} c</p></body>"
    page = read_blocks(html.document_fromstring(markup))
    rules = Body(page[1:], [])
    body = reconsider(page, rules, monkeypatch, Says(b2=0.1))
    assert texts(body) == (["a", "b", "c"] if stays else ["a", "c"])
    # below the text it may be anything
    assert texts(reconsider(page, Body(page[1:3], []), monkeypatch, Says(b2=0.1))) == ["a"]


def test_a_correction_note_is_the_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    note = "Correction: an earlier version of this article named the wrong bridge."
    markup = f"<body><h1>The bridge</h1><p>{PROSE} a</p><p>{note}</p></body>"
    page = read_blocks(html.document_fromstring(markup))
    body = reconsider(page, Body(page[1:], []), monkeypatch, Says(b2=0.1))
    assert [block.text for block in body.kept] == [f"{PROSE} a", note]


def test_a_standfirst_is_doubted_less(monkeypatch: pytest.MonkeyPatch) -> None:
    page = blocks()
    rules = Body(page[2:], [], frozenset([2]))
    assert texts(reconsider(page, rules, monkeypatch, Says(b2=0.2))) == list("01234")
    assert texts(reconsider(page, rules, monkeypatch, Says(b2=0.05))) == list("1234")


def test_what_is_all_but_sure_comes_back_amid_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    page = blocks()
    kept = [page[i] for i in (3, 4, 6)]
    rules = Body(kept, [(page[2], "furniture box"), (page[5], "furniture box")])
    body = reconsider(page, rules, monkeypatch, Says(b2=0.99, b5=0.99))
    assert texts(body) == ["1", "2", "3", "4"]
    assert body.left_out == [(page[2], "furniture box")]


def test_a_repetition_stays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    page = blocks()
    rules = Body([page[2], page[3], page[5]], [(page[4], "repetition")])
    assert texts(reconsider(page, rules, monkeypatch, Says(b4=0.99))) == ["0", "1", "3"]


def test_what_the_text_says_already_stays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"<p>{PROSE} 0</p><aside>{PROSE}</aside><p>{PROSE} 1</p>"
    page = read_blocks(html.document_fromstring(f"<body>{text}</body>"))
    rules = Body([page[0], page[2]], [(page[1], "furniture <aside>")])
    assert texts(reconsider(page, rules, monkeypatch, Says(b1=0.99))) == ["0", "1"]


def test_the_rules_are_believed_where_nothing_would_be_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = blocks(2)
    rules = find_body(page, CLAIMS)
    assert reconsider(page, rules, monkeypatch, Says(b2=0.0, b3=0.0)) is rules


def test_a_page_without_text_is_left_alone() -> None:
    assert reconsidered([], Body([], []), CLAIMS) == Body([], [])


def test_some_blocks_around_the_text_are_looked_at() -> None:
    page = blocks(30)
    assert looked_at(page, page[15:20]) == range(15 - MARGIN, 20 + MARGIN)
    assert looked_at(page, page[1:]) == range(0, len(page))
    assert looked_at(page, []) == range(0)


def test_the_shipped_model_knows_text_when_it_sees_it() -> None:
    page = blocks(8)
    likely = read_model(MODEL).likely(PageFeatures(page, CLAIMS), range(len(page)))
    assert min(likely[2:]) > 0.5
    assert likely[0] < 0.3


def test_every_process_says_the_same() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_opinion) == _opinion()


def _opinion() -> list[float]:
    page = blocks(20)
    return read_model(MODEL).likely(PageFeatures(page, CLAIMS), range(len(page)))


def test_a_model_is_the_same_when_it_is_read_again(tmp_path: Path) -> None:
    model = read_model(MODEL)
    write_model(model, tmp_path / "copy.npz")
    copy = read_model(tmp_path / "copy.npz")
    assert isinstance(copy, SecondOpinion)
    assert copy.name_scores == model.name_scores
    assert np.array_equal(copy.second.threshold, model.second.threshold)
