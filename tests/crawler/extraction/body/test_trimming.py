from lxml import html

from crawler.extraction.body.containers import Layout
from crawler.extraction.body.trimming import (
    drop_ending,
    drop_headings_of_nothing,
    drop_pull_quotes,
    drop_repetitions,
)
from crawler.extraction.page.blocks import read_blocks
from crawler.extraction.page.scopes import common_scope, text_container

PROSE = "The council met on Monday and agreed to mend the old bridge before winter comes."


def layout(markup: str) -> Layout:
    return Layout(read_blocks(html.document_fromstring(f"<body><div>{markup}</div></body>")))


def ending_of(below: str) -> list[str]:
    found = layout(f"<p>{PROSE}</p><p>{PROSE}</p>{below}")
    reasons: dict[int, str] = {}
    drop_ending(found.readings, 0, 1, reasons)
    return [found.readings[i].block.text for i in sorted(reasons)]


def test_headings_prompts_and_a_signature_end_no_article() -> None:
    assert ending_of("<h2>Comments</h2>") == ["Comments"]
    assert ending_of("<p>Our <a href='/n'>newsletter</a> comes on Tuesdays.</p>") == [
        "Our newsletter comes on Tuesdays."
    ]
    assert ending_of("<p>tab/kna</p><h3>More</h3>") == ["tab/kna", "More"]
    assert ending_of("<p>It is open.</p>") == []
    assert ending_of("<ul><li>one lane</li></ul>") == []


def test_three_lines_are_no_signature() -> None:
    assert ending_of("<p>Gold: 2</p><p>Oil: 79</p><p>Gas: 1</p>") == []


def test_what_was_left_out_before_does_not_stop_the_trimming() -> None:
    found = layout(f"<p>{PROSE}</p><h2>Read on</h2><p>an advertisement</p>")
    reasons = {2: "furniture ad"}
    drop_ending(found.readings, 0, 0, reasons)
    assert reasons == {1: "ending", 2: "furniture ad"}


def test_a_sentence_of_the_text_set_apart_is_a_pull_quote() -> None:
    found = layout(f"<p>{PROSE} So it was.</p><blockquote>{PROSE}</blockquote>")
    reasons: dict[int, str] = {}
    drop_pull_quotes(found.readings, 0, reasons)
    assert reasons == {1: "pull quote"}


def headings_dropped(markup: str, left_out: dict[int, str]) -> list[str]:
    found = layout(markup)
    containers = {text_container(found.readings[i].block.scope) for i in found.main_blocks()}
    headings = [i for i, reading in enumerate(found.readings) if reading.heading]
    reasons = dict(left_out)
    drop_headings_of_nothing(
        found.readings,
        headings,
        reasons,
        core=common_scope(sorted(containers, key=lambda scope: scope.order)),
        containers=containers,
    )
    return [found.readings[i].block.text for i in headings if i in reasons]


def test_a_heading_goes_with_the_links_below_it() -> None:
    page = f"<p>{PROSE}</p><h3>More</h3><p>One</p><p>Two</p><p>{PROSE}</p>"
    assert headings_dropped(page, {2: "link", 3: "link"}) == ["More"]


def test_a_heading_goes_with_its_box() -> None:
    page = f"<p>{PROSE}</p><div><h3>More</h3><span>One</span></div><p>{PROSE}</p>"
    assert headings_dropped(page, {2: "furniture related"}) == ["More"]


def test_a_heading_with_text_or_a_picture_below_it_stays() -> None:
    page = f"<p>{PROSE}</p><h3>Who pays</h3><p>Caption</p><p>{PROSE}</p>"
    assert headings_dropped(page, {2: "caption"}) == []
    assert headings_dropped(page, {}) == []


def test_a_paragraph_that_stands_twice_is_left_out_once() -> None:
    long = f"{PROSE} {PROSE} It was so."
    found = layout(f"<p>{long}</p><p>Yes.</p><p>{long}</p><p>Yes.</p>")
    reasons: dict[int, str] = {}
    drop_repetitions(found.readings, 0, reasons)
    assert reasons == {2: "repetition"}


def test_a_copy_of_the_text_in_one_piece_is_left_out() -> None:
    paragraphs = [f"{PROSE} {PROSE} It was so in year {number}." for number in range(9)]
    markup = "".join(f"<p>{text}</p>" for text in paragraphs)
    found = layout(f"{markup}<div>{' '.join(paragraphs)}</div>")
    reasons: dict[int, str] = {}
    drop_repetitions(found.readings, 0, reasons)
    assert reasons == {9: "repetition"}


def test_a_paragraph_that_a_key_point_repeats_stays() -> None:
    said = f"{PROSE} {PROSE}"
    found = layout(f"<ul><li>{said}</li></ul><p>{PROSE}</p><p>{said}</p>")
    reasons: dict[int, str] = {}
    drop_repetitions(found.readings, 0, reasons)
    assert reasons == {}
