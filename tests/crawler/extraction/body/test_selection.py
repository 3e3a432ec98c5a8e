import pytest
from lxml import html

from crawler.extraction.body.claims import Claims
from crawler.extraction.body.selection import Body, find_body
from crawler.extraction.page.blocks import read_blocks

PROSE = "The council met on Monday and agreed to mend the old bridge before winter comes."


def paragraphs(first: int, last: int) -> str:
    return "".join(f"<p>{PROSE} Part {number}.</p>" for number in range(first, last))


def body(markup: str, **known: object) -> Body:
    blocks = read_blocks(
        html.document_fromstring(f"<body>{markup}</body>"), "https://paper.example/a"
    )
    return find_body(blocks, Claims(**known))  # type: ignore[arg-type]


def kept(markup: str, **known: object) -> list[str]:
    return [block.text for block in body(markup, **known).kept]


def extras(markup: str, **known: object) -> list[str]:
    """What was kept besides the numbered paragraphs."""
    return [text for text in kept(markup, **known) if not text.startswith(f"{PROSE} Part")]


def story(inside: str = "", *, above: str = "", below: str = "") -> str:
    return (
        f"<main><h1>Bridge to stay open</h1>{above}<div class='story'>{paragraphs(0, 6)}{inside}"
        f"{paragraphs(6, 12)}</div>{below}</main>"
    )


@pytest.mark.parametrize(
    "part",
    [
        "<h2>Who pays</h2>",
        "<ul><li>the reserve for roads</li></ul>",
        "<blockquote>“Never a closed road.”</blockquote>",
        "<table><tr><td>Cost</td></tr></table>",
        "<p>Not yet.</p>",
        "<p><a href='/plan'>The plan was published in May.</a></p>",
        "<ul><li><a href='https://other.example/plan'>The plan of the trust</a></li></ul>",
        "<h2><a href='/plan'>The plan</a></h2>",
    ],
)
def test_parts_of_the_text_stay(part: str) -> None:
    assert len(extras(story(part))) == 1


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("<p>Read also: <a href='/x'>The ferry returns</a></p>", "link"),
        ("<p><a href='/x'>The ferry returns after forty years</a></p>", "link"),
        ("<p>© 2025 The Valley Courier</p>", "copyright"),
        ("<p>* * *</p>", "ornament"),
        ("<figure><img src='x'><figcaption>The bridge in May</figcaption></figure>", "figcaption"),
        ("<img src='x'><p>The bridge in May</p>", "caption"),
        ("<div class='share-bar'>Share this</div>", "share"),
        ("<div><div>Continue below</div></div>", "fragment"),
        ("<p>Ann Toft</p>", "byline"),
        ("<p class='visually-hidden'>Article continues</p>", "hidden"),
    ],
)
def test_furniture_amid_the_text_goes_with_its_reason(part: str, reason: str) -> None:
    found = body(story(part), authors=["Ann Toft"])
    assert len(found.kept) == 12
    assert any(reason in why for _, why in found.left_out)


@pytest.mark.parametrize(
    "part",
    [
        "<div class='box'><h3>More</h3><ul><li><a href='/1'>One</a></li></ul></div>",
        "<h3>More</h3><ul><li><a href='/1'>One</a></li><li><a href='/2'>Two</a></li></ul>",
        "<p>Read on:</p><p><a href='/1'>The ferry returns after forty years</a></p>",
    ],
)
def test_a_heading_of_links_alone_goes_with_them(part: str) -> None:
    assert extras(story(part)) == []


def test_a_heading_that_leads_to_another_site_heads_what_follows() -> None:
    box = "<div class='x9'><h3><a href='{}'>Bridge Museum</a></h3></div><p>Open daily.</p>"
    assert extras(story(box.format("https://museum.example/"))) == ["Bridge Museum", "Open daily."]
    assert extras(story(box.format("/museum"))) == ["Open daily."]


def test_a_pull_quote_goes_and_a_quotation_stays() -> None:
    pulled = f"<blockquote><p>{PROSE} Part 4.</p></blockquote>"
    quoted = "<blockquote><p>“We would rather sell a house than close a road.”</p></blockquote>"
    found = body(story(pulled + quoted))
    assert ("pull quote" in {reason for _, reason in found.left_out}) is True
    assert extras(story(pulled + quoted)) == ["“We would rather sell a house than close a road.”"]


def test_an_authors_biography_at_the_end_goes() -> None:
    below = "<p>Ann Toft has written about roads and rivers for the Courier since 2011.</p>"
    inside = story().replace("</div></main>", f"{below}</div></main>")
    assert extras(inside, authors=["Ann Toft"]) == []
    assert len(extras(inside, authors=["Someone Else"])) == 1


def test_a_heading_before_a_picture_stays() -> None:
    part = "<h2>Who pays</h2><figure><figcaption>The bridge in May</figcaption></figure>"
    assert extras(story(part)) == ["Who pays"]


