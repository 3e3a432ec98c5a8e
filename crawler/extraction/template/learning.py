"""Learning a layout's template from its pages, those of this week before all others.

What repeats is the site's if it stands on enough of the pages *of its time*: a banner that came
last Tuesday is on all pages fetched since, if on few of all that are known. Pages that somebody
announced as changed do not count: what recurs on these alone is an edit of many articles.
"""

import hashlib
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime

from crawler.extraction.body.corrections import is_correction_note
from crawler.extraction.body.phrasing import offers_a_newsletter
from crawler.extraction.template.byline import learn_byline
from crawler.extraction.template.openings import find_openings
from crawler.extraction.template.outline import BlockKind, Entry
from crawler.extraction.template.rebuilt import Rebuilt
from crawler.extraction.template.samples import PageSample, SampledPage
from crawler.extraction.template.slots import find_slots, template_places
from crawler.extraction.template.telling_pages import (
    MINIMUM_PAGES,
    MOSTLY,
    different_pages,
    own_entries,
    without_edits_of_many,
)
from crawler.extraction.template.template import Decision, RepeatingBlock, Template
from crawler.extraction.template.title_parts import MOST_LEARNED, learn_title_parts
from crawler.extraction.template.turns import changing_blocks, counting_blocks, rotating_blocks

SAMPLE_PAGES = 200
EDGE_SHARE = 0.15
TEXT_SHARE = 0.5
LINE_SHARE = 0.8
TEMPLATE_BLOCKS = 2000
# of the pages of its time, for what came while the site was known
ARRIVED_SHARE = 0.3
ARRIVED_IN_TEXT = 5  # pages that must carry it, where it stands amid the text
TELLING_PAGES = 10  # that tell that something is no template, though it once seemed to be
BEFORE = 5  # pages that tell that something was not there before
CHANCE = 0.01  # that as many pages lack by chance what so great a share of the later ones carry


class TemplateLearner:
    """Learns a template from the outlines of pages, in any order, in bounded memory.

    It keeps the latest pages, and of those fetched at one time the ones with the smallest digests:
    a sample that no order of arrival changes. The same outline counts once, and so do pages that
    carry the same text: an article's versions, a wire report under several addresses.

    `before` is the layout's template until now: what it knows stays known, unless the pages show
    otherwise. `titles` are of the site's other pages.
    """

    def __init__(self, before: Template | None = None, titles: Set[str] = frozenset()) -> None:
        self._before = before
        self._titles = titles
        self._sample: list[tuple[float, str, PageSample]] = []
        self._digests: set[str] = set()

    def add(self, page: PageSample) -> None:
        """Take in a page. One without blocks teaches nothing."""
        digest = hashlib.sha256(
            "\n".join(page.outline).encode("utf-8", "surrogatepass")
        ).hexdigest()
        if not page.outline or digest in self._digests:
            return
        age = -page.at.timestamp() if page.at is not None else 0.0
        insort(self._sample, (age, digest, page), key=lambda it: it[:2])
        self._digests.add(digest)
        if len(self._sample) > SAMPLE_PAGES:
            _, dropped, _ = self._sample.pop()
            self._digests.remove(dropped)

    def template(self) -> Template:
        pages = [SampledPage(sample, own_entries(sample)) for _, _, sample in self._sample]
        learning = _Learning(different_pages(pages), self._titles)
        if self._before is None:
            return learning.template()
        return _carried_on(self._before, learning, pages)


@dataclass(slots=True)
class _Standing:
    """Where a repeating block stands, counted over the pages that carry it."""

    entry: Entry
    edge: int = 0
    containers: Counter[str] = field(default_factory=Counter)
    followers: Counter[str] = field(default_factory=Counter)
    times: list[datetime] = field(default_factory=list)
    new: int = 0
    pages: set[int] = field(default_factory=set)


