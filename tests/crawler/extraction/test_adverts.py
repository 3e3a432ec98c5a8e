import pytest
from lxml import html

from crawler.extraction import extract
from crawler.extraction.adverts import ADVERT_BLOCKS, advertised
from crawler.extraction.blocks import read_blocks

OFFER = "Three nights for the price of two in the cottages above the harbour, this winter only."
PROSE = "The council met on Monday and agreed to mend the old bridge before winter comes."


def found(markup: str) -> list[str]:
    blocks = read_blocks(html.document_fromstring(f"<body>{markup}<p>{PROSE}</p></body>"))
    return [blocks[i].text for i in sorted(advertised(blocks))]


@pytest.mark.parametrize("label", ["Advertisement", "– ANZEIGE –", "Publicité :", "[広告]"])
def test_a_box_that_a_label_opens_is_an_advert(label: str) -> None:
    for markup in (
        f"<div><span>{label}</span><p>{OFFER}</p></div>",
        f"<section><div><div>{label}</div></div><div><p>{OFFER}</p></div></section>",
    ):
        assert found(f"<p>{PROSE}</p>{markup}") == [label, OFFER]


def test_a_label_amid_the_text_goes_alone() -> None:
    assert found(f"<p>{PROSE}</p><p>Advertisement</p><p>{OFFER}</p>") == ["Advertisement"]


def test_what_is_longer_than_an_advert_is_none() -> None:
    label = "<p>Werbung</p>"
    many = f"<p>{OFFER}</p>" * (ADVERT_BLOCKS + 1)
    assert found(f"<div>{label}{many}</div>") == ["Werbung"]
    assert found(f"<div>{label}<p>{OFFER * 20}</p></div>") == ["Werbung"]


def test_the_word_in_a_sentence_is_no_label() -> None:
    assert found("<div><p>Advertising pays</p></div>") == []


def test_a_label_at_the_pages_end_goes_alone() -> None:
    blocks = read_blocks(html.document_fromstring("<body><p>Publicidad</p></body>"))
    assert advertised(blocks) == {0}


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("pub pub-in-article", ""),
        ("anzeige", ""),
        ("ad-slot", ""),
        ("x9", "<span>Publicité</span>"),
    ],
)
def test_an_advert_inside_the_article_is_no_part_of_it(name: str, label: str) -> None:
    text = [f"{PROSE} That was decision number {number}." for number in range(6)]
    paragraphs = [f"<p>{paragraph}</p>" for paragraph in text]
    paragraphs.insert(3, f"<div class='{name}'>{label}<p>{OFFER}</p></div>")
    page = f"<body><article><h1>Bridge</h1>{''.join(paragraphs)}</article></body>"
    assert extract(page.encode()).text == "\n".join(text)


def test_a_label_inside_the_articles_own_boxes_takes_none_of_it_along() -> None:
    text = [f"{PROSE} That was decision number {number}." for number in range(6)]
    label = "<span>Advertisement</span>"
    boxes = [
        f"<div class='slide'>{label if number % 2 else ''}<p>{paragraph}</p></div>"
        for number, paragraph in enumerate(text)
    ]
    page = f"<body><article><h1>Bridge</h1>{''.join(boxes)}</article></body>"
    assert extract(page.encode()).text == "\n".join(text)
