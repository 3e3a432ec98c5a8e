"""A source's site-wide changes as events, in words: what templates were learned and what judgements
found, put together."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from crawler.extraction.template.outline import Entry
from crawler.extraction.template.samples import PageSample
from crawler.extraction.template.template import NO_TEMPLATE, RepeatingBlock, Template
from crawler.judging.comparison import Signature
from crawler.judging.telling import Told, What, keys_of, tell
from storage.history.overrulings import overrulings
from storage.models import Overruling, Says, SiteChange
from storage.templates.layouts import (
    MOST_CHANGES,
    Revision,
    latest_revisions,
    latest_site_changes,
)
from storage.templates.samples import samples_of

MOST_REVISIONS = 1_000
"""Templates of a source, the latest, that are compared with the ones before them."""


class EventKind(StrEnum):
    """A layout that was new; furniture that came or is known since; what changed alike on pages
    that were compared, and is furniture of no template."""

    LAYOUT = "layout"
    FURNITURE = "furniture"
    PAGES = "pages"


@dataclass(frozen=True, slots=True)
class SiteEvent:
    """`number` names it among all. `came_from` and `became` are keys of layouts, one key where it
    is one layout; `moved_from`, where the text stood on its pages before, if it moved. `pages` were
    looked at, and some of it was seen on `shown` of them, None where that was not counted.
    `overruled_by` is the number of an operator's word that it, or part of it, is no change of the
    site's."""

    number: str
    kind: EventKind
    recorded_at: datetime
    came_from: str | None
    became: str
    moved_from: str | None
    pages: int
    shown: int | None
    parts: tuple[Told, ...]
    overruled_by: int | None = None


def site_events(session: Session, source_id: int) -> list[SiteEvent]:
    """The source's site-wide changes, the latest first, of many the latest of each kind. What the
    site was when it was first read is none."""
    examples: dict[str, str] = {}
    revisions = latest_revisions(session, source_id, limit=MOST_REVISIONS)
    events = list(_learned(revisions, examples))
    changes = latest_site_changes(session, source_id, limit=MOST_CHANGES)
    keys = {key for it in changes for part in it.signatures for key in keys_of(tuple(part))}
    _add_examples(session, source_id, keys, examples)
    events += [_compared(it, examples) for it in changes]
    said = [it for it in overrulings(session, source_id) if it.says is Says.EDITS]
    standing = [it for it in said if it.undone_at is None]
    told = {f"c{it.id}": {tuple(part) for part in it.signatures} for it in changes}
    return [
        replace(event, overruled_by=_overruled_by(event, told.get(event.number), standing))
        for event in sorted(events, key=lambda it: it.recorded_at, reverse=True)
    ]


def came_in(event: SiteEvent) -> set[str]:
    """The keys of the blocks that came, or that are known since."""
    new = (What.CAME, What.LEARNED)
    return {part.key for part in event.parts if part.key is not None and part.what in new}


def _overruled_by(
    event: SiteEvent, signatures: Set[Signature] | None, said: Iterable[Overruling]
) -> int | None:
    if signatures is None:
        signatures = {("+", key) for key in came_in(event)}
    for it in said:
        same = it.became == event.became and not signatures.isdisjoint(map(tuple, it.signatures))
        if same:
            return it.id
    return None


def _learned(revisions: Iterable[Revision], examples: dict[str, str]) -> Iterator[SiteEvent]:
    """What the templates tell. Fills in how their blocks begin, by key."""
    before: dict[str, Template] = {}
    for it in revisions:
        after = Template.from_json(it.template)
        examples.update((block.key, block.example) for block in after.blocks)
        parts = tuple(_parts(before.get(it.layout, NO_TEMPLATE), after, is_new=it.is_new))
        if parts and (it.is_new or it.layout in before):
            kind = EventKind.LAYOUT if it.is_new else EventKind.FURNITURE
            came_from = None if it.is_new else it.layout
            number = f"t{it.template_id}"
            yield SiteEvent(
                number, kind, it.learned_at, came_from, it.layout, None, it.pages, None, parts
            )
        before[it.layout] = after


def _parts(before: Template, after: Template, *, is_new: bool) -> Iterator[Told]:
    for block in _beyond(after, before):
        what = What.CAME if is_new or block.since else What.LEARNED
        yield Told(what, block.key, after=block.example, pages=block.pages)
    for block in _beyond(before, after):
        yield Told(What.LEFT_IN, block.key, before=block.example)


def _beyond(template: Template, other: Template) -> list[RepeatingBlock]:
    found = (it for key, it in template.removable.items() if key not in other.removable)
    return sorted(found, key=lambda block: (-block.pages, block.key))


def _compared(change: SiteChange, examples: dict[str, str]) -> SiteEvent:
    moved_from, _, came_from = change.came_from.rpartition("→")
    parts = [tell(tuple(it), examples) for it in change.signatures]
    # those with words first
    parts.sort(key=lambda it: (not (it.before or it.after), list(What).index(it.what)))
    return SiteEvent(
        f"c{change.id}",
        EventKind.PAGES,
        change.recorded_at,
        came_from,
        change.became,
        moved_from or None,
        change.pages,
        change.shown,
        tuple(parts),
    )


def _add_examples(
    session: Session, source_id: int, keys: Set[str], examples: dict[str, str]
) -> None:
    """How blocks begin that no template has, where a page fetched last has them."""
    if keys <= examples.keys():
        return
    for sampled in samples_of(session, source_id):
        for text in filter(None, (sampled.sample, sampled.before)):
            page = PageSample.from_json(text)
            for entry in map(Entry.parse, (*page.outline, *page.came, *page.went)):
                examples.setdefault(entry.key, entry.example)
