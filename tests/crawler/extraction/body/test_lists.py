import pytest
from lxml import html

from crawler.extraction.body.selection import find_body
from crawler.extraction.page.blocks import read_blocks

SENTENCE = "The council met on Monday and agreed to mend the old bridge before winter comes."
LONG_LEAD = f"{SENTENCE} These are the papers it had before it that evening, all of them public:"
LINKS = "".join(f"<li><a href='/paper-{number}'>Paper {number}</a></li>" for number in range(3))


def kept(lead: str, items: str, box: str = "{}") -> list[str]:
    around = "".join(f"<p>{SENTENCE} {number}</p>" for number in range(4))
    listed = box.format(f"<ul>{items}</ul>")
    page = f"<article>{around}{lead}{listed}{around.replace('Monday', 'Tuesday')}</article>"
    body = find_body(read_blocks(html.document_fromstring(page), "https://paper.example/"))
    return [block.text for block in body.kept if not block.text.startswith("The council met")]


def test_links_that_a_long_sentence_announces_are_text() -> None:
    assert kept(f"<p>{LONG_LEAD}</p>", LINKS)[-3:] == ["Paper 0", "Paper 1", "Paper 2"]


@pytest.mark.parametrize("lead", ["<p>Read more:</p>", "<p>More on the old bridge:</p>", ""])
def test_links_under_a_label_lead_away(lead: str) -> None:
    assert kept(lead, LINKS) == []


def test_a_list_with_an_item_of_text_stays_whole() -> None:
    items = f"{LINKS}<li>The engineers' letter, which nobody has scanned</li>"
    assert len(kept("", items)) == 4


def test_a_list_in_a_box_of_its_own_is_not_taken_back() -> None:
    items = f"{LINKS}<li>The letter</li>"
    assert "Paper 1" not in kept("", items, "<div class='x9'>{}</div>")