class _Learning:
    """What repeats among different pages of a layout, and what of it is the template's."""

    def __init__(self, pages: Sequence[SampledPage], titles: Set[str]) -> None:
        self.titles = titles
        controls = [page for page in pages if not page.sample.announced]
        if len(controls) < MINIMUM_PAGES:
            controls = pages = without_edits_of_many(pages)
        self.pages = controls
        self.times = sorted(page.at for page in self.pages if page.at is not None)
        self.new_times = [page.at for page in self.pages if page.at is not None and page.sample.new]
        self.spread = Counter(key for p in self.pages for key in {entry.key for entry in p.entries})
        self.standings: dict[str, _Standing] = {}
        self.generations: Counter[str] = Counter()
        self.changing = changing_blocks([page.sample for page in pages]) | counting_blocks(pages)
        self.rebuilt = Rebuilt(pages)
        for number, page in enumerate(self.pages):
            self._take(number, page)
        amid_text = {
            key: standing.pages
            for key, standing in self.standings.items()
            if standing.entry.is_text
            and standing.edge < MOSTLY * len(standing.pages)
            and not is_correction_note(standing.entry.example)
        }
        self.rotating = rotating_blocks(amid_text, len(self.pages))

    def _take(self, number: int, sampled: SampledPage) -> None:
        page = sampled.entries
        own = [
            i
            for i, entry in enumerate(page)
            if entry.is_text and self.spread[entry.key] < MINIMUM_PAGES
        ]
        first, last = (own[0], own[-1]) if own else (len(page), -1)
        container = _most_common(page[i].text_container for i in own)
        self.generations[container] += 1
        met: set[str] = set()
        for i, entry in enumerate(page):
            if self.spread[entry.key] < MINIMUM_PAGES or entry.key in met:
                continue
            met.add(entry.key)
            standing = self.standings.setdefault(entry.key, _Standing(entry))
            following = page[i + 1] if i + 1 < len(page) else None
            heads_text = (
                entry.kind is BlockKind.HEADING
                and following is not None
                and following.kept
                and self.spread[following.key] < MINIMUM_PAGES
            )
            standing.edge += i > last or (i < first and not heads_text)
            standing.pages.add(number)
            standing.containers[container] += 1
            standing.followers[following.key if following else ""] += 1
            if sampled.at is not None:
                standing.times.append(sampled.at)
                standing.new += sampled.sample.new

    def template(self) -> Template:
        decisions = {key: self._decide(standing) for key, standing in self.standings.items()}
        blocks = [
            RepeatingBlock(
                key,
                standing.entry.place,
                standing.entry.example,
                self.spread[key],
                self._decide_heading(standing, decisions),
                None if self.takes_turns(key) else self._since(standing.times),
            )
            for key, standing in self.standings.items()
        ]
        blocks += self._changing(known={block.key for block in blocks})
        entries = [page.entries for page in self.pages]
        gone = {block.key for block in blocks if block.decision is Decision.REMOVE}
        slots = {slot.example.place_key: slot for slot in template_places(entries, gone)}
        slots |= {slot.example.place_key: slot for slot in find_slots(entries)}
        slots |= {slot.example.place_key: slot for slot in self.rebuilt.places()}
        blocks += [
            RepeatingBlock(
                key,
                slot.example.place,
                slot.example.example,
                slot.pages,
                Decision.REMOVE,
                self._since(self._times_of_place(slot.example.place)),
            )
            for key, slot in slots.items()
        ]
        titles = self.titles | {page.sample.title for page in self.pages if page.sample.title}
        blocks += [
            RepeatingBlock(
                opening.key,
                opening.place,
                f"{opening.words} …",
                opening.pages,
                Decision.REMOVE,
                self._since(self._times_of_place(opening.place, opening.words)),
            )
            for opening in find_openings(entries, titles, self.rebuilt.strange)
        ]
        learned = _bounded(len(self.pages), self._with_brought(blocks))
        byline = learn_byline([page.sample.bylines for page in self.pages])
        return replace(learned, title_parts=learn_title_parts(titles), byline=byline)

    def _with_brought(self, blocks: Sequence[RepeatingBlock]) -> list[RepeatingBlock]:
        """These, and what else of the site a redesign brought."""
        known = {block.key: block for block in blocks}
        for key, entry in self.rebuilt.blocks(Template(0, tuple(blocks))).items():
            pages = self.spread[key]
            known[key] = RepeatingBlock(key, entry.place, entry.example, pages, Decision.REMOVE)
        return list(known.values())

    def contradicts(self, block: RepeatingBlock) -> bool:
        """Whether many pages were fetched among those that carry the block, and few carry it."""
        standing = self.standings.get(block.key)
        if standing is None or block.decision is not Decision.KEEP:
            return False
        share = self._share_at(standing.times) if standing.times else self._share(standing)
        return share < EDGE_SHARE and len(self.pages) >= TELLING_PAGES

    def _decide(self, standing: _Standing) -> Decision:
        pages = self.spread[standing.entry.key]
        if is_correction_note(standing.entry.example):
            # Many articles carry one, at their ends; all do where the template asks for them.
            return Decision.REMOVE if pages >= MOSTLY * len(self.pages) else Decision.KEEP
        if self.takes_turns(standing.entry.key):
            return Decision.REMOVE
        edge = standing.edge >= MOSTLY * pages
        if edge:
            wanted = EDGE_SHARE
        elif standing.entry.kind is BlockKind.PROSE:
            wanted = TEXT_SHARE
        elif standing.entry.kind is BlockKind.LINE or offers_a_newsletter(standing.entry.example):
            wanted = LINE_SHARE
        else:
            return Decision.KEEP
        if self._arrived(standing.times):
            least = MINIMUM_PAGES if edge else ARRIVED_IN_TEXT
            share = self._share_at(standing.times)
            settled = pages >= least and share >= max(wanted, ARRIVED_SHARE)
            return Decision.REMOVE if settled and self._is_on_new_pages(standing) else Decision.KEEP
        return Decision.REMOVE if self._share(standing) >= wanted else Decision.KEEP

    def takes_turns(self, key: str) -> bool:
        return key in self.changing or key in self.rotating

    def _changing(self, known: Set[str]) -> list[RepeatingBlock]:
        """What comes and goes on several pages, and is on too few at a time to repeat."""
        return [
            RepeatingBlock(key, entry.place, entry.example, self.spread[key], Decision.REMOVE)
            for key, entry in self.changing.items()
            if key not in known
        ]

    def _times_of_place(self, place: str, words: str = "") -> list[datetime]:
        """When the pages were fetched that have something there that begins with the words."""
        return [
            page.at
            for page in self.pages
            if page.at is not None
            and any(it.place == place and it.example.startswith(words) for it in page.entries)
        ]

    def _arrived(self, times: Sequence[datetime]) -> bool:
        """Whether the pages tell that what was met at these times was not there before."""
        if not times or (before := self._before(times)) < BEFORE:
            return False
        return (1 - self._share_at(times)) ** before <= CHANCE

    def _before(self, times: Sequence[datetime]) -> int:
        first = min(times)
        return sum(moment < first for moment in self.times)

    def _since(self, times: Sequence[datetime]) -> datetime | None:
        """When the last page was fetched before all that carry it."""
        return self.times[self._before(times) - 1] if self._arrived(times) else None

    def _share_at(self, times: Sequence[datetime]) -> float:
        """The share of the pages fetched between the first and the last of these times that were
        fetched at one of them."""
        first, last = min(times), max(times)
        return len(times) / sum(first <= moment <= last for moment in self.times)

    def _is_on_new_pages(self, standing: _Standing) -> bool:
        """Whether articles published since carry it too, where there are enough to tell: an edit
        of many articles leaves those alone."""
        first, last = min(standing.times), max(standing.times)
        published = sum(first <= moment <= last for moment in self.new_times)
        return published < MINIMUM_PAGES or standing.new >= EDGE_SHARE * published

    def _share(self, standing: _Standing) -> float:
        """The share of pages that carry a block, among all or among those of one template."""
        return max(
            self.spread[standing.entry.key] / len(self.pages),
            *(
                count / self.generations[container] if count >= MINIMUM_PAGES else 0.0
                for container, count in standing.containers.items()
            ),
        )

    def _decide_heading(self, standing: _Standing, decisions: Mapping[str, Decision]) -> Decision:
        """A heading amid the text goes with what it heads."""
        decision = decisions[standing.entry.key]
        if decision is Decision.KEEP and standing.entry.kind is BlockKind.HEADING:
            gone = sum(
                count
                for key, count in standing.followers.items()
                if decisions.get(key) is Decision.REMOVE
            )
            if gone >= MOSTLY * self.spread[standing.entry.key]:
                return Decision.REMOVE
        return decision


