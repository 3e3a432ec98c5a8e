"""What stands out in a source's days: where a person who watches many sources should look.

Nothing is concluded from few pages, and what is compared is compared with the days before.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from storage.ledger.day_counts import Measure
from storage.models import BrowserNeed, BrowserUse, Source
from storage.review.source_days import Day, DayState, SourceDays, usual_listed

_LEAST: Final = 10  # pages, or readings, of which a share says something
_USUAL: Final = 4  # new pages a day, of which a drop says something
_FEW: Final = 1 / 4  # of the usual number of new pages
_SHORT: Final = 1 / 2  # of the usual length of a text
_LOST: Final = 1 / 5  # of the pages, for one reason
_OTHER: Final = 1 / 2  # of the pages that may be no articles
_UNDATED: Final = 1 / 2  # of the texts
_REMOVED: Final = 1 / 3  # of what was read

_DAYS = {
    DayState.OUTAGE: "outage",
    DayState.IMPAIRED: "impaired",
    DayState.NOT_CRAWLED: "not crawled",
    DayState.NO_LISTING: "no listing read",
}
_LOSSES = {
    Measure.PAGE_FAILED: ("failed", _LOST),
    Measure.PAGE_BLOCKED: ("were blocked", _LOST),
    Measure.PAGE_CHALLENGE: ("were a challenge", _LOST),
    Measure.PAGE_PAYWALL: ("were behind a paywall", _LOST),
    Measure.PAGE_UNREADABLE: ("were unreadable", _LOST),
    Measure.PAGE_NOT_FOUND: ("were not found", _LOST),
    Measure.PAGE_NOT_ARTICLE: ("were no articles", _OTHER),
}


def health_findings(told: SourceDays) -> list[str]:
    """What stands out, a phrase each; empty where all is as usual."""
    return [
        *_bad_days(told.days),
        *_few_pages(told),
        *_lost_pages(told.days),
        *_unusual_texts(told),
        *_browser(told.source),
    ]


def _bad_days(days: Sequence[Day]) -> Iterator[str]:
    states = [(day.state, day.day) for day in days]
    for wanted, word in _DAYS.items():
        dates = [day for state, day in states if state is wanted]
        if len(dates) == 1:
            yield f"{word} on {dates[0]}"
        elif dates:
            yield f"{word} on {len(dates)} days, last on {dates[-1]}"


def _few_pages(told: SourceDays) -> Iterator[str]:
    usual = usual_listed(told.before)
    listed = [day.listed for day in told.days if day.over and day.listings_read]
    if usual is None or usual < _USUAL or not listed:
        return
    now = sum(listed) / len(listed)
    if now < _FEW * usual:
        yield f"{now:,.1f} new pages a day, {usual:,} are usual"


def _lost_pages(days: Sequence[Day]) -> Iterator[str]:
    asked = sum(day.asked for day in days)
    if asked < _LEAST:
        return
    for measure, (phrase, most) in _LOSSES.items():
        lost = _total(days, measure)
        if lost >= most * asked:
            yield f"{lost / asked:.0%} of {asked:,} pages {phrase}"


def _unusual_texts(told: SourceDays) -> Iterator[str]:
    readings = _total(told.days, Measure.READINGS)
    if readings < _LEAST:
        return
    undated = _total(told.days, Measure.UNDATED) / readings
    if undated >= _UNDATED:
        yield f"{undated:.0%} of {readings:,} texts undated"
    before = _total(told.before, Measure.READINGS)
    if before < _LEAST:
        return
    length = _total(told.days, Measure.CHARACTERS) / readings
    usual = _total(told.before, Measure.CHARACTERS) / before
    if length < _SHORT * usual:
        yield f"texts of {length:,.0f} characters, {usual:,.0f} are usual"
    removed, was_removed = _removed(told.days), _removed(told.before)
    if removed >= _REMOVED and removed > 2 * was_removed:
        yield f"{removed:.0%} of the text taken out as the site's own, {was_removed:.0%} is usual"


def _browser(source: Source) -> Iterator[str]:
    if source.browser is not BrowserUse.NEVER and source.browser_need is BrowserNeed.LIKELY:
        yield "its pages need a browser: permalien[browser]"


def _removed(days: Sequence[Day]) -> float:
    removed = _total(days, Measure.REMOVED_CHARACTERS)
    return removed / max(1, removed + _total(days, Measure.CHARACTERS))


def _total(days: Sequence[Day], measure: Measure) -> int:
    return sum(day.counts[measure] for day in days)
