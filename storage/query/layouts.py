"""What was learned of a source's layouts and when, and what changed on many of its pages alike."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from storage.templates.layouts import latest_revisions, latest_site_changes

MOST: Final = 40
"""Revisions, and changes, that are told: the latest."""

_MOST_BLOCKS: Final = 12
_REMOVING: Final = frozenset({"remove", "always-remove"})
_SIGNS: Final = {
    "+": "came",
    "-": "went",
    "~": "reworded",
    "#": "counted",
    "t": "title",
    "o": "order",
}


@dataclass(frozen=True, slots=True)
class LearnedRevision:
    """A layout's template as it was learned then, from so many pages: how many blocks it takes
    out, and how those begin that the revision before did not."""

    layout: str
    is_new: bool
    learned_at: datetime
    pages: int
    removed: int
    came: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """A part of a site-wide change: came, went, reworded, counted, title or order; and the words,
    or the place on the page where each page has its own."""

    what: str
    words: str


@dataclass(frozen=True, slots=True)
class ChangedSite:
    """What changed alike on `shown` of the `pages` that were compared, and so was no edit."""

    recorded_at: datetime
    came_from: str
    became: str
    pages: int
    shown: int | None
    parts: tuple[ChangedPart, ...]


@dataclass(frozen=True, slots=True)
class LearnedSite:
    """Both with the latest first."""

    revisions: tuple[LearnedRevision, ...]
    changes: tuple[ChangedSite, ...]


def learned_site(session: Session, source_id: int) -> LearnedSite:
    """What was learned of the source's pages."""
    revisions: list[LearnedRevision] = []
    examples: dict[str, str] = {}
    before: dict[str, set[str]] = {}
    for it in latest_revisions(session, source_id, limit=MOST):
        blocks = _removed(it.template)
        examples.update(blocks)
        known = before.get(it.layout, set())
        came = [text for key, text in blocks.items() if key not in known]
        revisions.append(
            LearnedRevision(
                it.layout,
                it.is_new,
                it.learned_at,
                it.pages,
                len(blocks),
                tuple(came[:_MOST_BLOCKS]),
            )
        )
        before[it.layout] = set(blocks)
    changes = [
        ChangedSite(
            row.recorded_at,
            row.came_from,
            row.became,
            row.pages,
            row.shown,
            tuple(_part(it, examples) for it in row.signatures[:_MOST_BLOCKS]),
        )
        for row in latest_site_changes(session, source_id, limit=MOST)
    ]
    revisions.sort(key=lambda it: it.learned_at, reverse=True)
    return LearnedSite(tuple(revisions), tuple(changes))


def _removed(template: str) -> dict[str, str]:
    """How the blocks begin that a template takes out, by key, those on most pages first. A block
    is [key, place, beginning, pages, decision, since] (crawler.extraction.template.template)."""
    blocks = json.loads(template)["blocks"]
    taken = sorted((it for it in blocks if it[4] in _REMOVING), key=lambda it: (-it[3], it[0]))
    return {str(it[0]): str(it[2]) for it in taken}


def _part(signature: Sequence[str], examples: dict[str, str]) -> ChangedPart:
    """A signature (crawler.judging.comparison) in words."""
    sign, *rest = (str(it) for it in signature)
    what = _SIGNS.get(sign[:1], sign)
    if sign in ("+", "-", "#") and rest:
        return ChangedPart(what, examples.get(rest[0], ""))
    return ChangedPart(what, " ".join(rest))
