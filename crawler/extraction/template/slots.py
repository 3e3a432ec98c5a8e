"""Places of a site's template where now this stands, now that: an advert, the teaser of the day.

An article's own words stand on no other article's page. Where most of what a place holds is met
on other pages too, or shown to be none of the article's by its page alone, the place is a slot, and
what it holds tomorrow belongs to no article either.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from crawler.extraction.template.outline import BlockKind, Entry

SLOT_PAGES = 3
# pages on which a place held what is the template's and nothing else
TEMPLATE_PLACE_PAGES = 5
# how many blocks a slot may hold at a time
SLOT_BLOCKS = 2
# the share of what a slot shows, its constant blocks aside, that is shown to be no article's
ROTATING_SHARE = 0.6
# the share of them that may show one and the same block; more of them carry a block of a template
CONSTANT_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Slot:
    """`example` is a block that stood in it, `pages` how many pages have the place."""

    example: Entry
    pages: int


@dataclass(slots=True)
class _Place:
    pages: int = 0
    crowded: bool = False
    shown: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Entry] = field(default_factory=dict)


def template_places(pages: Sequence[Sequence[Entry]], gone: Set[str]) -> Iterator[Slot]:
    """The places that hold nothing on these pages but blocks of the template, which `gone` has the
    keys of: what stands there tomorrow is the template's too, in other words."""
    places: Counter[str] = Counter()
    examples: dict[str, Entry] = {}
    others: set[str] = set()
    for page in pages:
        places.update({entry.place for entry in page})
        for entry in page:
            if entry.kind is BlockKind.HEADING or entry.key not in gone:
                others.add(entry.place)
            else:
                examples.setdefault(entry.place, entry)
    for place, count in places.items():
        if count >= TEMPLATE_PLACE_PAGES and place not in others:
            yield Slot(examples[place], count)


def find_slots(pages: Sequence[Sequence[Entry]]) -> Iterator[Slot]:
    """The slots of pages of different articles; headings are looked at nowhere."""
    places: dict[str, _Place] = defaultdict(_Place)
    for page in pages:
        here: dict[str, dict[str, Entry]] = defaultdict(dict)
        for entry in page:
            if entry.kind is not BlockKind.HEADING:
                here[entry.place][entry.key] = entry
        for path, entries in here.items():
            place = places[path]
            place.pages += 1
            place.crowded = place.crowded or len(entries) > SLOT_BLOCKS
            place.shown.update(entries.keys())
            place.left_out.update(key for key, entry in entries.items() if not entry.kept)
            place.examples |= entries
    for place in places.values():
        if place.pages >= SLOT_PAGES and not place.crowded:
            most = CONSTANT_SHARE * place.pages
            # a label that is always there says nothing of what stands beside it
            turning = {key: count for key, count in place.shown.items() if count <= most}
            rotating = [key for key, count in turning.items() if count > 1]
            telling = sum(
                count if count > 1 else place.left_out[key] for key, count in turning.items()
            )
            if rotating and telling >= ROTATING_SHARE * sum(turning.values()):
                yield Slot(place.examples[min(rotating)], place.pages)
