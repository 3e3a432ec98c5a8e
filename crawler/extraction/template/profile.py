"""What repeats on a site: learned from its pages, kept as data, applied to its texts."""

import hashlib
import json
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from crawler.extraction.body.corrections import is_correction_note
from crawler.extraction.template.outline import BlockKind, Entry
from crawler.extraction.template.slots import find_slots

SAMPLE_PAGES = 200
MINIMUM_PAGES = 3
EDGE_SHARE = 0.15
TEXT_SHARE = 0.5
LINE_SHARE = 0.8
MOSTLY = 0.8
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

    `key` is its fingerprint in outlines, or that of its place where whatever stands there repeats;
    `pages` is how many of the sampled pages carry it.
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

    @cached_property
    def pinned(self) -> Set[str]:
        """The keys of the blocks that an operator keeps."""
        return {block.key for block in self.blocks if block.decision is Decision.NEVER_REMOVE}

    def unwanted(self, entry: Entry) -> RepeatingBlock | None:
        """Why an entry of an outline is to be taken out: the block, or the place, that repeats."""
        if entry.key in self.pinned:
            return None
        return self.removable.get(entry.key) or self.removable.get(entry.place_key)

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
        key
        for key, count in spread.items()
        if count >= MINIMUM_PAGES and count >= MOSTLY * len(pages)
    }
    prose_everywhere = sum(
        entry.key in everywhere for page in pages for entry in page if _is_text(entry)
    )
    if prose_everywhere * 2 > sum(_is_text(entry) for page in pages for entry in page):
        # versions of one article, not a template
        everywhere = set()
    different: list[Sequence[Entry]] = []
    carriers: dict[str, list[int]] = defaultdict(list)
    sizes: list[int] = []
    for page in pages:
        prose = sorted({entry.key for entry in page if _is_text(entry)} - everywhere)
        shared = Counter(number for key in prose for number in carriers[key])
        if any(count >= 0.5 * min(len(prose), sizes[n]) for n, count in shared.items()):
            continue
        for key in prose:
            carriers[key].append(len(different))
        sizes.append(len(prose))
        different.append(page)
    return different


def _is_text(entry: Entry) -> bool:
    return entry.kept and entry.kind is BlockKind.PROSE


@dataclass(slots=True)
class _Standing:
    """Where a repeating block stands, counted over the pages that carry it."""

    entry: Entry
    edge: int = 0
    trunks: Counter[str] = field(default_factory=Counter)
    followers: Counter[str] = field(default_factory=Counter)


class _Learning:
    """What repeats among different pages of a site, and what of it is the site's template."""

    def __init__(self, pages: Sequence[Sequence[Entry]]) -> None:
        self.pages = pages
        self.spread = Counter(key for page in pages for key in {entry.key for entry in page})
        self.standings: dict[str, _Standing] = {}
        self.generations: Counter[str] = Counter()
        for page in pages:
            self._take(page)

    def _take(self, page: Sequence[Entry]) -> None:
        own = [
            i
            for i, entry in enumerate(page)
            if _is_text(entry) and self.spread[entry.key] < MINIMUM_PAGES
        ]
        first, last = (own[0], own[-1]) if own else (len(page), -1)
        trunk = _most_common(page[i].holder for i in own)
        self.generations[trunk] += 1
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
            standing.trunks[trunk] += 1
            standing.followers[following.key if following else ""] += 1

    def profile(self) -> SiteProfile:
        decisions = {key: self._decide(standing) for key, standing in self.standings.items()}
        blocks = [
            RepeatingBlock(
                key,
                standing.entry.place,
                standing.entry.example,
                self.spread[key],
                self._decide_heading(standing, decisions),
            )
            for key, standing in self.standings.items()
        ]
        blocks += [
            RepeatingBlock(
                slot.example.place_key,
                slot.example.place,
                slot.example.example,
                slot.pages,
                Decision.REMOVE,
            )
            for slot in find_slots(self.pages)
        ]
        blocks.sort(key=lambda block: (-block.pages, block.key))
        kept = sorted(blocks[:PROFILE_BLOCKS], key=lambda block: block.key)
        return SiteProfile(len(self.pages), tuple(kept))

    def _decide(self, standing: _Standing) -> Decision:
        pages = self.spread[standing.entry.key]
        if is_correction_note(standing.entry.example):
            # Many articles carry one, at their ends; all do where the template asks for them.
            return Decision.REMOVE if pages >= MOSTLY * len(self.pages) else Decision.KEEP
        if standing.edge >= MOSTLY * pages:
            wanted = EDGE_SHARE
        elif standing.entry.kind is BlockKind.PROSE:
            wanted = TEXT_SHARE
        elif standing.entry.kind is BlockKind.LINE:
            wanted = LINE_SHARE
        else:
            return Decision.KEEP
        return Decision.REMOVE if self._share(standing) >= wanted else Decision.KEEP

    def _share(self, standing: _Standing) -> float:
        """The share of pages that carry a block, among all or among those of one template."""
        return max(
            self.spread[standing.entry.key] / len(self.pages),
            *(
                count / self.generations[trunk] if count >= MINIMUM_PAGES else 0.0
                for trunk, count in standing.trunks.items()
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


def _most_common(places: Iterable[str]) -> str:
    counts = Counter(places)
    return min(counts, key=lambda place: (-counts[place], place), default="")


def removed_by(profile: SiteProfile, entries: Sequence[Entry]) -> Set[int]:
    """Which entries of a page's outline the profile takes out.

    Never all of a page's prose: a page of nothing but what others carry too is such a text, not a
    template.
    """
    unwanted = ((i, profile.unwanted(entry)) for i, entry in enumerate(entries))
    found = {i: block for i, block in unwanted if block is not None}
    prose = {i for i, entry in enumerate(entries) if entry.kind is BlockKind.PROSE}
    if not prose <= found.keys():
        return found.keys()
    return {
        i
        for i, block in found.items()
        if i not in prose or block.decision is Decision.ALWAYS_REMOVE
    }
