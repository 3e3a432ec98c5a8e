"""What repeats on a site: learned from its pages, kept as data, applied to its texts."""

import hashlib
import json
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from crawler.extraction.outline import BlockKind, Entry

SAMPLE_PAGES = 200
MINIMUM_PAGES = 3
EDGE_SHARE = 0.15
BOX_SHARE = 0.3
TEXT_SHARE = 0.5
PROFILE_BLOCKS = 1000


class Decision(StrEnum):
    """What becomes of a repeating block. The last two are an operator's and outlive learning."""

    REMOVE = "remove"
    KEEP = "keep"
    ALWAYS_REMOVE = "always-remove"
    NEVER_REMOVE = "never-remove"


@dataclass(frozen=True, slots=True)
class RepeatingBlock:
    """A block that stands in one place on several of a site's pages.

    `key` is its fingerprint in outlines, `pages` how many of the sampled pages carry it.
    """

    key: str
    place: str
    example: str
    pages: int
    decision: Decision


@dataclass(frozen=True)
class SiteProfile:
    """The repeating blocks of a site, learned from `pages` different pages, ordered by key."""

    pages: int
    blocks: tuple[RepeatingBlock, ...]

    def to_json(self) -> str:
        """Canonical JSON: equal profiles give equal strings."""
        rows = [[b.key, b.place, b.example, b.pages, b.decision] for b in self.blocks]
        return json.dumps(
            {"pages": self.pages, "blocks": rows},
            ensure_ascii=True,
            separators=(",", ":"),
            sort_keys=True,
        )

    @classmethod
    def from_json(cls, text: str) -> "SiteProfile":
        """Raises ValueError for what `to_json` cannot have written."""
        try:
            data = json.loads(text)
            blocks = tuple(
                RepeatingBlock(str(key), str(place), str(example), int(pages), Decision(decision))
                for key, place, example, pages, decision in data["blocks"]
            )
            return cls(int(data["pages"]), blocks)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no site profile: {error}") from error

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @cached_property
    def removable(self) -> Mapping[str, RepeatingBlock]:
        """The blocks to take out of texts, by key."""
        unwanted = (Decision.REMOVE, Decision.ALWAYS_REMOVE)
        return {block.key: block for block in self.blocks if block.decision in unwanted}

    def decide(self, decisions: Mapping[str, Decision]) -> "SiteProfile":
        """The profile with an operator's decisions, by key, in the place of the learned ones."""
        return SiteProfile(
            self.pages,
            tuple(replace(b, decision=decisions.get(b.key, b.decision)) for b in self.blocks),
        )


class ProfileLearner:
    """Learns a site's profile from the outlines of its pages, in any order, in bounded memory.

    It keeps the outlines with the smallest digests, a sample that no order of arrival changes. The
    same outline counts once, and so do pages that carry the same text: an article's versions, a
    wire report under several addresses.
    """

    def __init__(self) -> None:
        self._sample: list[tuple[str, tuple[str, ...]]] = []
        self._digests: set[str] = set()

    def add(self, outline: Iterable[str]) -> None:
        """Take in one page's `Article.outline`. A page without blocks teaches nothing."""
        lines = tuple(outline)
        digest = hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
        if not lines or digest in self._digests:
            return
        insort(self._sample, (digest, lines))
        self._digests.add(digest)
        if len(self._sample) > SAMPLE_PAGES:
            dropped, _ = self._sample.pop()
            self._digests.remove(dropped)

    def profile(self) -> SiteProfile:
        pages = [[Entry.parse(line) for line in lines] for _, lines in self._sample]
        return _Learning(_different_pages(pages)).profile()


