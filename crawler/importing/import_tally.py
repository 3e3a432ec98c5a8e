"""What an import has done so far, in numbers, and how it ended."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from crawler.importing.captures import Unwanted
from storage.history.captured_pages import Change
from storage.history.imports import Place
from storage.models import Outcome, RunEnd

MOST_DAMAGE: Final = 100
"""Places of damage that are told in full."""


@dataclass(frozen=True, slots=True)
class FileDamage:
    """A part of a file that was not taken; no `offset` for what is no WARC file at all."""

    file: str
    offset: int | None
    why: str


@dataclass(slots=True)
class Tally:
    """What an import has done: captures by what became of them, what they meant, what was not
    taken."""

    captures: int = 0
    places: Counter[Place] = field(default_factory=Counter)
    unwanted: Counter[Unwanted] = field(default_factory=Counter)
    elsewhere: Counter[str] = field(default_factory=Counter)
    """Captures of hosts that were not asked for, or are no source's, by host."""
    outside: int = 0
    articles: int = 0
    versions: int = 0
    unchanged: int = 0
    non_articles: Counter[Outcome] = field(default_factory=Counter)
    damaged: int = 0
    damage: list[FileDamage] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)
    new_sources: set[str] = field(default_factory=set)

    def count_change(self, change: Change) -> None:
        self.articles += change is Change.NEW_ARTICLE
        self.versions += change is Change.NEW_VERSION
        self.unchanged += change is Change.UNCHANGED

    def as_document(self) -> dict[str, object]:
        """The counts as the run's record keeps them."""
        return {
            "captures": self.captures,
            "new_articles": self.articles,
            "new_versions": self.versions,
            "unchanged": self.unchanged,
            "pages": {it.value: count for it, count in sorted(self.non_articles.items())},
            "captured": {it.value: count for it, count in sorted(self.places.items())},
            "passed_over": {it.value: count for it, count in sorted(self.unwanted.items())},
            "elsewhere": self.outside,
            "damaged": self.damaged,
        }


@dataclass(frozen=True, slots=True)
class Imported:
    """How an import ended. `error` is what stopped it, if something did."""

    run_id: int
    how: RunEnd
    tally: Tally
    seconds: float
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: the file, bytes of it that were read and that it has; where those are
    all read, sources that are done and that there are."""

    file: str
    done: int
    whole: int
    captures: int
