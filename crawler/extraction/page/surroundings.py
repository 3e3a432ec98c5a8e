"""The part of a page around its heading, where news puts its byline and its date."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, takewhile

from lxml import etree
from lxml.html import HtmlElement

from crawler.extraction.page.wording import squeeze

AFTER = 80
BEFORE = 40
MAX_HEADINGS = 100
NOT_SHOWN = ("script", "style", "template", "noscript")
# into an element and out of one, while looking for its text
MAX_STEPS = 1_000
# how much white space may stand before the text that counts
MAX_INDENT = 1_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Elements in document order."""

    before: Sequence[HtmlElement] = ()
    after: Sequence[HtmlElement] = ()

    def __iter__(self) -> Iterator[HtmlElement]:
        """Those after the heading first, then those before it, nearest first."""
        yield from self.after
        yield from reversed(self.before)


def around_heading(tree: HtmlElement, title: str) -> Surroundings:
    """What stands around the highest heading that shows `title`, else around the first h1."""
    ranks = [[*islice(tree.iter(rank), MAX_HEADINGS)] for rank in ("h1", "h2", "h3")]
    showing = (heading for rank in ranks for heading in rank if _shows(heading, title))
    heading = next(chain(showing, ranks[0]), None)
    if heading is None:
        return Surroundings()
    elements = tree.iter(etree.Element)
    before = deque(takewhile(lambda element: element is not heading, elements), BEFORE)
    inside = sum(1 for _ in heading.iter(etree.Element)) - 1
    return Surroundings([*before], [*islice(elements, inside, inside + AFTER)])


def _shows(heading: HtmlElement, title: str) -> bool:
    return bool(title) and title in short_text(heading, 2 * len(title) + 200)


def short_text(element: HtmlElement, limit: int) -> str:
    """The text that `element` shows with white space squeezed; of `limit` characters or a few more,
    and of its first elements."""
    if not len(element):
        return (
            "" if element.tag in NOT_SHOWN else squeeze((element.text or "")[: limit + MAX_INDENT])
        )
    parts: list[str] = []
    size = 0
    for part in _shown(element):
        parts.append(part[: limit + MAX_INDENT])
        size += len(part)
        if size > limit:
            break
    return squeeze("".join(parts))


def _shown(element: HtmlElement) -> Iterator[str]:
    """The pieces of text in `element`, lazily: a page may nest as many elements as it likes."""
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in islice(walk, MAX_STEPS):
        if event == "end":
            if node is not element and node.tail:
                yield node.tail
        elif node.tag in NOT_SHOWN:
            walk.skip_subtree()
        elif node.text:
            yield node.text