@pytest.mark.parametrize(
    ("above", "known"),
    [
        ("<p class='standfirst'>Engineers found no reason to close it</p>", {}),
        ("<h2>Engineers found no reason to close it, and the council found the money.</h2>", {}),
        (
            "<div>Engineers found no reason to close it</div>",
            {"descriptions": ["Engineers found no reason to close it"]},
        ),
        ("<div>Engineers found no reason to close it, the council said on Monday.</div>", {}),
    ],
)
def test_the_standfirst_above_the_text_is_part_of_it(above: str, known: dict[str, object]) -> None:
    found = body(story(above=above), **known)
    assert len(found.kept) == 13
    assert found.standfirst == {found.kept[0].index}


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("<ul><li>It stays open</li></ul>", "It stays open"),
        ("<table><tr><td>Cost</td></tr></table>", "Cost"),
        ("<ul><li><a href='/x'>The ferry returns</a></li></ul>", None),
        ("<img src='x'><table><tr><td>The bridge in May</td></tr></table>", None),
    ],
)
def test_a_list_or_table_above_the_text_is_part_of_it(part: str, text: str | None) -> None:
    box = f"<div class='x9'>{part}</div>"
    assert extras(f"<main><h1>Bridge</h1><div>{box}{paragraphs(0, 6)}</div></main>") == [
        *filter(None, [text])
    ]


@pytest.mark.parametrize(
    "above",
    [
        "<p class='byline'>By Ann Toft, who has written about roads and rivers for many years.</p>",
        "<div>3 November 2025</div>",
        "<h2>Bridge to stay open!</h2>",
        "<figure><figcaption>The bridge at Ferrymoor, seen from the towpath.</figcaption></figure>",
    ],
)
def test_what_else_stands_above_is_not(above: str) -> None:
    assert extras(story(above=above), title="Bridge to stay open") == []


@pytest.mark.parametrize(
    "below",
    [
        f"<div><p>{PROSE} Another story altogether.</p></div>",
        "<h2>Comments</h2>",
        "<p>tab/kna</p>",
        "<p>Read more:</p>",
        "<p>Subscribe to our newsletter for more of this.</p>",
        "<p><a href='/roads'>Everything about roads is here.</a></p>",
    ],
)
def test_what_follows_the_text_is_not_part_of_it(below: str) -> None:
    assert extras(story(below=below)) == []


def test_a_list_that_ends_the_text_stays_whole() -> None:
    prices = "<p>Gold: 2,090</p><p>Oil: 79</p><p>Gas: 1.8</p>"
    markup = f"<main><div>{paragraphs(0, 4)}{prices}</div></main>"
    assert extras(markup) == ["Gold: 2,090", "Oil: 79", "Gas: 1.8"]


def test_a_headline_without_h1_is_found_by_the_title() -> None:
    above = "<p class='lede'>Mended by March</p><p class='lede'>Engineers found it sound enough</p>"
    markup = f"<main><div>Bridge to stay open</div>{above}<div>{paragraphs(0, 5)}</div></main>"
    assert kept(markup, title="Bridge to stay open")[0] == "Engineers found it sound enough"


def test_nothing_comes_of_no_blocks() -> None:
    assert find_body([]) == Body([], [])


@pytest.mark.parametrize(
    "quotation",
    [
        "<div class='p'><blockquote>“Never a closed road.”</blockquote></div>",
        "<div class='quote'><blockquote>“Never a closed road.”</blockquote></div>",
        "<blockquote><p>“Never a closed road.”</p></blockquote>",
    ],
)
@pytest.mark.parametrize("box", ["<div class='p'>{}</div>", "<div class='p'><p>{}</p></div>"])
def test_a_quotation_ends_a_text_of_boxed_paragraphs(box: str, quotation: str) -> None:
    text = "".join(box.format(f"{PROSE} Part {number}.") for number in range(6))
    assert extras(f"<main>{text}{quotation}</main>") == ["“Never a closed road.”"]


BANNER = "<div class='notice'><p>Our pages will be slow on Sunday, while we move house.</p></div>"
BRIEF = "The ferry does not sail today, says the master of it."


@pytest.mark.parametrize("text", ["", f"<p>{BRIEF}</p>"])
def test_a_banner_above_the_headline_is_no_text_of_an_article(text: str) -> None:
    page = f"{BANNER}<main><article><h1>No ferry</h1>{text}</article></main>"
    assert kept(page, title="No ferry", article=True) == [BRIEF] * bool(text)


def test_what_stands_above_another_heading_is_text() -> None:
    page = f"<main><p>{BRIEF}</p><h1>The Daily</h1></main>"
    assert kept(page, title="No ferry", article=True) == [BRIEF]
    # a text may open above its title, or have it again below
    page = f"<main>{paragraphs(0, 1)}<h2>No ferry</h2>{paragraphs(1, 12)}</main>"
    assert len(texts_of(page)) == 12
    assert len(texts_of(f"<main>{paragraphs(0, 12)}<h2>No ferry</h2></main>")) == 12


def texts_of(page: str) -> list[str]:
    return [text for text in kept(page, title="No ferry", article=True) if text != "No ferry"]
