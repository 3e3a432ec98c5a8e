"""Adverts that take turns are told from what a site's articles have in common."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lxml.html import document_fromstring

from crawler.extraction import Template, TemplateLearner
from crawler.extraction.page.blocks import read_blocks
from crawler.extraction.template.outline import BlockKind, Entry, outline_entry
from crawler.extraction.template.samples import PageSample
from crawler.extraction.template.template import Decision, RepeatingBlock
from crawler.extraction.template.turns import rotating_blocks

START = datetime(2026, 10, 1, 8, tzinfo=UTC)
ADVERTS = ("Compare ten car insurance quotes", "Win a weekend for two", "Our food magazine is out")


def entry(text: str) -> Entry:
    return Entry(text, BlockKind.PROSE, "article/p", text)


def page(number: int, *more: str) -> PageSample:
    own = [f"paragraph {n} of page {number}" for n in range(6)]
    texts = [*own[:3], *more, *own[3:]]
    at = START + timedelta(seconds=number)
    return PageSample((), tuple(str(entry(text)) for text in texts), at)


def learn(*pages: PageSample) -> Template:
    learner = TemplateLearner()
    for it in pages:
        learner.add(it)
    return learner.template()


def removed(template: Template) -> set[str]:
    return {block.example for block in template.removable.values()}


def test_adverts_that_take_turns_amid_the_text_are_the_sites_from_the_first_crawl() -> None:
    pages = [page(n, *ADVERTS[n % 4 : n % 4 + 1]) for n in range(20)]
    assert removed(learn(*pages)) == set(ADVERTS)


def heading(text: str) -> str:
    return str(Entry(text, BlockKind.HEADING, "article/section/h2", text))


def reworded(number: int, old: str, new: str) -> PageSample:
    """A page in which one heading made way for another after it was known."""
    before, after = page(number), page(number)
    lines = before.outline[:3], before.outline[3:]
    before = replace(before, outline=(*lines[0], heading(old), *lines[1]))
    at = START + timedelta(days=1, seconds=number)
    return replace(after, outline=(*lines[0], heading(new), *lines[1]), at=at).after(before)


def test_a_heading_that_is_reworded_on_several_pages_is_the_sites_in_both_wordings() -> None:
    pages = [reworded(n, "Your briefing", "The day by mail") for n in range(3)]
    assert removed(learn(*pages, page(3))) == {"Your briefing", "The day by mail"}


def test_headings_that_their_articles_alone_reword_stay() -> None:
    pages = [reworded(n, f"The vote of part {n}", f"The decision {n}") for n in range(6)]
    assert removed(learn(*pages, page(6))) == set()
    twice = [reworded(n, "Your briefing", "The day by mail") for n in range(2)]
    assert removed(learn(*twice, page(3))) == set()


def test_a_heading_that_comes_to_several_pages_is_reworded_nowhere() -> None:
    pages = [page(n) for n in range(3)]
    with_note = [
        replace(it, outline=(*it.outline[:3], heading("Update"), *it.outline[3:])).after(it)
        for it in pages
    ]
    assert removed(learn(*with_note, page(3))) == set()


def counter(text: str) -> str:
    return str(outline_entry(read_blocks(document_fromstring(f"<p>{text}</p>"))[0]))


def counting(number: int, *texts: str) -> PageSample:
    """A page with a line amid its text that was put so, look after look."""
    sample: PageSample | None = None
    for look, text in enumerate(texts):
        own = page(number).outline
        at = START + timedelta(days=look, seconds=number)
        shown = PageSample((), (*own[:3], counter(text), *own[3:]), at)
        sample = shown if sample is None else shown.after(sample)
    assert sample is not None
    return sample


def test_a_line_whose_number_moves_is_the_sites_once_another_page_has_it() -> None:
    moving = counting(1, "12 people are reading this", "4017 people are reading this")
    other = counting(2, "640 people are reading this")
    assert removed(learn(moving, other)) == {"640 people are reading this"}
    assert removed(learn(moving, page(2))) == set(), "the number of one article"


def test_a_number_that_stays_or_is_told_in_a_sentence_counts_nothing() -> None:
    still = counting(1, "12 seats in the council", "12 seats in the council")
    assert removed(learn(still, counting(2, "9 seats in the council"))) == set()
    told = counting(1, "The storm killed 12 people.", "The storm killed 15 people.")
    assert removed(learn(told, counting(2, "The storm killed 15 people."))) == set()


def test_a_sample_keeps_what_counted() -> None:
    moving = counting(1, "12 readers", "17 readers", "17 readers")
    assert moving.counted
    assert PageSample.from_json(moving.to_json()) == moving


def test_the_story_so_far_stays_on_the_pages_of_its_subject() -> None:
    pages = [page(n, *(["The story so far"] if n < 4 else [])) for n in range(20)]
    assert removed(learn(*pages)) == set()


def test_blocks_that_stand_together_take_no_turns() -> None:
    together = {"a": {1, 2, 3, 4}, "b": {1, 2, 3, 4}, "c": {5, 6, 7, 8}}
    assert rotating_blocks(together, 12) == frozenset()


def test_few_carriers_or_few_pages_tell_of_no_turns() -> None:
    apart = {"a": {1, 2, 3}, "b": {4, 5, 6}, "c": {7, 8, 9}}
    assert rotating_blocks(apart, 18) == set(apart)
    assert rotating_blocks(apart, 19) == frozenset()
    assert rotating_blocks(apart, 9) == frozenset()


def test_what_few_pages_carry_did_not_come_because_the_first_lack_it() -> None:
    """Of twenty pages fetched in one minute the four that carry it happen to be among the last."""
    last = [Entry("Join us", BlockKind.PROSE, "article/p", "Join us")]
    pages = [page(n) for n in range(20)]
    carriers = [
        PageSample((), (*it.outline, *map(str, last)), it.at) for it in pages if it in pages[7::3]
    ]
    others = [it for it in pages if it not in pages[7::3]]
    (block,) = learn(*others, *carriers).removable.values()
    assert (block.example, block.since) == ("Join us", None)


def test_what_takes_turns_was_always_the_sites_though_it_seemed_to_have_come() -> None:
    advert = entry(ADVERTS[0])
    before = Template(
        20, (RepeatingBlock(advert.key, advert.place, advert.example, 4, Decision.REMOVE, START),)
    )
    learner = TemplateLearner(before)
    for n in range(20):
        learner.add(page(n, *ADVERTS[n % 4 : n % 4 + 1]))
    assert {block.since for block in learner.template().removable.values()} == {None}


def shown(*adverts: str) -> PageSample:
    """One page at several times, each time with that advert or with none."""
    before = page(0, *filter(None, adverts[:1]))
    for days, advert in enumerate(adverts[1:], start=1):
        now = replace(page(0, *filter(None, [advert])), at=START + timedelta(days=days))
        before = now.after(before)
    return before


def test_what_comes_to_one_page_twice_or_goes_twice_is_the_sites() -> None:
    others = [page(n) for n in range(1, 5)]
    assert removed(learn(shown("", "Sail", "", "Sail"), *others)) == {"Sail"}
    assert removed(learn(shown("Sail", "", "Sail", ""), *others)) == {"Sail"}
    assert removed(learn(shown("", "Sail", ""), *others)) == set()
    sample = shown("", "Sail", "", "Sail")
    assert PageSample.from_json(sample.to_json()) == sample
