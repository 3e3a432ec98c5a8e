"""What a redesign brought to pages whose articles were known before it.

A page that was rebuilt has its article's words still. What stands beside them now, and was not in
the article's text before, is the new layout's or an edit. What of it other articles' pages were
brought too is the layout's, though there be many adverts and few pages; so are words that were
furniture before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from crawler.extraction.body.corrections import is_correction_note
from crawler.extraction.template.outline import BlockKind, Entry
from crawler.extraction.template.samples import SampledPage
from crawler.extraction.template.slots import CONSTANT_SHARE, SLOT_BLOCKS, Slot
from crawler.extraction.template.template import Template

PLACE_PAGES = 3  # that tell of a place
# the share of what a place holds, its constant blocks aside, that shows that it is no article's
TELLING = 0.25
# the share of rebuilt pages that were brought what nothing else explains
RESTLESS = 1 / 3


class Rebuilt:
    """`pages` are of one layout, and of different articles. Those that were never rebuilt tell
    nothing here; those that somebody announced as changed only what no article's is."""

    def __init__(self, pages: Sequence[SampledPage]) -> None:
        self._pages = [page for page in pages if page.sample.carried]
        self._controls = [page for page in self._pages if not page.sample.announced]
        carried = (page.sample.carried for page in self._pages)
        shed = (page.sample.shed for page in self._pages)
        self._own = frozenset[str]().union(*carried)
        self._furniture = frozenset[str]().union(*shed) - self._own
        self._brought = Counter(
            key for page in self._controls for key in {it.key for it in self._strange(page)}
        )

    @property
    def strange(self) -> Set[str]:
        """The keys of blocks that came with the redesign, and were in no article's text before."""
        return self._brought.keys()

    def blocks(self, explained: Template) -> dict[str, Entry]:
        """The blocks, by key, that were brought and are the site's: they were its before; or they
        came to several pages, where many were brought something that is not `explained`."""
        restless = 0
        shared: dict[str, Entry] = {}
        known: dict[str, Entry] = {}
        for page in self._controls:
            left = [it for it in self._strange(page) if explained.unwanted(it) is None]
            restless += bool(left)
            shared |= {it.key: it for it in left if self._brought[it.key] > 1}
            known |= {it.key: it for it in left if it.words_key in self._furniture}
        if restless >= RESTLESS * len(self._controls):
            known |= shared
        return {key: it for key, it in known.items() if not is_correction_note(it.example)}

    def places(self) -> Iterator[Slot]:
        """The places that hold nothing of any article, of which some stands on several pages, was
        furniture before, or is shown to be furniture by its page alone: adverts that take turns,
        of which most may be met once so far."""
        places: dict[str, _Place] = defaultdict(_Place)
        for page in self._pages:
            here: dict[str, dict[str, Entry]] = defaultdict(dict)
            for entry in page.entries:
                if entry.kind is BlockKind.HEADING or entry.words_key in self._own:
                    places[entry.place].is_articles = True
                else:
                    here[entry.place][entry.key] = entry
            for path, entries in here.items():
                place = places[path]
                place.pages += 1
                place.controls += not page.sample.announced
                place.is_articles |= len(entries) > SLOT_BLOCKS
                place.shown += entries.values()
        for place in places.values():
            if place.controls >= PLACE_PAGES and not place.is_articles and self._is_sites(place):
                yield Slot(place.shown[0], place.pages)

    def _is_sites(self, place: "_Place") -> bool:
        count = Counter(entry.key for entry in place.shown)
        turning = [
            entry
            for entry in place.shown
            if count[entry.key] <= CONSTANT_SHARE * place.pages
            and not is_correction_note(entry.example)
        ]
        telling = sum(
            count[entry.key] > 1 or not entry.kept or entry.words_key in self._furniture
            for entry in turning
        )
        return bool(telling) and telling >= TELLING * len(turning)

    def _strange(self, page: SampledPage) -> list[Entry]:
        return [
            entry
            for entry in page.entries
            if entry.words_key in page.sample.brought and entry.words_key not in self._own
        ]


@dataclass(slots=True)
class _Place:
    pages: int = 0
    controls: int = 0
    is_articles: bool = False
    shown: list[Entry] = field(default_factory=list)
