"""When to look again: the one place that decides due times.

A page that changed lately is likely to change again, so the time to the next check grows with the
time since the last change. Nothing is ever given up: what is gone may return.
"""

from datetime import datetime, timedelta

from storage.models import AddressKind, Outcome

_PAGE_STEPS = (  # (unchanged for less than, look again after)
    (timedelta(hours=1), timedelta(minutes=15)),
    (timedelta(hours=6), timedelta(hours=1)),
    (timedelta(days=1), timedelta(hours=3)),
    (timedelta(days=7), timedelta(days=1)),
    (timedelta(days=30), timedelta(days=7)),
)
_SLOWEST = timedelta(days=30)
_REMOVED = timedelta(days=7)
_SHORT_BACKOFF = (timedelta(seconds=5), timedelta(seconds=20))
_LONG_BACKOFF = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72))
_CADENCE_FACTOR = {  # times the source's cadence
    AddressKind.FEED: 1,
    AddressKind.FRONT: 2,
    AddressKind.SITEMAP: 4,
    AddressKind.SECTION: 8,
    AddressKind.ROBOTS: 96,
}
LONGEST_RETRY_AFTER = timedelta(days=1)
RETRY_HORIZON = timedelta(seconds=60)
"""A run waits for a retry that is due within this time; later ones are the next run's."""


def after_success(
    kind: AddressKind, *, cadence: int, checked_at: datetime, changed_at: datetime
) -> datetime:
    """When to look again at what was fetched; `cadence` is the source's, in seconds."""
    if kind is not AddressKind.PAGE:
        return checked_at + timedelta(seconds=cadence * _CADENCE_FACTOR[kind])
    return after_change(checked_at=checked_at, changed_at=changed_at)


def after_change(*, checked_at: datetime, changed_at: datetime) -> datetime:
    """When to look again at a page whose content last changed at `changed_at`."""
    quiet = checked_at - changed_at
    step = next((after for limit, after in _PAGE_STEPS if quiet < limit), _SLOWEST)
    return checked_at + step


def after_removal(checked_at: datetime) -> datetime:
    """When to look again at a page that answered that it is not there."""
    return checked_at + _REMOVED


def after_verdict(outcome: Outcome, checked_at: datetime) -> datetime:
    """When to look again at a page that was fetched and turned out to be no article."""
    if outcome is Outcome.CHALLENGE:
        return checked_at + _LONG_BACKOFF[1]
    return checked_at + (_REMOVED if outcome is Outcome.NOT_FOUND else _SLOWEST)


def after_failure(outcome: Outcome, *, attempts: int, checked_at: datetime, soon: bool) -> datetime:
    """When to try again after `attempts` failures in a row (1 or more).

    `soon` is False for a failure that a few seconds cannot mend: no such host, a bad certificate.
    """
    passing = soon and outcome is Outcome.FAILED
    steps = (_SHORT_BACKOFF if passing else ()) + _LONG_BACKOFF
    return checked_at + steps[min(attempts, len(steps)) - 1]
