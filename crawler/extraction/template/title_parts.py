"""What a site adds to its pages' titles: parts after the last separator that its titles share.

One page names its site in its metadata, or it does not; several pages show what they have alike.
"""

from collections import defaultdict
from collections.abc import Iterable, Set
from itertools import islice

from crawler.extraction.metadata.titles import SEPARATOR
from crawler.extraction.page.wording import squash

MINIMUM_TITLES = 4
SHARED_BY = 3  # titles that have a part in common by no accident
NEARLY_ALL = 0.8  # of the titles must have such parts: a column has its name on some
MOST_PARTS = 3  # of a title: site, section, subsection
MOST_LEARNED = 50
MOST_SEPARATORS = 50


def learn_title_parts(titles: Iterable[str]) -> tuple[str, ...]:
    """The parts, as `squash` has them, that the site adds to these titles."""
    left = sorted({title for title in titles if title})
    found: set[str] = set()
    for _ in range(MOST_PARTS):
        if len(left) < MINIMUM_TITLES:
            break
        heads: defaultdict[str, set[str]] = defaultdict(set)
        for title in left:
            head, tail = _parted(title)
            if tail:
                heads[tail].add(squash(head))
        shared = {tail: len(its) for tail, its in heads.items() if len(its) >= SHARED_BY}
        if sum(shared.values()) < NEARLY_ALL * len(left):
            break
        found |= shared.keys()
        left = [_parted(title)[0] for title in left if _parted(title)[1] in shared]
    return tuple(sorted(found)[:MOST_LEARNED])


def without_title_parts(title: str, parts: Set[str]) -> str:
    """The title less what the site adds to it; a title of nothing else stays."""
    for _ in range(MOST_PARTS):
        head, tail = _parted(title)
        if tail not in parts or not squash(head):
            break
        title = head
    return title


def _parted(title: str) -> tuple[str, str]:
    """What stands before the last separator, and the part behind it, squashed; "" for none."""
    separators = [*islice(SEPARATOR.finditer(title), MOST_SEPARATORS)]
    if not separators:
        return title, ""
    return title[: separators[-1].start()], squash(title[separators[-1].end() :])
