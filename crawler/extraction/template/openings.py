"""Lines of a template that open alike on every page and go on with another article's headline:
"Most read: …", "Lire aussi : …".

An article's own paragraphs may open alike too ("LONDON (AP) - …"), so what follows must show that
it is not the article's: it is a link, or the title of another page, or it stands on other pages.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from crawler.extraction.body.corrections import is_correction_note
from crawler.extraction.template.outline import EXAMPLE_CHARACTERS, Entry

OPENING_PAGES = 3
# the share of pages, among those that have the place, with a line that opens so
OPENING_SHARE = 0.3
# the share of these lines that show that they are not their article's
FOREIGN_SHARE = 0.6
MARKS = ":>»→|–—"  # that show where an opening ends; bare words open an article's paragraphs too
BARE_FOREIGN_SHARE = 0.9
MOST_LINES = 3  # of a page that open alike
_TITLE_CHARACTERS = 12  # of a title that tell it from others


@dataclass(frozen=True, slots=True)
class Opening:
    """`key` is the one that entries have for it, `words` how the lines open."""

    key: str
    place: str
    words: str
    pages: int


@dataclass(slots=True)
class _Lines:
    words: str
    place: str
    pages: int = 0
    most: int = 0
    entries: list[Entry] = field(default_factory=list)


def find_openings(
    pages: Sequence[Sequence[Entry]], titles: Set[str], strange: Set[str] = frozenset()
) -> Iterator[Opening]:
    """The openings of lines on pages of different articles; `titles` are the pages', and `strange`
    the keys of lines that a redesign brought, and no article's text had before."""
    spread = Counter(key for page in pages for key in {entry.key for entry in page})
    places: Counter[str] = Counter()
    found: dict[str, _Lines] = {}
    for page in pages:
        places.update({entry.place for entry in page})
        here: dict[str, list[Entry]] = defaultdict(list)
        for entry in page:
            for opening in entry.openings:
                key = entry.opening_key(opening)
                found.setdefault(key, _Lines(opening, entry.place))
                here[key].append(entry)
        for key, entries in here.items():
            lines = found[key]
            lines.pages += 1
            lines.most = max(lines.most, len(entries))
            lines.entries += entries
    begun = {title[:_TITLE_CHARACTERS].casefold() for title in titles if title}
    for key, lines in found.items():
        if (
            lines.pages >= OPENING_PAGES
            and lines.most <= MOST_LINES
            and lines.pages >= OPENING_SHARE * places[lines.place]
            and not is_correction_note(lines.words)
            and len({entry.key for entry in lines.entries}) > 1
            and _are_foreign(lines, spread, begun, strange)
        ):
            yield Opening(key, lines.place, lines.words, lines.pages)


def _are_foreign(lines: _Lines, spread: Counter[str], begun: Set[str], strange: Set[str]) -> bool:
    marked = lines.words.endswith(tuple(MARKS))
    foreign = sum(
        entry.linked
        or _names_a_title(entry, lines.words, begun)
        # a note that many articles share opens as others' own paragraphs do
        or (marked and (spread[entry.key] > 1 or entry.key in strange))
        for entry in lines.entries
    )
    return foreign >= (FOREIGN_SHARE if marked else BARE_FOREIGN_SHARE) * len(lines.entries)


def _names_a_title(entry: Entry, opening: str, begun: Set[str]) -> bool:
    rest = entry.example[len(opening) : EXAMPLE_CHARACTERS].lstrip(f" {MARKS}«\"“'‘-")
    return rest[:_TITLE_CHARACTERS].casefold() in begun
