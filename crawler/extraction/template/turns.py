"""What takes turns in a site's pages, as adverts do: on one page over time, or on its pages at one
time."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from itertools import product
from typing import Final

from crawler.extraction.body.corrections import is_correction_note
from crawler.extraction.body.phrasing import ends_sentence
from crawler.extraction.template.outline import BlockKind, Entry
from crawler.extraction.template.samples import PageSample, SampledPage

_TELLING_PAGES: Final = 10
_ROTATING: Final = 3
_REWORDED: Final = 3  # pages on which one heading made way for another
_SHARE: Final = 0.5


def changing_blocks(samples: Sequence[PageSample]) -> dict[str, Entry]:
    """The blocks that came on one page and went on another while nobody announced a change, or came
    on one page twice: no publisher edits so, but adverts take turns so, and tests of furniture. And
    headings that made way for another in their place on several pages: a site was reworded."""
    came: dict[str, set[int]] = defaultdict(set)
    went: dict[str, set[int]] = defaultdict(set)
    reworded: Counter[tuple[str, str]] = Counter()
    entries: dict[str, Entry] = {}
    for number, sample in enumerate(samples):
        headings: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        for which, (lines, pages) in enumerate(((sample.went, went), (sample.came, came))):
            for entry in map(Entry.parse, lines):
                pages[entry.key].add(number)
                entries[entry.key] = entry
                if entry.kind is BlockKind.HEADING:
                    headings[entry.place][which].add(entry.key)
        for old, new in headings.values():
            reworded.update(product(old - new, new - old))
    turning = {key for key in came.keys() & went.keys() if len(came[key] | went[key]) > 1}
    turning |= frozenset[str]().union(*(sample.returned for sample in samples)) & entries.keys()
    turning |= {key for pair, count in reworded.items() if count >= _REWORDED for key in pair}
    return {
        key: entries[key] for key in sorted(turning) if not is_correction_note(entries[key].example)
    }


def counting_blocks(pages: Sequence[SampledPage]) -> dict[str, Entry]:
    """The lines that count something: they stand on two pages in the same words, and on one of them
    their number alone moved while nobody announced a change. A sentence may tell of a number."""
    counted = {key for page in pages for key in page.sample.counted}
    spread: Counter[str] = Counter()
    entries: dict[str, Entry] = {}
    for page in pages:
        here = {it.key: it for it in page.entries if it.key in counted}
        spread.update(here.keys())
        entries |= here
    return {
        key: entries[key]
        for key in sorted(entries)
        if spread[key] > 1 and not ends_sentence(entries[key].example)
    }


def rotating_blocks(amid_text: Mapping[str, Set[int]], pages: int) -> Set[str]:
    """The blocks of which no page carries two and half of the pages carry one: three or more, each
    repeated. `amid_text` has the pages that carry each paragraph which repeats amid the text.

    What articles have in common, a quotation or the story so far, spreads otherwise: half of a
    site's articles do not fall into groups that each repeat one paragraph."""
    rotating: set[str] = set()
    carriers: set[int] = set()
    for key, its_pages in sorted(amid_text.items(), key=lambda it: (-len(it[1]), it[0])):
        if carriers.isdisjoint(its_pages):
            rotating.add(key)
            carriers |= its_pages
    enough = len(rotating) >= _ROTATING and len(carriers) >= _SHARE * pages
    return rotating if enough and pages >= _TELLING_PAGES else frozenset()
