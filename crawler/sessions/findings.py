"""What a source session finds, until it is judged."""

from collections.abc import Set
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime

from crawler.reading.worker import NoArticle, Read
from storage.frontier.checks import Check


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that was fetched and read; `is_new` where no article was known there. Of a page
    that differs, `article_id` is the article that is known there."""

    fetch_id: int
    address_id: int
    fetched_at: datetime
    result: Read | NoArticle
    is_new: bool = False
    article_id: int | None = None


@dataclass(slots=True)
class Findings:
    """What a session found, by address: which were asked, which are articles that are as they were
    by their bytes, which a listing announced as changed and which were picked at random; pages
    that were read and recorded, those that differ, and articles that are away; pages of articles
    that were dismissed and that differ. `asked_controls` and
    `asked_listings`: such were asked for already. `at_once`: these pages were modified when the
    whole site was built, by what listings say."""

    asked: set[int] = field(default_factory=set)
    unchanged: set[int] = field(default_factory=set)
    announced: set[int] = field(default_factory=set)
    picked: set[int] = field(default_factory=set)
    controls: dict[int, Seen] = field(default_factory=dict)
    deferred: dict[int, Seen] = field(default_factory=dict)
    away: dict[int, Check] = field(default_factory=dict)
    dismissed: dict[int, Seen] = field(default_factory=dict)
    asked_controls: bool = False
    asked_listings: bool = False
    at_once: set[int] = field(default_factory=set)

    def as_of_now(self) -> "Findings":
        """The same, to be judged while more is found: what is found from now on is not in it."""
        parts = {it.name: copy(getattr(self, it.name)) for it in fields(self)}
        return Findings(**parts)

    @property
    def known(self) -> set[int]:
        """The articles' pages that were looked at, but for new ones."""
        read = {address_id for address_id, seen in self.controls.items() if not seen.is_new}
        return self.unchanged | read | self.deferred.keys()

    @property
    def told_apart(self) -> Set[int]:
        """The pages that were announced as changed, where that tells them from others."""
        return self.announced - self.at_once

    def announce(self, late: Set[int]) -> None:
        """Listings announced these pages too. Those of them that were picked at random are no
        control pages then; but they are where no page that was looked at goes unannounced, for
        such listings don't tell pages apart."""
        self.announced |= late
        if self.known - self.announced:
            self.picked -= late

    @property
    def unannounced(self) -> int:
        """How many pages differ that nobody announced as changed."""
        return len(self.deferred.keys() - self.announced)
