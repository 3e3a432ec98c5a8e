"""What one page teaches of its layout's template."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.extraction.template.outline import Entry
from crawler.extraction.template.skeleton import Skeleton, likeness

MOST_LINES = 40  # of what came or went on a page
_AS_BUILT = 0.7  # how alike a page is that was not rebuilt


@dataclass(frozen=True, slots=True)
class PageSample:
    """A page as it was last fetched, `at`; `outline` as in `Article.outline`.

    `announced`: its publisher said then that it changed; `new`: it was first seen then. `edited`
    are the keys of blocks that an edit brought. `came` and `went` are lines of outlines that came
    and went on the page while nobody announced a change.
    """

    skeleton: Skeleton
    outline: Sequence[str]
    at: datetime | None = None
    announced: bool = False
    new: bool = False
    title: str = ""
    edited: frozenset[str] = frozenset()
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()

    def after(self, before: "PageSample") -> "PageSample":
        """The same with what came and went on the page since it was sampled before."""
        came, went = before.came, before.went
        if not self.announced and likeness(self.skeleton, before.skeleton) >= _AS_BUILT:
            came = _latest(came, _beyond(self.outline, before.outline))
            went = _latest(went, _beyond(before.outline, self.outline))
        return replace(self, edited=self.edited | before.edited, came=came, went=went)


def _beyond(outline: Sequence[str], other: Sequence[str]) -> list[str]:
    known = {Entry.parse(line).key for line in other}
    entries = ((line, Entry.parse(line)) for line in outline)
    return [line for line, entry in entries if entry.kept and entry.key not in known]


def _latest(lines: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*more, *lines]))[:MOST_LINES]
