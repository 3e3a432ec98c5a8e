"""Pages of articles that were known in another theme, which brought adverts into their text."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from crawler.extraction.template.book import TemplateBook
from crawler.extraction.template.outline import BlockKind, Entry
from crawler.extraction.template.samples import PageSample
from crawler.extraction.template.skeleton import Skeleton
from crawler.extraction.template.template import removed_by

START = datetime(2027, 3, 1, tzinfo=UTC)
OLD: Skeleton = tuple(range(100))
NEW: Skeleton = tuple(range(1_000, 1_100))
OLD_TEXT, NEW_TEXT = "div.entry/p", "section.story/p"
BOX = "section.story/div.ad/p"

ADVERTS = [f"Sail to the islands with company {chr(65 + n) * 3}, this week alone" for n in range(9)]


def entry(text: str, place: str, kind: BlockKind = BlockKind.PROSE, *, kept: bool = True) -> Entry:
    return Entry(f"{place} {text}", kind, place, text, kept)


def own(number: int, place: str) -> list[Entry]:
    words = ("alpha", "beta", "gamma", "delta")
    return [entry(f"Paragraph {word} of article {chr(65 + number)}", place) for word in words]


def before(number: int, *furniture: Entry) -> PageSample:
    outline = tuple(map(str, [*own(number, OLD_TEXT), *furniture]))
    return PageSample(OLD, outline, START + timedelta(hours=number))


def after(number: int, *brought: Entry, announced: bool = False) -> PageSample:
    outline = tuple(map(str, [*own(number, NEW_TEXT), *brought]))
    return PageSample(NEW, outline, START + timedelta(days=9, hours=number), announced)


def redesigned(
    brought: Sequence[Sequence[Entry]],
    *,
    announced: int = 0,
    furniture: Sequence[Entry] = (),
) -> tuple[TemplateBook, list[PageSample]]:
    """What is known after a redesign brought these blocks to a page each; the first `announced`
    say that they were modified."""
    olds = [before(n, *furniture) for n in range(len(brought))]
    book = TemplateBook().refreshed(olds, {})
    template = book.at(START + timedelta(days=1)).chosen(OLD)[1]
    news = [
        after(n, *blocks, announced=n < announced).after(olds[n], template)
        for n, blocks in enumerate(brought)
    ]
    return book.refreshed(news, {}), news


def left(book: TemplateBook, pages: Sequence[PageSample]) -> list[str]:
    """What stays in the pages' texts and is not of their articles."""
    found = []
    for page in pages:
        _, template = book.at(page.at).chosen(page.skeleton)
        entries = [it for it in map(Entry.parse, page.outline) if it.kept]
        gone = removed_by(template, entries)
        texts = [it.example for n, it in enumerate(entries) if n not in gone]
        assert sum(text.startswith("Paragraph") for text in texts) == 4
        found += [text for text in texts if not text.startswith("Paragraph")]
    return found


@pytest.mark.parametrize("announced", [0, 3])
def test_of_five_adverts_in_a_new_place_on_eight_pages_none_stays(announced: int) -> None:
    turns = (0, 1, 2, 2, 0, 3, 4, 0)
    label = entry("A word of our partners", BOX, BlockKind.LINE)
    brought = [[label, entry(ADVERTS[turn], BOX)] for turn in turns]
    assert left(*redesigned(brought, announced=announced)) == []


def test_where_an_advert_was_known_in_the_old_theme_the_new_place_is_known_by_it() -> None:
    known = entry(ADVERTS[0], OLD_TEXT)
    brought = [[entry(ADVERTS[turn], BOX)] for turn in range(4)]
    assert left(*redesigned(brought, furniture=[known])) == []


def test_what_the_page_alone_shows_to_be_an_advert_tells_of_the_place() -> None:
    brought = [[entry(ADVERTS[turn], BOX, kept=turn > 0)] for turn in range(4)]
    assert left(*redesigned(brought)) == []


def test_adverts_among_the_articles_own_paragraphs_go_if_two_pages_show_them() -> None:
    turns = (0, 1, 2, 2, 0, 1, 3)
    brought = [[entry(ADVERTS[turn], NEW_TEXT)] for turn in turns]
    assert left(*redesigned(brought)) == [ADVERTS[3]]


def test_a_summary_that_a_new_theme_shows_of_each_article_stays() -> None:
    brought = [[entry(f"In short, this is number {chr(65 + n)}", BOX)] for n in range(8)]
    assert len(left(*redesigned(brought))) == 8


def test_what_two_of_many_articles_were_corrected_by_stays() -> None:
    note = entry("The name of the harbour was another one in what we reported first", NEW_TEXT)
    brought = [[note] if n in (2, 5) else [] for n in range(8)]
    assert left(*redesigned(brought)) == [note.example] * 2


def test_what_announced_pages_alone_were_brought_stays() -> None:
    note = entry("The name of the harbour was another one in what we reported first", NEW_TEXT)
    assert len(left(*redesigned([[note] if n < 4 else [] for n in range(8)], announced=4))) == 4


def test_words_of_one_article_are_not_the_sites_though_another_was_brought_them() -> None:
    shared = [entry(f"Paragraph alpha of article {chr(65 + n)}", BOX) for n in (3, 3, 4, 4)]
    book, pages = redesigned([[it] for it in shared])
    _, template = book.at(pages[3].at).chosen(NEW)
    assert template.unwanted(own(3, NEW_TEXT)[0]) is None


def test_a_sample_keeps_what_is_known_of_its_redesign() -> None:
    _, pages = redesigned([[entry(ADVERTS[0], BOX)], [entry(ADVERTS[1], BOX)]])
    assert pages[0].brought
    assert PageSample.from_json(pages[0].to_json()) == pages[0]
    later = after(0).after(pages[0])
    assert (later.carried, later.brought) == (pages[0].carried, pages[0].brought)


def test_a_page_whose_text_was_not_known_before_tells_nothing() -> None:
    teaser = PageSample(OLD, (str(entry("Subscribe to read what follows", OLD_TEXT)),), START)
    assert not after(1).after(teaser).brought
