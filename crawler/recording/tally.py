"""What a run has done so far, in numbers."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from storage.frontier.checks import Check
from storage.history.captured_pages import Change
from storage.history.checks import Checked
from storage.models import AddressKind, Outcome

MOST_SOURCES = 100
"""Sources whose failures a run's record tells: those that failed most."""


@dataclass
class Tally:
    """Counts of one run. A page counts under one outcome: the one that its reading gave."""

    requests: int = 0
    bytes: int = 0
    listings: int = 0  # robots.txt, feeds, sitemaps, front and section pages
    discovered: int = 0  # addresses that were not known before
    pages: Counter[Outcome] = field(default_factory=Counter)
    articles: int = 0
    versions: int = 0  # of articles that were known before
    dismissed: int = 0  # articles that proved to be none
    readmitted: int = 0  # of these, those that are articles after all
    failures: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)  # of requests, pages or not
    failures_by_source: Counter[int] = field(default_factory=Counter)  # by its id

    def count_check(self, check: Check, checked: Checked) -> None:
        self.requests += 1
        self.outcomes[checked.outcome] += 1
        self.bytes += len(check.body or b"")
        self.discovered += checked.new_addresses
        if check.kind is not AddressKind.PAGE:
            self.listings += 1
        elif not checked.extract:
            self.pages[checked.outcome] += 1
        if checked.outcome in (Outcome.FAILED, Outcome.BLOCKED):
            self.failures[_kind_of_failure(check.detail)] += 1
            self.failures_by_source[check.source_id] += 1

    def count_change(self, change: Change) -> None:
        unchanged = change is Change.UNCHANGED
        self.pages[Outcome.UNCHANGED if unchanged else Outcome.FETCHED] += 1
        self.articles += change is Change.NEW_ARTICLE
        self.versions += change is Change.NEW_VERSION

    def count_non_article(self, outcome: Outcome) -> None:
        self.pages[outcome] += 1

    def as_document(self) -> dict[str, Any]:
        """The counts as the run's record keeps them."""
        return {
            "requests": self.requests,
            "bytes": self.bytes,
            "listings": self.listings,
            "discovered": self.discovered,
            "pages": {outcome.value: count for outcome, count in sorted(self.pages.items())},
            "new_articles": self.articles,
            "new_versions": self.versions,
            "dismissed": self.dismissed,
            "readmitted": self.readmitted,
            "failures": dict(sorted(self.failures.items())),
            "failures_by_source": {
                str(source_id): count
                for source_id, count in self.failures_by_source.most_common(MOST_SOURCES)
            },
            "outcomes": {outcome.value: count for outcome, count in sorted(self.outcomes.items())},
        }


def _kind_of_failure(detail: str | None) -> str:
    """The part of a failure's detail that many failures share."""
    return (detail or "unknown").partition(":")[0]
