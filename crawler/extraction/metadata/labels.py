"""The short texts below a page's heading, each with its place and the names in it.

One of them is the byline. Which one, a page may not say; the site's other pages show it
(template.byline).
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.metadata.authors import is_house, names_in_piece
from crawler.extraction.metadata.moments import find_moments
from crawler.extraction.metadata.person_names import is_role
from crawler.extraction.page.surroundings import NOT_SHOWN, Surroundings
from crawler.extraction.page.wording import squeeze

MOST_LABELS = 15
MAX_LABEL = 60
# characters with which the article's own text begins
PROSE = 120
_LEVELS = 3
_MAX_CLASS = 200


@dataclass(frozen=True, slots=True)
class Label:
    """`place` is the element's path: its tag and classes and those of two around it."""

    place: str
    names: tuple[str, ...]


def labels_below(near: Surroundings, sites: Set[str]) -> tuple[Label, ...]:
    """What stands between the heading and the text; `sites` are the site's names, squashed."""
    return tuple(
        Label(_place(element), _names(text, sites))
        for element, text in islice(_short_texts(near), MOST_LABELS)
    )


def _names(text: str, sites: Set[str]) -> tuple[str, ...]:
    if len(text) > MAX_LABEL:
        return ()
    names = names_in_piece(text, announced=True, short=not any(find_moments(text)))
    return () if any(is_house(name, sites) or is_role(name) for name in names) else tuple(names)


def _short_texts(near: Surroundings) -> Iterator[tuple[HtmlElement, str]]:
    for element in near.after:
        pieces = ((element, element.text), (element.getparent(), element.tail))
        for holder, piece in pieces[element.tag in NOT_SHOWN :]:
            text = squeeze((piece or "")[: 2 * PROSE])
            if len(text) > PROSE:
                return
            if text and holder is not None:
                yield holder, text


def _place(element: HtmlElement) -> str:
    around = [element, *islice(element.iterancestors(), _LEVELS - 1)]
    steps = (
        ".".join((str(it.tag), *sorted((it.get("class") or "")[:_MAX_CLASS].split())))
        for it in around
    )
    return "/".join(reversed([*steps]))
