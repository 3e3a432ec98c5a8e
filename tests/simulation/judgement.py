"""Judges an archive of a simulated year by the truth."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.models import (
    Address,
    AddressKind,
    Article,
    ArticleState,
    Content,
    Fetch,
    Finding,
    Meaning,
    Reading,
    Version,
    VersionState,
)
from tests.simulation.rehearsal import Rehearsal, Shown
from tests.simulation.truth import Site, Story, TrueVersion, Year

StoryVersion = tuple[int, int]
"""A story's number, and which of its true versions."""


@dataclass(frozen=True, slots=True)
class Look:
    """One request for a story's page."""

    at: datetime
    path: str


@dataclass(frozen=True, slots=True)
class Removal:
    """One time that an article was not to be read. `returned_at` is None where it stayed so."""

    story: int
    at: datetime
    state: ArticleState
    returned_at: datetime | None


@dataclass(slots=True)
class Judgement:
    """What was found of the truth.

    true        versions that could be read in the year
    seen        those of them that a request met, but for those that say what the request before
                met: that an edit came and was taken back between two looks nobody can tell
    found       those that are in the archive
    recorded    versions that stand in the archive; `retracted` were found to be none
    parts       versions that say they are a part of a text, of articles behind a wall: not among
                those recorded
    false       those of them that are no edit
    missed      seen and not found
    unbounded   found, and its edit was not between the times that the archive gives
    misread     found, with another title or text than it had
    removals, removals_seen, removals_right     and the same of returns
    false_states    the archive said that an article was away which was there
    split, mixed    stories that are more than one article, articles that are more than one story
    undecided   looks that were so at first
    requests    by the kind of address
    known       when each story was first asked for
    """

    true: int = 0
    seen: int = 0
    found: int = 0
    recorded: int = 0
    parts: int = 0
    retracted: int = 0
    undecided: int = 0
    removals: int = 0
    removals_seen: int = 0
    removals_right: int = 0
    returns: int = 0
    returns_seen: int = 0
    returns_right: int = 0
    stories: int = 0
    stories_found: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    known: dict[int, datetime] = field(default_factory=dict)
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    unbounded: list[str] = field(default_factory=list)
    misread: list[str] = field(default_factory=list)
    mistyped: list[str] = field(default_factory=list)
    false_states: list[str] = field(default_factory=list)
    split: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return 1 - len(self.false) / self.recorded if self.recorded else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.true

    @property
    def recall_of_seen(self) -> float:
        """Of the versions that outlasted the time to the next look."""
        return 1 - len(self.missed) / self.seen if self.seen else 1.0


def judge(year: Year, archive: Archive, rehearsal: Rehearsal) -> Judgement:
    with archive.reading() as session:
        return _Judge(year, session, rehearsal).judge()


def true_versions(year: Year, story: Story) -> Iterator[tuple[int, TrueVersion]]:
    """Those that could be read in the year, with their numbers."""
    for number, version in enumerate(story.versions):
        over = version.ends is not None and version.ends <= year.begins
        if not over and version.begins < year.ends:
            yield number, version


def is_shown(site: Site, story: Story, at: datetime) -> bool:
    """Whether who asks for the story's page then gets to read it."""
    published = story.published_at <= at
    return published and story.state(at) is ArticleState.LIVE and site.outage(at) is None


def removals(year: Year, story: Story) -> Iterator[Removal]:
    """Those of the year."""
    for index, turn in enumerate(story.turns):
        if turn.state is not ArticleState.LIVE and turn.at < year.ends:
            later = story.turns[index + 1].at if index + 1 < len(story.turns) else None
            returned_at = later if later is not None and later < year.ends else None
            yield Removal(story.number, turn.at, turn.state, returned_at)


def story_of_versions(year: Year, session: Session, origins: Sequence[str]) -> dict[str, Story]:
    """The story that each version is of, by the version's identifier."""
    stories = _stories_by_url(year, origins)
    rows = session.execute(
        select(Version.identifier, Address.url)
        .join(Fetch, Fetch.id == Version.fetch_id)
        .join(Address, Address.id == Fetch.address_id)
    )
    found = {identifier: stories.get(_place(url)) for identifier, url in rows}
    return {identifier: story for identifier, story in found.items() if story is not None}


