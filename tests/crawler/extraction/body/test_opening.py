import pytest
from lxml import html

from crawler.extraction.body.containers import Layout
from crawler.extraction.body.opening import Opening
from crawler.extraction.page.blocks import read_blocks

PROSE = "The council met on Monday and agreed to mend the old bridge before winter comes."
TITLE = "Old bridge to stay open through the winter"


def opening(above: str, title: str = TITLE, description: str = "") -> Opening:
    markup = f"<body>{above}<div>{f'<p>{PROSE}</p>' * 4}</div></body>"
    layout = Layout(read_blocks(html.document_fromstring(markup)))
    return Opening(layout.readings, layout.main_blocks()[0], title, [description])


@pytest.mark.parametrize(
    ("above", "start"),
    [
        ("<p>Home</p><h1>Bridge</h1><p>Monday</p>", 1),
        (f"<p>Home</p><div>{TITLE}</div><p>Monday</p>", 1),
        ("<p>Home</p><p>Monday</p>", 2),
        ("", 0),
    ],
)
def test_the_article_starts_at_its_headline(above: str, start: int) -> None:
    assert opening(above).start() == start


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (f"<h2>Roads: {TITLE}</h2>", True),
        ("<h2>Old bridge stays open through the winter</h2>", True),
        ("<h2 class='headline'>Something else entirely</h2>", True),
        ("<h2>The ferry returns after forty years</h2>", False),
        ("<p>Old bridge stays open through winter</p>", False),
    ],
)
def test_the_headline_is_known_again(block: str, expected: bool) -> None:
    found = opening(block)
    assert found.repeats_headline(found.readings[0]) is expected


@pytest.mark.parametrize(
    ("block", "description", "expected"),
    [
        ("<p class='lede'>Engineers found no reason to close it</p>", "", True),
        ("<div class='story-dek'><p>Engineers found no reason to close it</p></div>", "", True),
        ("<p>Engineers found no reason to close it</p>", "", False),
        (
            "<p>Engineers found no reason to close it</p>",
            "Engineers found no reason to close it.",
            True,
        ),
        (f"<figure class='teaser'><img src='x'><p>{PROSE}</p></figure>", PROSE, True),
        (f"<figure class='teaser'><img src='x'><p>{PROSE}</p></figure>", "", False),
        (
            f"<figure><figcaption>{PROSE}</figcaption></figure>",
            PROSE,
            False,
        ),
        ("<p class='lede'><a href='/x'>Engineers found no reason to close it</a></p>", "", False),
        ("<p class='lede'>By our reporter</p>", "", False),
    ],
)
def test_the_standfirst(block: str, description: str, expected: bool) -> None:
    found = opening(block, description=description)
    assert found.is_standfirst(found.readings[0]) is expected


def test_a_text_that_is_all_described_is_no_standfirst() -> None:
    found = opening("", description=PROSE)
    kept = [reading.block for reading in found.readings]
    assert found.standfirst(kept) == frozenset()
