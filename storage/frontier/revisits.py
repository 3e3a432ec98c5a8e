"""When to look again: the one place that decides due times.

What changed lately is likely to change again, and the longer a page has been quiet the longer it
will be: edits come at a rate that falls with the time since the last one, about as 1/t, so that
each doubling of that time brings as many as the one before. In the logarithm of the quiet time
their rate is constant, and it is learned: for each site from its edits, for each article from its
own too, by the mean of a gamma prior updated with Poisson counts (Gelman et al., Bayesian Data
Analysis, section 2.6). A page is looked at when EXPECTED edits are to be expected since the last
look. Nothing is ever given up: what is gone may return.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log

from storage.models import AddressKind, Outcome

SOONEST = timedelta(minutes=15)
SLOWEST = timedelta(days=30)
EXPECTED = 0.02
"""Edits since the last look for which another one is worth it: docs/revisits.md."""

_TYPICAL_RATE = 0.1  # edits for each e-fold of the quiet time, of a site nothing is known of
_SITE_WEIGHT = 20.0  # exposure that it takes to believe a site's own count as much
_ARTICLE_WEIGHT = 5.0  # and an article's; a year of it has an exposure of 10
MOST_EXPOSURE = 5_000.0
"""Of a site: more is halved with its edits, so that what was long ago weighs less."""

_AWAY = timedelta(hours=1)
_NEVER_THERE = timedelta(days=1)
_WALL = timedelta(hours=6)
_SHORT_BACKOFF = (timedelta(seconds=5), timedelta(seconds=20))
_LONG_BACKOFF = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72))
_CADENCE_FACTOR = {  # times the source's cadence
    AddressKind.FEED: 1,
    AddressKind.FRONT: 2,
    AddressKind.SITEMAP: 4,
    AddressKind.SECTION: 8,
}
_ROBOTS = timedelta(days=1)  # RFC 9309, section 2.4
_QUIET_SITEMAP = 8
_SLOWEST_SITEMAP = timedelta(days=7)
LONGEST_RETRY_AFTER = timedelta(days=7)
"""What a server may ask for; more is cut, and told."""
RETRY_HORIZON = timedelta(seconds=60)
"""A run waits for a retry that is due within this time; later ones are the next run's."""


@dataclass(frozen=True, slots=True)
class EditStats:
    """How much something was edited: `edits` in an `exposure`, the sum of the e-folds of quiet
    time over which it was watched (`exposure_of`)."""

    edits: float
    exposure: float

    def plus(self, edits: float, exposure: float) -> "EditStats":
        """With that much more, and the half of both where that is more than MOST_EXPOSURE."""
        total = EditStats(self.edits + edits, self.exposure + exposure)
        if total.exposure <= MOST_EXPOSURE:
            return total
        return EditStats(total.edits / 2, total.exposure / 2)


def exposure_of(changed_at: datetime, since: datetime, until: datetime) -> float:
    """The e-folds by which the quiet time of what last changed at `changed_at` grew between two
    looks; 0 where there is no time between them."""
    return max(0.0, log(_quiet(changed_at, until) / _quiet(changed_at, since)))


def rate(site: EditStats, article: EditStats) -> float:
    """Edits of the article to expect for each e-fold of quiet time."""
    of_site = _mean(site, _TYPICAL_RATE, _SITE_WEIGHT)
    return _mean(article, of_site, _ARTICLE_WEIGHT)


def after_look(*, checked_at: datetime, changed_at: datetime, rate: float) -> datetime:
    """When to look again at a page whose content last changed at `changed_at`."""
    growth = exp(min(EXPECTED / rate, 20.0)) - 1  # 20: beyond any bound, and no overflow
    wait = min(_quiet(changed_at, checked_at) * growth, SLOWEST.total_seconds())
    return checked_at + max(timedelta(seconds=wait), SOONEST)


def after_listing(
    kind: AddressKind, *, cadence: int, checked_at: datetime, changed_at: datetime | None = None
) -> datetime:
    """When to look again at what lists pages; `cadence` is the source's, in seconds.

    Many a site keeps a sitemap for each day there was: one that has not changed for long is looked
    at ever less often. What an index says of it brings it back at once.
    """
    if kind is AddressKind.ROBOTS:
        return checked_at + _ROBOTS
    wait = timedelta(seconds=cadence * _CADENCE_FACTOR[kind])
    if kind is AddressKind.SITEMAP and changed_at is not None:
        quiet = (checked_at - changed_at) / _QUIET_SITEMAP
        wait = max(wait, min(quiet, _SLOWEST_SITEMAP))
    return checked_at + wait


def longest_wait(*, cadence: int) -> timedelta:
    """No address is ever due later than this after it was looked at; `cadence` is its source's."""
    slowest = max(_CADENCE_FACTOR.values()) * timedelta(seconds=cadence)
    return max(SLOWEST, slowest, LONGEST_RETRY_AFTER)


def after_removal(checked_at: datetime, *, looked_at: datetime | None, known: bool) -> datetime:
    """When to look again at a page that answered that it is not there: soon, since it may be a
    mistake, then after twice as long each time. `looked_at` is when it last answered so, None
    for the first time; `known` says that it was there once."""
    first = _AWAY if known else _NEVER_THERE
    wait = first if looked_at is None else max(first, 2 * (checked_at - looked_at))
    return checked_at + min(wait, SLOWEST)


def after_non_article(outcome: Outcome, checked_at: datetime) -> datetime:
    """When to look again at a page that was fetched and turned out to be no article."""
    return checked_at + (timedelta(days=7) if outcome is Outcome.NOT_FOUND else SLOWEST)


def after_wall(checked_at: datetime, *, since: datetime | None) -> datetime:
    """When to look again at a page that something stands before: soon, since it may be gone in a
    day, then after twice as long each time. `since` is when the article was last seen, or else
    when the page was first looked at; None for now."""
    wait = max(_WALL, checked_at - (since or checked_at))
    return checked_at + min(wait, SLOWEST)


def after_failure(outcome: Outcome, *, attempts: int, checked_at: datetime, soon: bool) -> datetime:
    """When to try again after `attempts` failures in a row (1 or more).

    `soon` is False for a failure that a few seconds cannot mend: no such host, a bad certificate.
    """
    passing = soon and outcome is Outcome.FAILED
    steps = (_SHORT_BACKOFF if passing else ()) + _LONG_BACKOFF
    return checked_at + steps[min(attempts, len(steps)) - 1]


def _quiet(changed_at: datetime, at: datetime) -> float:
    """Seconds since the last change, SOONEST more so that the first of them weigh no more than
    can be seen."""
    return max(0.0, (at - changed_at).total_seconds()) + SOONEST.total_seconds()


def _mean(seen: EditStats, prior: float, weight: float) -> float:
    return (seen.edits + prior * weight) / (seen.exposure + weight)
