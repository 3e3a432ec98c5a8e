"""When pages would be looked at by a schedule, and what of the truth that would find: no network,
no database."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.simulation.judgement import StoryVersion, is_shown
from tests.simulation.truth import Site, Story, Year

Delay = Callable[[timedelta], timedelta | None]
"""How long to wait between two looks at what has not changed for that long; None: for ever."""


def newsdiffs(quiet: timedelta) -> timedelta | None:
    """NewsDiffs' own: get_update_delay in website/frontend/management/commands/scraper.py, as of
    https://github.com/NewsDiffs/newsdiffs."""
    if quiet < timedelta(hours=3):
        return timedelta(minutes=15)
    if quiet < timedelta(days=1):
        return timedelta(hours=1)
    if quiet < timedelta(days=7):
        return timedelta(hours=3)
    if quiet < timedelta(days=30):
        return timedelta(days=3)
    if quiet < timedelta(days=360):
        return timedelta(days=30)
    return None


@dataclass(slots=True)
class Watched:
    """How many requests for pages, when each story's page was first asked for, and what was
    found."""

    requests: int = 0
    known: dict[int, datetime] = field(default_factory=dict)
    found: set[StoryVersion] = field(default_factory=set)


def by_age(year: Year, known: dict[int, datetime], delay: Delay, *, step: timedelta) -> Watched:
    """A schedule that goes by the time since the last change that it saw.

    `known` is when each story was first heard of. Every `step` of the year it looks at what was
    not looked at for as long as `delay` says, and where a page is away or the site down it tries
    again as if it had found no change, as NewsDiffs does.
    """
    watched = Watched()
    for site in year.sites:
        for story in site.stories:
            if story.number in known:
                _watch(year, site, story, known[story.number], delay, step, watched)
    return watched


def _watch(
    year: Year,
    site: Site,
    story: Story,
    known_at: datetime,
    delay: Delay,
    step: timedelta,
    watched: Watched,
) -> None:
    at, changed_at, shown = known_at, known_at, None
    while at < year.ends:
        watched.requests += 1
        if is_shown(site, story, at):
            version = story.version(at)
            if version != shown:
                watched.found.add((story.number, version))
                changed_at, shown = at, version
        following = _next_look(at, changed_at, delay, step)
        if following is None:
            return
        at = following


def _next_look(
    looked_at: datetime, changed_at: datetime, delay: Delay, step: timedelta
) -> datetime | None:
    """The first step at which the time since the last look is as long as the delay then is.

    The delay only grows, so that it is met at the latest one that it has on the way.
    """
    at = looked_at + step
    while (wait := delay(at - changed_at)) is not None:
        if at - looked_at >= wait:
            return at
        at += -((at - looked_at - wait) // step) * step
    return None
