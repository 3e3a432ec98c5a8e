"""Where a layout's pages have their bylines: the places at which their authors' names stand.

A page names its authors in its metadata, by marks that many sites share, or in words; where it
does none of these, or the marks stand on other articles' authors too, the place tells.
"""

from collections import Counter
from collections.abc import Iterable, Sequence, Set

from crawler.extraction.metadata.labels import Label
from crawler.extraction.page.wording import squash

AGREEING_PAGES = 2
AGREEING = 0.8  # of the pages that have something there
MOST_PLACES = 20


UNDECLARED = "?"


def bylines_of(
    labels: Iterable[Label], authors: Iterable[str], *, declared: bool
) -> tuple[str, ...]:
    """The places of labels, after a + where the name of one of the page's authors stands, after a -
    where something else does; none where no label has one. `UNDECLARED` is with them where the
    page declares nobody."""
    marks = () if declared else (UNDECLARED,)
    names = {squash(name) for name in authors}
    by_place: dict[str, bool] = {}
    for label in labels:
        agrees = any(squash(name) in names for name in label.names)
        by_place[label.place] = by_place.get(label.place, False) or agrees
    if not any(by_place.values()):
        return marks
    places = (f"{'+' if agrees else '-'}{place}" for place, agrees in by_place.items())
    return (*marks, *places)


def learn_byline(pages: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The places that hold authors' names on nearly all pages that have something there; none
    where each page declares its authors, and nothing is to be read there."""
    if not any(UNDECLARED in page for page in pages):
        return ()
    met: Counter[str] = Counter()
    agreeing: Counter[str] = Counter()
    for page in pages:
        for place in set(page) - {UNDECLARED}:
            met[place[1:]] += 1
            agreeing[place[1:]] += place.startswith("+")
    found = [
        place
        for place, pages_of in agreeing.items()
        if pages_of >= AGREEING_PAGES and pages_of >= AGREEING * met[place]
    ]
    found.sort(key=lambda place: (-agreeing[place], place))
    return tuple(sorted(found[:MOST_PLACES]))


def authors_at(places: Set[str], labels: Iterable[Label]) -> tuple[str, ...]:
    """The names at these places, in page order, none twice."""
    names = (name for label in labels if label.place in places for name in label.names)
    distinct: dict[str, str] = {}
    for name in names:
        distinct.setdefault(squash(name), name)
    return tuple(distinct.values())