def _stories_by_url(year: Year, origins: Sequence[str]) -> dict[str, Story]:
    return {
        _place(f"{origin}{place.path}"): story
        for origin, site in zip(origins, year.sites, strict=True)
        for story in site.stories
        for place in story.places
    }


def _place(url: str) -> str:
    """Host and path of a URL."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


class _Judge:
    def __init__(self, year: Year, session: Session, rehearsal: Rehearsal) -> None:
        self._year = year
        self._session = session
        self._states = rehearsal.states
        self._sites = {story.number: site for site in year.sites for story in site.stories}
        self._stories = {story.number: story for site in year.sites for story in site.stories}
        self._at_url = _stories_by_url(year, rehearsal.origins)
        self._by_address: dict[int, tuple[int, str]] = {}
        self._articles: dict[int, set[int]] = defaultdict(set)  # of each story
        self._looks: dict[int, list[Look]] = defaultdict(list)
        self._done = Judgement(stories=len(self._stories))

    def judge(self) -> Judgement:
        self._read_addresses()
        self._read_looks()
        self._count()
        found = self._judge_versions()
        for story in self._stories.values():
            self._judge_recall(story, found)
            self._judge_removals(story)
        self._judge_states()
        return self._done

    def _read_addresses(self) -> None:
        done, stories = self._done, defaultdict(set)
        rows = self._session.execute(
            select(Address.id, Address.url, Address.article_id, Article.merged_into_id)
            .outerjoin(Article, Article.id == Address.article_id)
            .where(Address.kind == AddressKind.PAGE)
        )
        for address_id, url, article_id, merged_into_id in rows:
            told = self._at_url.get(_place(url))
            if told is None:
                continue
            story = told.number
            self._by_address[address_id] = (story, urlsplit(url).path)
            if article_id is not None and merged_into_id is None:
                self._articles[story].add(article_id)
                stories[article_id].add(story)
        done.stories_found = len(self._articles)
        done.split = [
            self._name(it) for it, articles in self._articles.items() if len(articles) > 1
        ]
        done.mixed = [f"{article}: {them}" for article, them in stories.items() if len(them) > 1]

    def _read_looks(self) -> None:
        rows = self._session.execute(
            select(Fetch.address_id, Fetch.fetched_at, Address.kind)
            .join(Address, Address.id == Fetch.address_id)
            .order_by(Fetch.id)
        )
        for address_id, fetched_at, kind in rows:
            self._done.requests[kind.value] += 1
            if address_id in self._by_address:
                story, path = self._by_address[address_id]
                self._looks[story].append(Look(fetched_at, path))
                self._done.known.setdefault(story, fetched_at)

    def _count(self) -> None:
        retracted = VersionState.retracted_at.is_not(None)
        undecided = Finding.meaning == Meaning.UNDECIDED
        self._done.retracted = (
            self._session.scalar(select(func.count()).select_from(VersionState).where(retracted))
            or 0
        )
        self._done.undecided = (
            self._session.scalar(select(func.count(distinct(Finding.fetch_id))).where(undecided))
            or 0
        )

    def _judge_versions(self) -> set[StoryVersion]:
        """The true versions that the archive has; what it has besides is false."""
        done, found = self._done, set()
        parts: set[StoryVersion] = set()
        last_seen: dict[tuple[int, int], datetime] = {}
        rows = self._session.execute(
            select(
                Fetch.address_id,
                Version.first_seen_at,
                VersionState.article_id,
                VersionState.number,
                VersionState.last_seen_at,
                Content.title,
                Content.text,
                Content.partial,
            )
            .join(VersionState, VersionState.version_id == Version.id)
            .join(Fetch, Fetch.id == Version.fetch_id)
            .join(Reading, Reading.id == VersionState.best_reading)
            .join(Content, Content.digest == Reading.content_digest)
            .where(VersionState.retracted_at.is_(None))
            .order_by(VersionState.article_id, VersionState.number)
        )
        for address_id, seen_at, article_id, number, last_seen_at, title, text, partial in rows:
            story = self._stories.get(self._by_address.get(address_id, (-1, ""))[0])
            if partial and story is not None and _is_part(parts, story, seen_at):
                done.parts += 1
                continue
            done.recorded += 1
            last_seen[article_id, number] = last_seen_at
            if story is None:
                done.false.append(f"address {address_id} is no story's")
                continue
            name = f"{self._name(story.number)} version {number}, {seen_at}"
            which = story.version(seen_at)
            shown = is_shown(self._sites[story.number], story, seen_at)
            if not shown or (story.number, which) in found:
                why = "again" if shown else story.state(seen_at).value
                done.false.append(f"{name}: {why}: {text[:80]!r}")
                continue
            found.add((story.number, which))
            truth = story.versions[which]
            before = last_seen.get((article_id, number - 1))
            if not (truth.begins <= seen_at and (before is None or before < truth.begins)):
                done.unbounded.append(f"{name}: not in {before} to {seen_at}: {truth.begins}")
            if (title, text) != (truth.wording.title, truth.wording.text):
                done.misread.append(f"{name}: {title!r}, {text[:80]!r}")
        return found

    def _judge_recall(self, story: Story, found: set[StoryVersion]) -> None:
        done, site = self._done, self._sites[story.number]
        seen: list[int] = []
        for look in self._looks[story.number]:
            if not is_shown(site, story, look.at) or look.path != story.path(look.at):
                continue
            met = story.version(look.at)
            if not seen or story.versions[met].wording != story.versions[seen[-1]].wording:
                seen.append(met)
        for number, version in true_versions(self._year, story):
            done.true += 1
            done.seen += number in seen
            done.found += (story.number, number) in found
            if number in seen and (story.number, number) not in found:
                done.missed.append(
                    f"{self._name(story.number)}: {version.begins} to {version.ends}"
                )

    def _judge_removals(self, story: Story) -> None:
        done, site = self._done, self._sites[story.number]
        times = [
            look.at
            for look in self._looks[story.number]
            if site.outage(look.at) is None and look.path == story.path(look.at)
        ]
        shown = [it for it in self._states if it.article_id in self._articles[story.number]]
        for removal in removals(self._year, story):
            name = f"{self._name(story.number)} {removal.state.value} at {removal.at}"
            done.removals += 1
            done.returns += removal.returned_at is not None
            began = self._first(times, removal.at, removal.returned_at)
            if began is None:
                continue
            done.removals_seen += 1
            state = _state_at(shown, began)
            if state is removal.state:
                done.removals_right += 1
            else:
                done.mistyped.append(f"{name}: {state.value} when looked at, {began}")
            ended = removal.returned_at and self._first(times, removal.returned_at, None)
            if ended is None:
                continue
            done.returns_seen += 1
            if _state_at(shown, ended) is ArticleState.LIVE:
                done.returns_right += 1
            else:
                done.mistyped.append(f"{name}: not seen to be back, {ended}")

    def _first(
        self, times: list[datetime], since: datetime, until: datetime | None
    ) -> datetime | None:
        """The first look since then and before the end."""
        at = bisect_left(times, since)
        late = at == len(times) or (until is not None and times[at] >= until)
        return None if late else times[at]

    def _judge_states(self) -> None:
        stories = {it: story for story, articles in self._articles.items() for it in articles}
        for shown in self._states:
            number = stories.get(shown.article_id)
            if number is None:
                continue
            story = self._stories[number]
            away = shown.state is not ArticleState.LIVE
            if away and story.state(shown.at) is ArticleState.LIVE:
                outage = self._sites[number].outage(shown.at)
                said = f"{shown.state.value} at {shown.at}"
                self._done.false_states.append(f"{self._name(number)} {said}: {outage}")

    def _name(self, number: int) -> str:
        return f"{self._sites[number].name}, {self._stories[number].places[0].path}"


def _is_part(parts: set[StoryVersion], story: Story, at: datetime) -> bool:
    """Whether a wall then showed part of a wording of which no part is among `parts` yet."""
    which = (story.number, story.version(at))
    if story.state(at) is not ArticleState.WALLED or which in parts:
        return False
    parts.add(which)
    return True


def _state_at(states: list[Shown], at: datetime) -> ArticleState:
    """What the archive said after the crawl of that time."""
    later = bisect_right([it.at for it in states], at)
    return states[later - 1].state if later else ArticleState.LIVE
