"""What a re-extraction changes, told in numbers and a few examples of each field."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from storage.history.reading_changes import ReadingChange
from storage.history.reextractions import Progress

MOST_EXAMPLES: Final = 20  # a field,
MOST_OF_A_SOURCE: Final = 5  # and of these of one source


@dataclass(frozen=True, slots=True)
class Example:
    """A field that another reading changes, in one version of one article."""

    source: str
    url: str
    version: int
    field: str
    before: object
    after: object


@dataclass(slots=True)
class ChangeReport:
    """How far it is, and what changes: versions by source, fields by source, and the first examples
    of each field."""

    progress: Progress = field(default_factory=lambda: Progress(0))
    sources: Counter[str] = field(default_factory=Counter)
    fields: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: list[Example] = field(default_factory=list)
    _shown: Counter[str] = field(default_factory=Counter)

    def add(self, progress: Progress, changes: Sequence[ReadingChange]) -> None:
        """It has come so far, by these changes."""
        self.progress = progress
        for change in changes:
            self.sources[change.source] += 1
            self.fields[change.source].update(change.fields.keys())
            for name, (before, after) in change.fields.items():
                of_source = self.fields[change.source][name]
                if self._shown[name] < MOST_EXAMPLES and of_source <= MOST_OF_A_SOURCE:
                    self._shown[name] += 1
                    self.examples.append(
                        Example(change.source, change.url, change.version, name, before, after)
                    )

    def first_examples(self, most: int) -> Iterator[Example]:
        """So many of each field."""
        told: Counter[str] = Counter()
        for example in self.examples:
            told[example.field] += 1
            if told[example.field] <= most:
                yield example