def _different_pages(pages: Sequence[Sequence[Entry]]) -> list[Sequence[Entry]]:
    """One page of each group that shares most of its prose, the first in the order given."""
    spread = Counter(key for page in pages for key in {entry.key for entry in page})
    everywhere = {
        key for key, count in spread.items() if count >= MINIMUM_PAGES and count >= 0.8 * len(pages)
    }
    different: list[Sequence[Entry]] = []
    carriers: dict[str, list[int]] = defaultdict(list)
    sizes: list[int] = []
    for page in pages:
        prose = sorted({e.key for e in page if e.kind is BlockKind.PROSE} - everywhere)
        shared = Counter(number for key in prose for number in carriers[key])
        if any(count >= 0.5 * min(len(prose), sizes[n]) for n, count in shared.items()):
            continue
        for key in prose:
            carriers[key].append(len(different))
        sizes.append(len(prose))
        different.append(page)
    return different


class _Learning:
    """What repeats among different pages of a site, and what of it is the site's template."""

    def __init__(self, pages: Sequence[Sequence[Entry]]) -> None:
        self.pages = pages
        self.spread = Counter(key for page in pages for key in {entry.key for entry in page})
        self.trunks = [self._trunk(page) for page in pages]
        self.generations = Counter(self.trunks)

    def _trunk(self, page: Sequence[Entry]) -> str:
        """The place that holds most of a page's own paragraphs: what a redesign changes."""
        holders = Counter(
            entry.holder
            for entry in page
            if entry.kind is BlockKind.PROSE and self.spread[entry.key] < MINIMUM_PAGES
        )
        return min(holders, key=lambda place: (-holders[place], place), default="")

    def profile(self) -> SiteProfile:
        places: dict[str, Entry] = {}
        edge: Counter[str] = Counter()
        boxed: Counter[str] = Counter()
        seen_in: dict[str, Counter[str]] = defaultdict(Counter)
        for page, trunk in zip(self.pages, self.trunks, strict=True):
            own = [
                i
                for i, entry in enumerate(page)
                if entry.kind is BlockKind.PROSE and self.spread[entry.key] < MINIMUM_PAGES
            ]
            first, last = (own[0], own[-1]) if own else (len(page), -1)
            met: set[str] = set()
            for i, entry in enumerate(page):
                if self.spread[entry.key] < MINIMUM_PAGES or entry.key in met:
                    continue
                met.add(entry.key)
                places.setdefault(entry.key, entry)
                seen_in[entry.key][trunk] += 1
                edge[entry.key] += i < first or i > last
                boxed[entry.key] += entry.holder != trunk
        blocks = [
            RepeatingBlock(
                key,
                entry.place,
                entry.example,
                self.spread[key],
                self._decide(entry, edge[key], boxed[key], seen_in[key]),
            )
            for key, entry in places.items()
        ]
        blocks.sort(key=lambda block: (-block.pages, block.key))
        kept = sorted(blocks[:PROFILE_BLOCKS], key=lambda block: block.key)
        return SiteProfile(len(self.pages), tuple(kept))

    def _decide(
        self, entry: Entry, edge: int, boxed: int, generations: Mapping[str, int]
    ) -> Decision:
        pages = self.spread[entry.key]
        share = max(
            pages / len(self.pages),
            *(
                count / self.generations[trunk] if count >= MINIMUM_PAGES else 0.0
                for trunk, count in generations.items()
            ),
        )
        if edge >= 0.8 * pages:
            wanted = EDGE_SHARE
        elif boxed >= 0.8 * pages:
            wanted = BOX_SHARE
        elif entry.kind is BlockKind.PROSE:
            wanted = TEXT_SHARE
        else:
            return Decision.KEEP
        return Decision.REMOVE if share >= wanted else Decision.KEEP


def removed_by(profile: SiteProfile, entries: Sequence[Entry]) -> Set[int]:
    """Which entries of a page's outline the profile takes out.

    Never most of a page's prose: a page that consists of what others carry too is such a text, not
    a template.
    """
    found = {i for i, entry in enumerate(entries) if entry.key in profile.removable}
    prose = {i for i, entry in enumerate(entries) if entry.kind is BlockKind.PROSE}
    if len(found & prose) * 2 > len(prose):
        always = {
            key
            for key, block in profile.removable.items()
            if block.decision is Decision.ALWAYS_REMOVE
        }
        found = {i for i in found if i not in prose or entries[i].key in always}
    return found
