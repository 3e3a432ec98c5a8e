"""What really happened in a simulated year: the truth that a crawl of it is judged by."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from random import Random

from storage.models import ArticleState


@dataclass(frozen=True, slots=True)
class Wording:
    """What an article says."""

    title: str
    standfirst: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """What extraction must give."""
        return "\n".join((self.standfirst, *self.paragraphs))


@dataclass(frozen=True, slots=True)
class Edition:
    """From `at` on the article says this; an edition may repeat the wording before it."""

    at: datetime
    wording: Wording


@dataclass(frozen=True, slots=True)
class Turn:
    """From `at` on the article's address answers so."""

    at: datetime
    state: ArticleState


@dataclass(frozen=True, slots=True)
class Place:
    """From `at` on the article is at this path; older ones redirect to it."""

    at: datetime
    path: str


@dataclass(frozen=True, slots=True)
class TrueVersion:
    """A wording that readers could see from `begins` until `ends` (None: to this day)."""

    wording: Wording
    begins: datetime
    ends: datetime | None


@dataclass(frozen=True)
class Story:
    """One article's year. `editions`, `turns` and `places` are in order, each never empty; what
    is removed is not edited."""

    number: int
    author: str
    editions: tuple[Edition, ...]
    turns: tuple[Turn, ...]
    places: tuple[Place, ...]

    @property
    def published_at(self) -> datetime:
        return self.editions[0].at

    @cached_property
    def versions(self) -> list[TrueVersion]:
        """Each wording that differs from the one before."""
        changes = [self.editions[0]]
        for edition in self.editions[1:]:
            if edition.wording != changes[-1].wording:
                changes.append(edition)
        ends = [*(edition.at for edition in changes[1:]), None]
        return [
            TrueVersion(edition.wording, edition.at, end)
            for edition, end in zip(changes, ends, strict=True)
        ]

    def edition(self, at: datetime) -> Edition:
        return self.editions[self._index(self._edited, at)]

    def version(self, at: datetime) -> int:
        """Which of `versions` is the latest at that time."""
        return self._index(self._versioned, at)

    def state(self, at: datetime) -> ArticleState:
        return self.turns[self._index(self._turned, at)].state

    def path(self, at: datetime) -> str:
        return self.places[self._index(self._placed, at)].path

    @cached_property
    def _edited(self) -> list[datetime]:
        return [edition.at for edition in self.editions]

    @cached_property
    def _versioned(self) -> list[datetime]:
        return [version.begins for version in self.versions]

    @cached_property
    def _turned(self) -> list[datetime]:
        return [turn.at for turn in self.turns]

    @cached_property
    def _placed(self) -> list[datetime]:
        return [place.at for place in self.places]

    @staticmethod
    def _index(times: Sequence[datetime], at: datetime) -> int:
        return max(0, bisect_right(times, at) - 1)


class OutageKind(StrEnum):
    """How a site that is down answers."""

    REFUSED = "connection refused"
    UNAVAILABLE = "503"
    EMPTY = "404 for everything"


@dataclass(frozen=True, slots=True)
class Outage:
    begins: datetime
    ends: datetime
    kind: OutageKind


@dataclass(frozen=True, slots=True)
class Design:
    """From `at` on the site's pages have this theme; in a roll-out one page after the other, and
    all of them after `roll_out`."""

    at: datetime
    theme: str
    roll_out: timedelta = timedelta(0)

    def has_reached(self, page: int, at: datetime) -> bool:
        """Whether the page with that number is in this design at that time."""
        return self.at + self.roll_out * Random(page).random() <= at


@dataclass(frozen=True)
class Site:
    """A source and all that happened there. `validators`: it answers conditional requests;
    `lastmod`: its sitemap, which only such a site has, tells when an article changed."""

    name: str
    language: str
    validators: bool
    lastmod: bool
    feed_format: str
    designs: tuple[Design, ...]
    outages: tuple[Outage, ...]
    stories: tuple[Story, ...]

    def outage(self, at: datetime) -> OutageKind | None:
        return next((it.kind for it in self.outages if it.begins <= at < it.ends), None)

    def theme(self, at: datetime, page: int) -> str:
        """The theme that the page with that number has at that time."""
        return next(it.theme for it in reversed(self.designs) if it.has_reached(page, at))

    def listed(self, at: datetime) -> list[Story]:
        """What can be read there, the latest first; what is behind a wall is listed too."""
        shown = (ArticleState.LIVE, ArticleState.WALLED)
        return [
            story
            for story in reversed(self.stories)
            if story.published_at <= at and story.state(at) in shown
        ]


@dataclass(frozen=True)
class Year:
    """From `begins` to `ends`; stories may be older."""

    begins: datetime
    ends: datetime
    sites: tuple[Site, ...]
