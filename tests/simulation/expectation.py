"""What Permalien's own schedule comes to, by calculation: storage.frontier.revisits, and no crawl.

A crawl of the same year must come to nearly the same, or one of the two is not what it says.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.extraction.article import TextBlock
from crawler.judging.comparison import compare
from crawler.judging.judgement import CONTROLS
from crawler.judging.pages import PageText
from storage.frontier import revisits
from storage.frontier.revisits import EditStats
from storage.models import AddressKind, ArticleState, Outcome
from tests.simulation.press import FED, SHOWN
from tests.simulation.schedules import Watched
from tests.simulation.truth import Edition, OutageKind, Site, Story, Wording, Year

ENOUGH = 3  # other pages, which need no more of them
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
    """What the frontier knows of an address; `shown` is what it showed when it last was there."""

    story: Story
    path: str
    due_at: datetime
    looked_at: datetime | None = None
    changed_at: datetime | None = None
    open_at: datetime | None = None  # when it was last seen, or else first looked at
    is_away: bool = False
    attempts: int = 0
    shown: Edition | None = None
    edits: int = 0
    exposure: float = 0.0


@dataclass(slots=True)
class _Turn:
    """What one crawl adds to what is known of a source; `odd`: other pages are to be looked at."""

    edits: int = 0
    exposure: float = 0.0
    odd: bool = False


class _Source:
    def __init__(self, year: Year, site: Site, cadence: int, watched: Watched) -> None:
        self._year = year
        self._site = site
        self._cadence = cadence
        self._watched = watched
        self._pages: dict[str, _Page] = {}
        self._said: dict[int, set[Wording]] = defaultdict(set)
        self._lists = dict.fromkeys((AddressKind.FEED, AddressKind.FRONT), year.begins)
        if site.lastmod:
            self._lists[AddressKind.SITEMAP] = year.begins
        # What each showed, and since when.
        self._shown: dict[AddressKind, tuple[list[tuple[int, datetime]], datetime]] = {}
        self._attempts = dict.fromkeys(self._lists, 0)
        self._editing = EditStats(0, 0)
        self._quiet_until = year.begins

    def live(self, step: timedelta) -> None:
        at = self._year.begins
        while at < self._year.ends:
            if self._site.outage(at) in (OutageKind.REFUSED, OutageKind.UNAVAILABLE):
                self._knock(at)
            else:
                self._crawl(at)
            due_at = min([*self._lists.values(), *(page.due_at for page in self._pages.values())])
            due_at = max(due_at, self._quiet_until, at + timedelta(microseconds=1))
            at = self._year.begins + -((self._year.begins - due_at) // step) * step

    def _crawl(self, at: datetime) -> None:
        for kind, due_at in self._lists.items():
            if due_at <= at:
                self._read_list(kind, at)
        turn = _Turn()
        looked_at = self._look_at_due(at, turn)
        # others of the same crawl tell as well
        if turn.odd and len(looked_at) <= ENOUGH:
            controls = [
                page
                for page in sorted(self._pages.values(), key=lambda page: page.due_at)
                if page.path not in looked_at and page.shown is not None and not page.is_away
            ]
            for page in controls[:CONTROLS]:
                self._look(page, at, turn)
        self._editing = self._editing.plus(turn.edits, turn.exposure)

    def _look_at_due(self, at: datetime, turn: _Turn) -> set[str]:
        """Look until nothing is due: an old address leads to a new one. The paths."""
        looked_at: set[str] = set()
        while due := [page for page in self._pages.values() if page.due_at <= at]:
            for page in due:
                self._look(page, at, turn)
                looked_at.add(page.path)
        return looked_at

    def _knock(self, at: datetime) -> None:
        """Ask a site that does not answer, until there is nothing to ask for or is backed off."""
        horizon = at
        unanswered = 0
        while waiting := self._waiting(horizon):
            for kind, page in waiting:
                if kind is not None:
                    self._attempts[kind] += 1
                    self._lists[kind] = _retry(at, self._attempts[kind])
                if page is not None:
                    page.attempts += 1
                    page.due_at, page.looked_at = _retry(at, page.attempts), at
                    self._watched.requests += 1
                unanswered += 1
                if unanswered == _UNANSWERED:
                    self._quiet_until = at + _PAUSE
                    return
            horizon = at + revisits.RETRY_HORIZON

    def _waiting(self, until: datetime) -> list[tuple[AddressKind | None, _Page | None]]:
        """What is due by then, the longest due first."""
        due: list[tuple[datetime, AddressKind | None, _Page | None]] = [
            *((due_at, kind, None) for kind, due_at in self._lists.items()),
            *((page.due_at, None, page) for page in self._pages.values()),
        ]
        due.sort(key=lambda it: it[0])
        return [(kind, page) for due_at, kind, page in due if due_at <= until]

    def _read_list(self, kind: AddressKind, at: datetime) -> None:
        if self._site.outage(at) is OutageKind.EMPTY:
            self._lists[kind] = revisits.after_removal(at, looked_at=None, known=False)
            return
        self._attempts[kind] = 0
        listed = self._site.listed(at)
        shown = [(story.number, story.edition(at).at) for story in listed]
        if kind not in self._shown or self._shown[kind][0] != shown:
            self._shown[kind] = shown, at
        self._lists[kind] = revisits.after_listing(
            kind, cadence=self._cadence, checked_at=at, changed_at=self._shown[kind][1]
        )
        atom = kind is AddressKind.FEED and self._site.feed_format == "atom"
        most = {AddressKind.FEED: FED, AddressKind.FRONT: SHOWN}.get(kind, len(listed))
        for story in listed[:most]:
            page = self._know(story, at)
            dated = atom or kind is AddressKind.SITEMAP
            if dated and page.looked_at and page.looked_at < story.edition(at).at:
                page.due_at = min(page.due_at, at)

    def _know(self, story: Story, at: datetime) -> _Page:
        path = story.path(at)
        return self._pages.setdefault(path, _Page(story, path, at))

    def _look(self, page: _Page, at: datetime, turn: _Turn) -> None:
        """Look at a page, and say when to look again."""
        self._watched.requests += 1
        self._watched.known.setdefault(page.story.number, at)
        last, page.looked_at, page.attempts = page.looked_at, at, 0
        state = self._state(page, at)
        if last is None or state is ArticleState.LIVE:
            page.open_at = at
        if state is not ArticleState.LIVE:
            turn.odd |= state is not ArticleState.MOVED and not page.is_away
            page.due_at = _while_away(page, state, at, last)
            page.is_away = True
            if state is ArticleState.MOVED:
                self._know(page.story, at)
            return
        if page.changed_at is not None and last is not None and not page.is_away:
            exposure = revisits.exposure_of(page.changed_at, last, at)
            page.exposure += exposure
            turn.exposure += exposure
        page.is_away = False
        self._read(page, at, turn)
        rate = revisits.rate(self._editing, EditStats(page.edits, page.exposure))
        page.due_at = revisits.after_look(
            checked_at=at, changed_at=page.changed_at or at, rate=rate
        )

    def _state(self, page: _Page, at: datetime) -> ArticleState:
        if self._site.outage(at) is OutageKind.EMPTY:
            return ArticleState.NOT_FOUND
        return ArticleState.MOVED if page.path != page.story.path(at) else page.story.state(at)

    def _read(self, page: _Page, at: datetime, turn: _Turn) -> None:
        """See whether the page says something else than it did."""
        story, shown, edition = page.story, page.shown, page.story.edition(at)
        self._watched.found.add((story.number, story.version(at)))
        said = self._said[story.number]
        if page.changed_at is None:
            page.changed_at = at if said else min(at, story.published_at)
        elif shown is not None and shown.wording != edition.wording:
            turn.edits += 1
            if edition.wording not in said:
                page.changed_at = at
                page.edits += 1
            turn.odd |= _is_odd(shown, edition)
        said.add(edition.wording)
        page.shown = edition


def _text(edition: Edition) -> PageText:
    wording = edition.wording
    texts = (wording.standfirst, *wording.paragraphs)
    return PageText(wording.title, tuple(TextBlock(text, "p", text) for text in texts))


def _is_odd(shown: Edition, edition: Edition) -> bool:
    """Whether nothing but whole paragraphs came or went: other pages are to tell about that."""
    changes = compare(_text(shown), _text(edition)).changes
    return not any(change.is_plain for change in changes)


def _while_away(page: _Page, state: ArticleState, at: datetime, last: datetime | None) -> datetime:
    match state:
        case ArticleState.SOFT_404:
            return revisits.after_non_article(Outcome.NOT_FOUND, at)
        case ArticleState.WALLED:
            return revisits.after_wall(at, since=page.open_at)
    looked_at = last if page.is_away else None
    return revisits.after_removal(at, looked_at=looked_at, known=page.shown is not None)


def _retry(at: datetime, attempts: int) -> datetime:
    return revisits.after_failure(Outcome.FAILED, attempts=attempts, checked_at=at, soon=True)
