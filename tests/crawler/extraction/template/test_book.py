from datetime import UTC, datetime, timedelta

import pytest

from crawler.extraction.template.book import TemplateBook
from crawler.extraction.template.outline import BlockKind, Entry
from crawler.extraction.template.samples import PageSample
from crawler.extraction.template.skeleton import Skeleton
from crawler.extraction.template.template import Decision, removed_by

START = datetime(2027, 3, 1, tzinfo=UTC)
OLD: Skeleton = tuple(range(100))
NEW: Skeleton = tuple(range(1_000, 1_100))


def entry(text: str, place: str = "div.entry/p", kind: BlockKind = BlockKind.PROSE) -> Entry:
    return Entry(f"{place} {text}", kind, place, text)


def sample(
    number: int, *furniture: Entry, day: float, skeleton: Skeleton = OLD, **what: object
) -> PageSample:
    own = [entry(f"paragraph {part} of article {number}") for part in range(3)]
    outline = tuple(map(str, [*own, *furniture]))
    return PageSample(skeleton, outline, START + timedelta(days=day), **what)  # type: ignore[arg-type]


def removed(book: TemplateBook, skeleton: Skeleton, entry: Entry, day: float) -> bool:
    _, template = book.at(START + timedelta(days=day)).chosen(skeleton)
    return 1 in removed_by(template, [Entry("own", BlockKind.PROSE, "x", "own"), entry])


BANNER = entry("Give to the paper that you read, this spring more than ever before")
PROMPT = entry("Laissez un avis", kind=BlockKind.LINE)


def test_each_layout_has_a_template_of_its_own() -> None:
    new_prompt = entry("Leave a comment", "section.story/p", BlockKind.LINE)
    book = TemplateBook().refreshed([sample(n, PROMPT, day=n) for n in range(5)], {})
    later = [sample(n, new_prompt, day=20 + n, skeleton=NEW) for n in range(5)]
    book = book.refreshed(later, {})
    assert len(book.layouts) == 2
    assert removed(book, OLD, PROMPT, 1)
    assert removed(book, NEW, new_prompt, 21)
    assert not removed(book, NEW, PROMPT, 21)
    assert not removed(book, OLD, new_prompt, 1)


def test_a_page_of_no_known_layout_loses_nothing() -> None:
    book = TemplateBook().refreshed([sample(n, PROMPT, day=n) for n in range(5)], {})
    assert not removed(book, NEW, PROMPT, 1)


def test_a_banner_of_this_week_is_learned_on_a_site_known_for_long() -> None:
    known = [sample(n, day=n) for n in range(150)]
    fresh = [sample(1_000 + n, BANNER, day=151 + n / 10) for n in range(5)]
    book = TemplateBook().refreshed(known, {}).refreshed(known + fresh, {})
    assert removed(book, OLD, BANNER, 151.3)


def test_what_is_learned_later_takes_nothing_out_of_older_pages() -> None:
    known = [sample(n, day=n) for n in range(20)]
    fresh = [sample(1_000 + n, BANNER, day=21 + n / 10) for n in range(6)]
    book = TemplateBook().refreshed(known, {})
    digest = book.at(START + timedelta(days=5)).chosen(OLD)[1].digest
    book = book.refreshed(known + fresh, {})
    assert not removed(book, OLD, BANNER, 5)
    assert book.at(START + timedelta(days=5)).chosen(OLD)[1].digest == digest


def test_furniture_that_went_is_taken_out_of_the_pages_that_had_it() -> None:
    old = [sample(n, PROMPT, day=n) for n in range(6)]
    book = TemplateBook().refreshed(old, {})
    book = book.refreshed([sample(n, BANNER, day=40 + n / 10) for n in range(6)], {})
    assert removed(book, OLD, PROMPT, 3)


def test_a_note_on_pages_that_were_announced_as_changed_is_no_template() -> None:
    note = entry("The name of the minister was wrong in an earlier report of ours, we regret")
    known = [sample(n, day=n) for n in range(30)]
    edited = [sample(n, note, day=31, announced=True) for n in range(20)]
    kept = known[20:]
    book = TemplateBook().refreshed(kept + edited, {})
    assert not removed(book, OLD, note, 32)
    # the next look announces nothing; which blocks an edit brought is known of each page
    later = [sample(n, note, day=40, edited=frozenset([note.key])) for n in range(20)]
    assert not removed(book.refreshed(kept + later, {}), OLD, note, 41)
    # nor does a redesign, which puts the note elsewhere
    moved = entry(note.example, "section.story/p")
    rebuilt = [
        sample(n, moved, day=50, skeleton=NEW, edited=frozenset([note.key, note.example]))
        for n in range(20)
    ]
    assert not removed(book.refreshed(rebuilt, {}), NEW, moved, 51)


