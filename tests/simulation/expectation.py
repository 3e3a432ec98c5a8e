"""What Permalien's own schedule comes to, by calculation: storage.revisits, and no crawl.

A crawl of the same year must come to nearly the same, or one of the two is not what it says. What
alarms bring forward and hold back is left out.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage import revisits
from storage.models import AddressKind, ArticleState, Outcome
from storage.revisits import Editing
from tests.simulation.press import FED, SHOWN
from tests.simulation.schedules import Watched
from tests.simulation.truth import OutageKind, Site, Story, Year

_LISTS = (AddressKind.FEED, AddressKind.FRONT, AddressKind.SITEMAP)
_TRIES = 3  # of what is not answered, in one crawl
_UNANSWERED = 5  # in a row, after which a crawl lets the source be
_PAUSE = timedelta(minutes=15)


def by_permalien(year: Year, *, cadence: timedelta, step: timedelta) -> Watched:
    """The looks at the year's stories, and what they find."""
    watched = Watched()
    for site in year.sites:
        _Source(year, site, round(cadence.total_seconds()), watched).live(step)
    return watched


@dataclass(slots=True)
class _Page:
    """What the frontier knows of a story."""

    story: Story
    due_at: datetime
    looked_at: datetime | None = None
    changed_at: datetime | None = None
    away_at: datetime | None = None
    attempts: int = 0
    shown: int | None = None
    seen: set[str] = field(default_factory=set)
    edits: int = 0
    exposure: float = 0.0


class _Source:
    def __init__(self, year: Year, site: Site, cadence: int, watched: Watched) -> None:
        self._year = year
        self._site = site
        self._cadence = cadence
        self._watched = watched
        self._pages: dict[int, _Page] = {}
        self._lists = {
            kind: year.begins for kind in _LISTS if kind is not AddressKind.SITEMAP or site.lastmod
        }
        self._attempts = dict.fromkeys(self._lists, 0)
        self._editing = Editing(0, 0)
        self._quiet_until = year.begins

    def live(self, step: timedelta) -> None:
        at = self._year.begins
        while at < self._year.ends:
            self._crawl(at)
            due_at = min([*self._lists.values(), *(page.due_at for page in self._pages.values())])
            due_at = max(due_at, self._quiet_until, at + timedelta(microseconds=1))
            at = self._year.begins + -((self._year.begins - due_at) // step) * step

    def _crawl(self, at: datetime) -> None:
        if self._site.outage(at) in (OutageKind.REFUSED, OutageKind.UNAVAILABLE):
            self._knock(at)
            return
        for kind, due_at in self._lists.items():
            if due_at <= at:
                self._read_list(kind, at)
        before = self._editing
        edits, exposure = 0, 0.0
        for page in self._pages.values():
            if page.due_at <= at:
                more_edits, more_exposure = self._look(page, at, before)
                edits += more_edits
                exposure += more_exposure
        self._editing = before.plus(edits, exposure)

    def _knock(self, at: datetime) -> None:
        """Ask a site that does not answer, until there is nothing to ask for or it is let be."""
        unanswered = 0
        pages = sorted(self._pages.values(), key=lambda page: page.due_at)
        due = [kind for kind, due_at in self._lists.items() if due_at <= at]
        for _ in range(_TRIES):
            for kind in due:
                self._attempts[kind] += 1
                self._lists[kind] = _retry(at, self._attempts[kind])
                unanswered += 1
                if unanswered >= _UNANSWERED:
                    self._quiet_until = at + _PAUSE
                    return
            for page in pages:
                if page.due_at <= at + revisits.RETRY_HORIZON:
                    page.attempts += 1
                    page.due_at = _retry(at, page.attempts)
                    page.looked_at = at
                    self._watched.requests += 1
                    unanswered += 1
                    if unanswered >= _UNANSWERED:
                        self._quiet_until = at + _PAUSE
                        return

    def _read_list(self, kind: AddressKind, at: datetime) -> None:
        if self._site.outage(at) is OutageKind.EMPTY and kind is not AddressKind.FRONT:
            self._lists[kind] = revisits.after_removal(at, looked_at=None, known=False)
            return
        self._attempts[kind] = 0
        self._lists[kind] = revisits.after_listing(kind, cadence=self._cadence, checked_at=at)
        if self._site.outage(at) is not None:
            return
        listed = self._site.listed(at)
        dated = kind is AddressKind.SITEMAP or (
            kind is AddressKind.FEED and self._site.feed_format == "atom"
        )
        most = {AddressKind.FEED: FED, AddressKind.FRONT: SHOWN}.get(kind, len(listed))
        for story in listed[:most]:
            page = self._pages.get(story.number)
            if page is None:
                self._pages[story.number] = _Page(story, at)
            elif dated and page.looked_at and page.looked_at < story.edition(at).at:
                page.due_at = min(page.due_at, at)

    def _look(self, page: _Page, at: datetime, site: Editing) -> tuple[int, float]:
        """Look at a page that is due; the edits and the exposure that it adds."""
        self._watched.requests += 1
        self._watched.known.setdefault(page.story.number, at)
        last, page.looked_at, page.attempts = page.looked_at, at, 0
        state = page.story.state(at)
        if self._site.outage(at) is OutageKind.EMPTY:
            state = ArticleState.NOT_FOUND
        if state is not ArticleState.LIVE:
            page.due_at = _while_away(page, state, at)
            page.away_at = at
            return 0, 0.0
        version = page.story.version(at)
        self._watched.found.add((page.story.number, version))
        was_there, page.away_at = page.away_at is None, None
        exposure = 0.0
        if page.changed_at is not None and last is not None and was_there:
            exposure = revisits.exposure_of(page.changed_at, last, at)
            page.exposure += exposure
        edited = page.shown is not None and page.shown != version
        wording = page.story.versions[version].wording
        if page.changed_at is None:
            page.changed_at = min(at, page.story.published_at)
        elif edited and wording.text + wording.title not in page.seen:
            page.changed_at = at
            page.edits += 1
        page.seen.add(wording.text + wording.title)
        page.shown = version
        rate = revisits.rate(site, Editing(page.edits, page.exposure))
        page.due_at = revisits.after_look(checked_at=at, changed_at=page.changed_at, rate=rate)
        return int(edited), exposure


def _while_away(page: _Page, state: ArticleState, at: datetime) -> datetime:
    match state:
        case ArticleState.SOFT_404:
            return revisits.after_verdict(Outcome.NOT_FOUND, at)
        case ArticleState.WALLED:
            return revisits.after_verdict(Outcome.PAYWALL, at)
    return revisits.after_removal(at, looked_at=page.away_at, known=page.shown is not None)


def _retry(at: datetime, attempts: int) -> datetime:
    return revisits.after_failure(Outcome.FAILED, attempts=attempts, checked_at=at, soon=True)