def _carried_on(before: Template, learning: "_Learning", pages: Sequence[SampledPage]) -> Template:
    """What the pages teach, and what was known before and is not on enough of them to tell."""
    learned = learning.template()
    known = {block.key: block for block in before.blocks if block.decision is not Decision.KEEP}
    blocks = []
    for block in learned.blocks:
        earlier = known.pop(block.key, None)
        if earlier is not None and not learning.contradicts(block):
            learned_before = earlier.decision is Decision.REMOVE
            decision = earlier.decision if learned_before else block.decision
            since = None if learning.takes_turns(block.key) else earlier.since
            block = replace(block, decision=decision, since=since)
        blocks.append(block)
    own = _places_with_own_text(pages)
    # an operator's decision is laid over it again, if it stands
    blocks += [
        replace(block, decision=Decision.REMOVE) for block in known.values() if block.key not in own
    ]
    parts = tuple(sorted({*before.title_parts, *learned.title_parts})[:MOST_LEARNED])
    byline = learned.byline or before.byline
    return replace(_bounded(learned.pages, blocks), title_parts=parts, byline=byline)


def _places_with_own_text(pages: Sequence[SampledPage]) -> set[str]:
    """The keys of places where these pages have words that no other has."""
    spread = Counter(key for page in pages for key in {entry.key for entry in page.entries})
    own: Counter[str] = Counter()
    for page in pages:
        own.update({e.place_key for e in page.entries if e.is_text and spread[e.key] == 1})
    return {place for place, count in own.items() if count >= MINIMUM_PAGES}


def _bounded(pages: int, blocks: list[RepeatingBlock]) -> Template:
    blocks.sort(key=lambda block: (block.decision is Decision.KEEP, -block.pages, block.key))
    kept = sorted(blocks[:TEMPLATE_BLOCKS], key=lambda block: block.key)
    return Template(pages, tuple(kept))


def _most_common(places: Iterable[str]) -> str:
    counts = Counter(places)
    return min(counts, key=lambda place: (-counts[place], place), default="")