@pytest.mark.parametrize("others", [0, 2])
def test_a_note_in_a_layout_that_few_other_pages_have_is_no_template(others: int) -> None:
    note = entry("The name of the minister was wrong in an earlier report of ours, we regret")
    known = [sample(n, day=n) for n in range(30)]
    book = TemplateBook().refreshed(known, {})
    rebuilt = [sample(n, PROMPT, note, day=31, skeleton=NEW, announced=True) for n in range(4)]
    rebuilt += [sample(10 + n, PROMPT, day=31, skeleton=NEW) for n in range(others)]
    book = book.refreshed(known[20:] + rebuilt, {})
    assert not removed(book, NEW, note, 32)
    assert removed(book, NEW, PROMPT, 32)


def test_a_banner_is_learned_where_all_pages_are_announced_as_changed() -> None:
    known = [sample(n, day=n) for n in range(12)]
    book = TemplateBook().refreshed(known, {})
    rebuilt = [sample(n, BANNER, day=31, skeleton=NEW, announced=True) for n in range(12)]
    assert removed(book.refreshed(rebuilt, {}), NEW, BANNER, 32)


def test_adverts_that_take_turns_amid_the_text_are_learned_by_their_coming_and_going() -> None:
    adverts = [entry(f"Sail to the islands with company {chr(65 + n)}, this week alone, and back")
               for n in range(6)]  # fmt: skip
    first = [sample(n, adverts[n], day=n) for n in range(6)]
    second = [
        sample(n, adverts[(n + 1) % 6], day=10 + n).after(page) for n, page in enumerate(first)
    ]
    book = TemplateBook().refreshed(second, {})
    assert all(removed(book, OLD, advert, 12) for advert in adverts)


def test_a_line_that_goes_on_with_another_headline_is_learned_by_its_beginning() -> None:
    titles = [f"The council has a plan for street {chr(65 + n) * 3}" for n in range(8)]
    pages = [
        sample(
            n,
            entry(f"Les plus lus : {titles[(n + 3) % 8]}", kind=BlockKind.LINE),
            day=n,
            title=titles[n],
        )
        for n in range(8)
    ]
    book = TemplateBook().refreshed(pages, {})
    unseen = entry("Les plus lus : A headline of tomorrow", kind=BlockKind.LINE)
    assert removed(book, OLD, unseen, 5)
    assert not removed(book, OLD, entry("Les voisins : nous partons"), 5)


@pytest.mark.parametrize("opening", ["LONDON (AP) – ", "Question: "])
def test_an_articles_own_paragraphs_may_open_alike(opening: str) -> None:
    lead = [entry(f"{opening}What happened on the day of article {n} was new.") for n in range(8)]
    pages = [sample(n, lead[n], day=n, title=f"What we heard, part {n}") for n in range(8)]
    book = TemplateBook().refreshed(pages, {})
    assert not any(removed(book, OLD, it, 3) for it in lead)


def test_a_note_that_articles_share_tells_nothing_of_paragraphs_that_open_alike() -> None:
    note = entry("The harbour board has told us that its figures of last spring were wrong.")
    leads = [entry(f"The harbour board said in article {chr(65 + n)} so") for n in range(9)]
    pages = [
        sample(n, *([leads[n]] if n < 4 else []), note, day=n, title=f"Title {n}") for n in range(9)
    ]
    book = TemplateBook().refreshed(pages, {})
    assert not any(removed(book, OLD, lead, 3) for lead in leads)


def test_a_place_that_holds_the_template_alone_holds_it_in_other_words_too() -> None:
    box = "div.entry/div.note/p"
    pages = [sample(n, entry("Our letter of the morning", box), day=n) for n in range(6)]
    book = TemplateBook().refreshed(pages, {})
    assert removed(book, OLD, entry("Our letter, in new words, from this month on", box), 7)


def test_an_operators_decision_outlives_learning() -> None:
    pages = [sample(n, PROMPT, day=n) for n in range(5)]
    book = TemplateBook().refreshed(pages, {PROMPT.key: Decision.NEVER_REMOVE})
    assert not removed(book, OLD, PROMPT, 1)
    assert removed(book.refreshed(pages, {}), OLD, PROMPT, 1), "and no longer"


def test_learning_the_same_again_changes_nothing() -> None:
    pages = [sample(n, PROMPT, day=n) for n in range(9)]
    book = TemplateBook().refreshed(pages, {})
    assert book.refreshed(pages, {}).to_json() == book.to_json()


def test_json_keeps_it() -> None:
    known = [sample(n, day=n) for n in range(20)]
    fresh = [sample(100 + n, BANNER, day=21 + n / 10, skeleton=OLD) for n in range(6)]
    book = TemplateBook().refreshed([*known, *fresh, sample(1, day=1, skeleton=NEW)], {})
    moment = START + timedelta(days=2)
    restored = TemplateBook.from_json(book.at(moment).to_json())
    assert restored == book.at(moment)
    with pytest.raises(ValueError, match="no templates"):
        TemplateBook.from_json("[]")
