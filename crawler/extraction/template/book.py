"""All that is known of a source's templates: its layouts, and the template of each.

A page's own skeleton chooses its layout. A redesign is a new layout beside the old one; two may be
served side by side for as long as the publisher likes.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final
from zlib import crc32

from crawler.extraction.template.learning import TemplateLearner
from crawler.extraction.template.samples import PageSample
from crawler.extraction.template.skeleton import Skeleton, likeness
from crawler.extraction.template.template import NO_TEMPLATE, Decision, Template

SAME_LAYOUT: Final = 0.4
"""How alike a page's skeleton and a layout's must be. Pages of one publisher's template are alike
by 0.45 to 1, those of two templates by 0.05 at most, measured on 55 pages of 11 publishers."""


_DIGEST_CHARACTERS = 55


@dataclass(frozen=True)
class Layout:
    """A cluster of pages that are built alike; `skeleton` is that of the page it was found by,
    empty for pages that are of no other layout. Readings do not name one whose key is empty."""

    key: str
    skeleton: Skeleton
    template: Template = NO_TEMPLATE


@dataclass(frozen=True)
class TemplateBook:
    """The layouts of a source, in the order they were found."""

    layouts: tuple[Layout, ...] = ()
    moment: datetime | None = None

    def at(self, moment: datetime | None) -> "TemplateBook":
        """The templates of pages fetched then; of pages of no known time for None."""
        return replace(self, moment=moment)

    def layout_of(self, skeleton: Skeleton) -> Layout | None:
        """The layout that the page is likest to, the first found of several; else the one of pages
        that are of no other layout, where there is such a one."""
        if skeleton not in self._chosen:
            likest = max(self.layouts, key=lambda it: likeness(it.skeleton, skeleton), default=None)
            if likest is not None and likeness(likest.skeleton, skeleton) < SAME_LAYOUT:
                likest = self._rest
            self._chosen[skeleton] = likest
        return self._chosen[skeleton]

    def chosen(self, skeleton: Skeleton) -> tuple[str, Template]:
        """The key of a page's layout, and its template then; "" and one that knows nothing for a
        page of no known layout."""
        layout = self.layout_of(skeleton)
        if layout is None:
            return "", NO_TEMPLATE
        return layout.key, layout.template.at(self.moment)

    def reading_name(self, key: str, moment: datetime) -> str:
        """What readings of pages of that layout, fetched then, name their template by; "" for no
        layout."""
        layout = next((it for it in self.layouts if it.key == key), None)
        return "" if layout is None else reading_name(key, layout.template.at(moment))

    def refreshed(
        self, samples: Sequence[PageSample], decisions: Mapping[str, Decision]
    ) -> "TemplateBook":
        """What is known after these pages too, with an operator's decisions by key."""
        book = self.with_layouts_of(samples)
        titles = frozenset(sample.title for sample in samples if sample.title)
        by_layout: dict[str, list[PageSample]] = defaultdict(list)
        for sample in samples:
            layout = book.layout_of(sample.skeleton)
            if layout is not None:
                by_layout[layout.key].append(sample)
        return replace(
            book,
            layouts=tuple(
                _learned(it, by_layout[it.key], decisions, titles) for it in book.layouts
            ),
        )

    def with_layouts_of(self, samples: Iterable[PageSample]) -> "TemplateBook":
        """The same with a layout for each page that is of none yet. It begins with what is known of
        pages of no other layout."""
        book = self
        for sample in samples:
            layout = book.layout_of(sample.skeleton)
            if sample.skeleton and (layout is None or layout is book._rest):
                template = NO_TEMPLATE if layout is None else layout.template
                found = Layout(_key(sample.skeleton), sample.skeleton, template)
                book = TemplateBook((*book.layouts, found), book.moment)
        return book

    def to_json(self) -> str:
        """Canonical JSON: equal books give equal strings."""
        rows = [
            [it.key, list(it.skeleton), json.loads(it.template.to_json())] for it in self.layouts
        ]
        moment = self.moment and self.moment.isoformat()
        return json.dumps({"layouts": rows, "moment": moment}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "TemplateBook":
        """Raises ValueError for what `to_json` cannot have written."""
        try:
            data = json.loads(text)
            layouts = tuple(
                Layout(str(key), tuple(map(int, skeleton)), Template.from_json(json.dumps(learned)))
                for key, skeleton, learned in data["layouts"]
            )
            moment = data["moment"]
            return cls(layouts, moment and datetime.fromisoformat(moment))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no templates: {error}") from error

    @cached_property
    def _rest(self) -> Layout | None:
        return next((layout for layout in self.layouts if not layout.skeleton), None)

    @cached_property
    def _chosen(self) -> dict[Skeleton, Layout | None]:
        return {}


def _learned(
    layout: Layout,
    samples: Sequence[PageSample],
    decisions: Mapping[str, Decision],
    titles: Set[str],
) -> Layout:
    learner = TemplateLearner(layout.template, titles)
    for sample in samples:
        learner.add(sample)
    template = learner.template() if samples else layout.template
    return replace(layout, template=template.decide(decisions))


def reading_name(key: str, template: Template) -> str:
    """What a reading names its template by: the layout's key and what the template removes."""
    return f"{key}-{template.digest[:_DIGEST_CHARACTERS]}" if key else template.digest


def layout_of_reading(name: str) -> str:
    """The key of the layout in such a name."""
    return name.partition("-")[0] if "-" in name else ""


def _key(skeleton: Skeleton) -> str:
    return f"{crc32(','.join(map(str, skeleton)).encode()):08x}"
