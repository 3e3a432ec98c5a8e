"""What repeats on a site's pages of one layout: data, and what it takes out of a page's text.

A template is learned (template.learning) and then applied to pages of its layout. Each of its
blocks has the time since when it is known to be the site's, so that what is learned of a later
time takes nothing out of an older page.
"""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Final

from crawler.extraction.template.outline import BlockKind, Entry
from crawler.extraction.template.skeleton import Skeleton


class Decision(StrEnum):
    """What becomes of a repeating block. The last two are an operator's and outlive learning."""

    REMOVE = "remove"
    KEEP = "keep"
    ALWAYS_REMOVE = "always-remove"
    NEVER_REMOVE = "never-remove"


_TIMES_AT_HAND = 8  # pages are read in the order of their times
_UNWANTED = (Decision.REMOVE, Decision.ALWAYS_REMOVE)


@dataclass(frozen=True, slots=True)
class RepeatingBlock:
    """A block that stands in one place on several of a layout's pages.

    `key` is its fingerprint in outlines, or that of its place where whatever stands there repeats,
    or of its place and opening words where only these do; `pages` is how many of the sampled pages
    carry it. It is the site's on pages fetched after `since`, on all where that is None.
    """

    key: str
    place: str
    example: str
    pages: int
    decision: Decision
    since: datetime | None = None


@dataclass(frozen=True)
class Template:
    """The repeating blocks of a layout, learned from `pages` different pages, ordered by key, and
    what the site adds to its titles (template.title_parts), and where the bylines stand."""

    pages: int
    blocks: tuple[RepeatingBlock, ...]
    title_parts: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Canonical JSON: equal templates give equal strings."""
        rows = [
            [b.key, b.place, b.example, b.pages, b.decision, b.since and b.since.isoformat()]
            for b in self.blocks
        ]
        places = {"title_parts": self.title_parts, "byline": self.byline}
        return json.dumps(
            {"pages": self.pages, "blocks": rows} | {k: v for k, v in places.items() if v},
            ensure_ascii=True,
            separators=(",", ":"),
            sort_keys=True,
        )

    @classmethod
    def from_json(cls, text: str) -> "Template":
        """Raises ValueError for what `to_json` cannot have written; blocks without a time, as it
        wrote them once, are of all times."""
        try:
            data = json.loads(text)
            blocks = tuple(_block(*row) for row in data["blocks"])
            titles, byline = (map(str, data.get(it, ())) for it in ("title_parts", "byline"))
            return cls(int(data["pages"]), blocks, tuple(titles), tuple(byline))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no template: {error}") from error

    @property
    def learned(self) -> bool:
        """Whether it knows anything."""
        return bool(self.blocks or self.title_parts or self.byline)

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hexadecimal of what it removes and keeps, so that counts that move make no
        text stale; empty where it does neither."""
        keys = sorted(self.removable) + [f"keep {key}" for key in sorted(self.pinned)]
        keys += [f"title {part}" for part in self.title_parts]
        keys += [f"byline {place}" for place in self.byline]
        return hashlib.sha256("\n".join(keys).encode()).hexdigest() if keys else ""

    @cached_property
    def removable(self) -> Mapping[str, RepeatingBlock]:
        """The blocks to take out of texts, by key."""
        return {block.key: block for block in self.blocks if block.decision in _UNWANTED}

    @cached_property
    def pinned(self) -> Set[str]:
        """The keys of the blocks that an operator keeps."""
        return {block.key for block in self.blocks if block.decision is Decision.NEVER_REMOVE}

    @cached_property
    def _has_openings(self) -> bool:
        return any(block.example.endswith(" …") for block in self.removable.values())

    def at(self, moment: datetime | None) -> "Template":
        """The template of pages fetched then; of pages of no known time for None."""
        if moment is None:
            return self
        known = bisect_left(self._arrivals, moment)
        if known == len(self._arrivals):
            return self
        # no other page of that time needs another
        if known not in self._earlier:
            if len(self._earlier) == _TIMES_AT_HAND:
                self._earlier.clear()
            self._earlier[known] = self._before(moment)
        return self._earlier[known]

    def _before(self, moment: datetime) -> "Template":
        blocks = (
            replace(block, decision=Decision.KEEP)
            if block.decision is Decision.REMOVE and block.since and block.since >= moment
            else block
            for block in self.blocks
        )
        return replace(self, blocks=tuple(blocks))

    @cached_property
    def _arrivals(self) -> Sequence[datetime]:
        return sorted(block.since for block in self.blocks if block.since is not None)

    @cached_property
    def _earlier(self) -> "dict[int, Template]":
        return {}

    def chosen(self, skeleton: Skeleton) -> "tuple[str, Template]":
        """The layout of a page of that skeleton, of which a single template knows nothing, and the
        template for it."""
        return "", self

    def unwanted(self, entry: Entry) -> RepeatingBlock | None:
        """Why an entry of an outline is to be taken out: what of it repeats."""
        if entry.key in self.pinned:
            return None
        found = self.removable.get(entry.key) or self.removable.get(entry.place_key)
        if found is None and (older := entry.older_key) is not None:
            found = self.removable.get(older)
        if found is None and self._has_openings:
            keys = (entry.opening_key(opening) for opening in entry.openings)
            found = next((self.removable[key] for key in keys if key in self.removable), None)
        return found

    def decide(self, decisions: Mapping[str, Decision]) -> "Template":
        """The template with an operator's decisions, by key, in the place of the learned ones."""
        blocks = (replace(b, decision=decisions.get(b.key, b.decision)) for b in self.blocks)
        return replace(self, blocks=tuple(blocks))


NO_TEMPLATE: Final = Template(0, ())


def _block(
    key: str, place: str, example: str, pages: int, decision: str, since: str | None = None
) -> RepeatingBlock:
    moment = datetime.fromisoformat(since) if since else None
    return RepeatingBlock(
        str(key), str(place), str(example), int(pages), Decision(decision), moment
    )


def removed_by(template: Template, entries: Sequence[Entry]) -> Set[int]:
    """Which entries of a page's outline the template takes out.

    Never all of a page's prose: a page of nothing but what others carry too is such a text, not a
    template.
    """
    unwanted = ((i, template.unwanted(entry)) for i, entry in enumerate(entries))
    found = {i: block for i, block in unwanted if block is not None}
    prose = {i for i, entry in enumerate(entries) if entry.kind is BlockKind.PROSE}
    if not prose <= found.keys():
        return found.keys()
    return {
        i
        for i, block in found.items()
        if i not in prose or block.decision is Decision.ALWAYS_REMOVE
    }
