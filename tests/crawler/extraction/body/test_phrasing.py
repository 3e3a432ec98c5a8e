import pytest
from lxml import html

from crawler.extraction.body.phrasing import (
    announces,
    claims_copyright,
    ends_sentence,
    has_words,
    is_signpost,
    looks_like_names,
    prompts,
)
from crawler.extraction.page.blocks import read_blocks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It ends.", True),
        ("“It ends.” ♦", True),
        ("橋は開く。", True),
        ("هل يكفي المال؟", True),
        ("It ends", False),
        ("", False),
    ],
)
def test_sentences_end_in_any_script(text: str, expected: bool) -> None:
    assert ends_sentence(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("***", False), ("— 7 —", True), ("橋", True)])
def test_ornaments_have_no_words(text: str, expected: bool) -> None:
    assert has_words(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Maud Ferris", True),
        ("Maud Ferris/Ola Brandt", True),
        ("Élodie Le Goff, Karim Aziz", True),
        ("A preventable crisis.", False),
        ("Bridge stays open", False),
        ("Ferrymoor", False),
        ("Part 2 Of Three", False),
    ],
)
def test_a_line_of_names(text: str, expected: bool) -> None:
    assert looks_like_names(text) is expected


@pytest.mark.parametrize(
    ("text", "long", "expected"),
    [
        ("© 2025 The Courier", False, True),
        ("Text and pictures: Copyright 1999", False, True),
        ("The court ruled that the copyright had lapsed.", True, False),
        ("© The Courier. No part of this may be used.", True, True),
        ("The copyist was right.", False, False),
    ],
)
def test_copyright(text: str, long: bool, expected: bool) -> None:
    assert claims_copyright(text, long=long) is expected


def test_prompts_and_announcements() -> None:
    assert prompts("Abonnez-vous à notre lettre", linked=False)
    assert prompts("Our newsletter comes on Tuesdays.", linked=True)
    # news
    assert not prompts("The bridge stays open.", linked=True)
    assert not prompts("It has 300 million subscribers, he wrote on Telegram.", linked=False)
    assert announces("Read more:")
    assert announces("関連記事：")
    assert not announces("Read more")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Read also: <a href='/x'>The ferry returns.</a>", True),
        ("<a href='/x'>SEE ALSO: The ferry returns.</a>", True),
        ("He said: <a href='/x'>the ferry</a> returns in spring.", False),
        ("<a href='/x'>The ferry returns.</a>", False),
    ],
)
def test_a_label_before_a_link_is_a_signpost(markup: str, expected: bool) -> None:
    (block,) = read_blocks(html.document_fromstring(f"<p>{markup}</p>"))
    assert is_signpost(block) is expected
