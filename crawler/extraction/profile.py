"""What repeats on a site: learned from its pages, kept as data, applied to its texts."""

import hashlib
import json
from bisect import insort
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

SAMPLE_PAGES = 200
MINIMUM_PAGES = 3
TEMPLATE_SHARE = 0.5


@dataclass(frozen=True)
class Block:
    """A text block that repeats in one place of a site's pages.

    `key` is its fingerprint, `pages` the number of sampled pages that carry it.
    """

    key: str
    place: str
    example: str
    pages: int
    template: bool


@dataclass(frozen=True)
class SiteProfile:
    """The repeating blocks of one site, learned from `pages` different pages."""

    pages: int
    blocks: tuple[Block, ...]

    def to_json(self) -> str:
        """Canonical JSON: equal profiles give equal strings."""
        blocks = [[b.key, b.place, b.example, b.pages, b.template] for b in self.blocks]
        return json.dumps(
            {"pages": self.pages, "blocks": blocks}, ensure_ascii=False, separators=(",", ":")
        )

    @classmethod
    def from_json(cls, text: str) -> "SiteProfile":
        data = json.loads(text)
        return cls(data["pages"], tuple(Block(*block) for block in data["blocks"]))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @cached_property
    def template_keys(self) -> frozenset[str]:
        return frozenset(block.key for block in self.blocks if block.template)


def outline_entry(place: str, text: str) -> str:
    """A block as an outline holds it: fingerprint, place and the beginning of the text."""
    key = hashlib.sha256(f"{place}\n{text}".encode("utf-8", "replace")).hexdigest()[:16]
    return f"{key}\t{place}\t{text[:80]}"


class ProfileLearner:
    """Learns a site's profile from page outlines, in any order, in bounded memory.

    Keeps the outlines with the smallest digests: a sample that no order of arrival changes.
    """

    def __init__(self) -> None:
        self._sample: list[tuple[str, tuple[str, ...]]] = []

    def add(self, outline: Iterable[str]) -> None:
        entries = tuple(outline)
        digest = hashlib.sha256("\n".join(entries).encode("utf-8", "replace")).hexdigest()
        if entries and all(digest != known for known, _ in self._sample):
            insort(self._sample, (digest, entries))
            del self._sample[SAMPLE_PAGES:]

    def profile(self) -> SiteProfile:
        pages = Counter(entry for _, entries in self._sample for entry in set(entries))
        total = len(self._sample)
        blocks = []
        for entry, count in sorted(pages.items()):
            if count < MINIMUM_PAGES:
                continue
            key, place, example = entry.split("\t", 2)
            blocks.append(Block(key, place, example, count, count >= TEMPLATE_SHARE * total))
        return SiteProfile(total, tuple(blocks))
