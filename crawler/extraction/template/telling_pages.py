"""Which of a layout's sampled pages tell something of its template, and which of their blocks."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from crawler.extraction.template.outline import Entry
from crawler.extraction.template.samples import PageSample, SampledPage

MINIMUM_PAGES = 3
MOSTLY = 0.8
ALL_ANNOUNCED = 5  # pages that tell what is the site's where no other is left, as in judging


def own_entries(sample: PageSample) -> list[Entry]:
    """The blocks of a page, those aside that an edit brought."""
    entries = map(Entry.parse, sample.outline)
    edited = sample.edited
    return [it for it in entries if it.key not in edited and it.example not in edited]


def different_pages(pages: Sequence[SampledPage]) -> list[SampledPage]:
    """One page of each group that shares most of its prose, the first in the order given."""
    spread = Counter(key for page in pages for key in {entry.key for entry in page.entries})
    everywhere = {
        key
        for key, count in spread.items()
        if count >= MINIMUM_PAGES and count >= MOSTLY * len(pages)
    }
    prose_everywhere = sum(
        entry.key in everywhere for page in pages for entry in page.entries if entry.is_text
    )
    if prose_everywhere * 2 > sum(entry.is_text for page in pages for entry in page.entries):
        # versions of one article, not a template
        everywhere = set()
    different: list[SampledPage] = []
    carriers: dict[str, list[int]] = defaultdict(list)
    sizes: list[int] = []
    for page in pages:
        prose = sorted({entry.key for entry in page.entries if entry.is_text} - everywhere)
        shared = Counter(number for key in prose for number in carriers[key])
        if any(count >= 0.5 * min(len(prose), sizes[n]) for n, count in shared.items()):
            continue
        for key in prose:
            carriers[key].append(len(different))
        sizes.append(len(prose))
        different.append(page)
    return different


def without_edits_of_many(pages: Sequence[SampledPage]) -> list[SampledPage]:
    """These pages; those that were announced as changed without the text that recurs and is on no
    other page, since it may be an edit of them all. Where there is no other page, what stands on
    most of them is the site's."""
    shown = {it.key for page in pages if not page.sample.announced for it in page.entries}
    spread = Counter(key for page in pages for key in {entry.key for entry in page.entries})
    most = len(pages) + 1 if shown else max(ALL_ANNOUNCED, MOSTLY * len(pages))
    edits = {
        entry.key
        for page in pages
        for entry in page.entries
        if entry.is_text and entry.key not in shown and 1 < spread[entry.key] < most
    }
    return [replace(p, entries=[it for it in p.entries if it.key not in edits]) for p in pages]
