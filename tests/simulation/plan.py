"""Draws a year at random, the same for the same seed, from what is known of how news changes.

What it goes by:

- Of 600,000 articles 27 % changed after they came out (Tsoukaladelis et al., "The Times, They Are
  A-Changin'", 2024); of the articles that NewsDiffs and its like followed, at papers that edit
  much, there are 3.6 versions each (Spangher et al., "NewsEdits", NAACL 2022). So how much a
  source edits is spread widely (EDITING, EDITING_SPREAD), and articles differ too.
- Of the changes within a week, 82 % came on the first day; of the deletions (1.6 % of articles
  in a week) 42 %, of the moves to another address (2.4 %) 75 % (GDELT's Global Difference Graph,
  "Global trends in the ephemerality of online news", 2020). A hazard that falls with the inverse
  of the time since publication or the last edit, a / (t + SETTLING), has such a tail.
- Titles change about a third as often as texts (GDELT, as above).
- A few articles, the running stories, are edited several times a day for weeks.

The rest is judgement. Nothing is taken from Permalien's own schedule.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from storage.models import ArticleState
from tests.simulation.corrections import corrected
from tests.simulation.prose import TONGUES, byline, correction, headline, sentence
from tests.simulation.themes import THEMES
from tests.simulation.truth import (
    Design,
    Edition,
    Outage,
    OutageKind,
    Place,
    Site,
    Story,
    Turn,
    Wording,
    Year,
)

BEGINS = datetime(2027, 1, 1, tzinfo=UTC)
OLDER = 0.1  # of the articles are older than the year, by up to:
OLDEST = timedelta(days=30)

EDITING = 0.045  # the median source's a
EDITING_SPREAD = 0.9  # of its logarithm
MOST_EDITING = 0.3
SETTLING = timedelta(minutes=10)
SHORTEST = timedelta(minutes=1)  # between two edits
RUNNING = 0.008  # of the articles are running stories
RUNNING_PAUSE = timedelta(hours=8)  # between two edits, on average
RUNNING_WEEKS = (2, 6)
REVERTED = 0.06  # of the edits are undone, after about:
REVERTED_AFTER = timedelta(hours=3)
KINDS_OF_EDIT = {  # by weight
    "paragraph added": 22,
    "sentence changed": 20,
    "paragraph dropped": 5,
    "number": 12,
    "headline": 16,
    "standfirst": 9,
    "correction": 6,
    "nothing but the time": 10,
}
FATES = {  # of the articles
    ArticleState.GONE: 0.012,
    ArticleState.NOT_FOUND: 0.025,
    ArticleState.SOFT_404: 0.012,
    ArticleState.TO_FRONT_PAGE: 0.012,
    ArticleState.WALLED: 0.02,
}
MOVED = 0.03  # of the articles get another address
RETURNING = 0.5  # of those that were taken away
FATE_AFTER = (timedelta(hours=1), timedelta(days=200))  # log-uniform
RETURN_AFTER = (timedelta(hours=6), timedelta(days=60))
MOVED_AFTER = (timedelta(minutes=30), timedelta(days=30))
OUTAGES_A_YEAR = 3.0  # of a source
OUTAGE_LENGTH = (timedelta(minutes=20), timedelta(hours=12))
REDESIGNS_A_YEAR = 1.2  # of a source
ROLLED_OUT = 3  # each third redesign reaches one page after the other, within:
ROLL_OUT = timedelta(weeks=3)


def plan_year(
    *,
    articles: int,
    sources: int,
    days: int,
    seed: int = 0,
    redesigns: float = REDESIGNS_A_YEAR,
    corrections: bool = False,
) -> Year:
    """A year of `days` with that many articles, evenly spread over sources and time. Of every
    kind of event there is at least one, if there are articles enough.

    `redesigns` are a source's in 365 days. With `corrections`, many articles of a source are
    corrected at once, four times.
    """
    random = Random(seed)
    ends = BEGINS + timedelta(days=days)
    planner = _Planner(random, ends, articles)
    designs = _designs(random, sources, ends, redesigns)
    outages = _outages(random, sources, ends)
    sites = []
    for number in range(sources):
        language = list(TONGUES)[number % len(TONGUES)]
        editing = EDITING * math.exp(random.gauss(0, EDITING_SPREAD))
        share = range(number, articles, sources)
        stories = [planner.story(index, language, editing) for index in share]
        sites.append(
            Site(
                name=f"Gazette {number + 1}",
                language=language,
                validators=number % 2 == 0,
                lastmod=number % 4 == 1,
                feed_format="atom" if number % 5 == 4 else "rss",
                designs=designs[number],
                outages=outages[number],
                stories=tuple(sorted(stories, key=lambda story: story.published_at)),
            )
        )
    if corrections:
        sites = [corrected(site, BEGINS, ends, Random(f"{seed} {site.name}")) for site in sites]
    return Year(BEGINS, ends, tuple(sites))


@dataclass(frozen=True)
class _Ahead:
    """What is to become of an article, by its index."""

    fate: ArticleState | None = None
    moves: bool = False
    runs: bool = False


class _Planner:
    def __init__(self, random: Random, ends: datetime, articles: int) -> None:
        self._random = random
        self._ends = ends
        self._ahead = self._lots(articles)
        self._files = iter(range(100_000, 10**9))

    def story(self, index: int, language: str, editing: float) -> Story:
        random, ahead = self._random, self._ahead.get(index, _Ahead())
        published_at = self._publication(early=ahead != _Ahead())
        turns = self._turns(published_at, ahead.fate)
        pace = min(MOST_EDITING, editing * random.gammavariate(2, 0.5))
        times = list(self._edits(published_at, pace, runs=ahead.runs))
        removed = [(turn.at, after) for turn, after in _spans(turns, self._ends)]
        editions = [
            edition
            for edition in self._editions(language, published_at, times)
            if not any(begins <= edition.at < ends for begins, ends in removed)
        ]
        places = [Place(published_at, _path(index, editions[0].wording))]
        if ahead.moves:
            moved_at = self._after(published_at, MOVED_AFTER)
            places.append(Place(moved_at, f"{places[0].path.rstrip('/')}-2/"))
        author = byline(language, random)
        return Story(index, author, tuple(editions), turns, tuple(places))

    def _lots(self, articles: int) -> dict[int, _Ahead]:
        """Draw the articles to which something out of the ordinary happens."""
        wanted = [(_Ahead(fate=fate), share) for fate, share in FATES.items()] + [
            (_Ahead(moves=True), MOVED),
            (_Ahead(runs=True), RUNNING),
        ]
        lots = [ahead for ahead, share in wanted for _ in range(max(1, round(share * articles)))]
        drawn = self._random.sample(range(articles), min(articles, len(lots)))
        return dict(zip(drawn, lots, strict=False))

    def _publication(self, *, early: bool) -> datetime:
        """When an article comes out; `early`, so that there is time for what is to happen."""
        random, length = self._random, self._ends - BEGINS
        if not early and random.random() < OLDER:
            return _whole(BEGINS - OLDEST * random.random())
        return _whole(BEGINS + length * random.random() * (0.6 if early else 0.99))

    def _turns(self, published_at: datetime, fate: ArticleState | None) -> tuple[Turn, ...]:
        turns = [Turn(published_at, ArticleState.LIVE)]
        if fate is not None:
            turns.append(Turn(self._after(published_at, FATE_AFTER), fate))
            if self._random.random() < RETURNING:
                turns.append(Turn(self._after(turns[-1].at, RETURN_AFTER), ArticleState.LIVE))
        return tuple(turns)

    def _after(self, moment: datetime, window: tuple[timedelta, timedelta]) -> datetime:
        """Log-uniform in the window, the end of which is drawn in where the year is shorter."""
        soonest, latest = window
        latest = max(soonest, min(latest, (self._ends - moment) * 0.6))
        return _whole(moment + _log_uniform(self._random, soonest, latest))

    def _edits(self, published_at: datetime, pace: float, *, runs: bool) -> Iterator[datetime]:
        """Times of edits, by the hazard of the module's docstring."""
        random, at = self._random, published_at
        until = self._ends
        if runs:
            until = min(until, at + timedelta(weeks=random.uniform(*RUNNING_WEEKS)))
        while True:
            if runs:
                wait = RUNNING_PAUSE * random.expovariate(1)
            else:
                wait = SETTLING * (math.exp(min(15.0, random.expovariate(1) / pace)) - 1)
            at = _whole(at + max(wait, SHORTEST))
            if at >= until:
                return
            yield at

    def _editions(
        self, language: str, published_at: datetime, times: list[datetime]
    ) -> Iterator[Edition]:
        random = self._random
        wording = self._first(language)
        yield Edition(published_at, wording)
        for at, following in pairwise([*times, self._ends]):
            edited = self._edit(language, wording)
            yield Edition(at, edited)
            undone_at = _whole(at + REVERTED_AFTER * random.expovariate(1))
            if edited != wording and random.random() < REVERTED and at < undone_at < following:
                yield Edition(undone_at, wording)
            else:
                wording = edited

    def _first(self, language: str) -> Wording:
        random = self._random
        return Wording(
            headline(language, random, next(self._files)),
            self._sentences(language, 2),
            tuple(self._paragraph(language) for _ in range(random.randint(4, 8))),
        )

    def _paragraph(self, language: str) -> str:
        return self._sentences(language, self._random.randint(2, 4))

    def _sentences(self, language: str, count: int) -> str:
        return " ".join(self._sentence(language) for _ in range(count))

    def _sentence(self, language: str) -> str:
        return sentence(language, self._random, next(self._files))

    def _edit(self, language: str, wording: Wording) -> Wording:
        random, paragraphs = self._random, list(wording.paragraphs)
        at = random.randrange(len(paragraphs))
        (kind,) = random.choices(list(KINDS_OF_EDIT), list(KINDS_OF_EDIT.values()))
        match kind:
            case "headline":
                return replace(wording, title=headline(language, random, next(self._files)))
            case "standfirst":
                return replace(wording, standfirst=self._sentences(language, 2))
            case "paragraph added":
                paragraphs.insert(at, self._paragraph(language))
            case "paragraph dropped" if len(paragraphs) > 3:
                del paragraphs[at]
            case "sentence changed":
                _first, stop, rest = paragraphs[at].partition(". ")
                paragraphs[at] = f"{self._sentence(language)}{' ' if stop else ''}{rest}"
            case "number":
                before, _, file = paragraphs[at].removesuffix(".").rpartition(" ")
                paragraphs[at] = f"{before} {int(file) + 7}."
            case "correction":
                paragraphs.append(correction(language, next(self._files)))
        return replace(wording, paragraphs=tuple(paragraphs))


def _spans(turns: tuple[Turn, ...], ends: datetime) -> Iterator[tuple[Turn, datetime]]:
    """Each time that an article is not to be read, with its end."""
    following = [*(turn.at for turn in turns[1:]), ends]
    for turn, after in zip(turns, following, strict=True):
        if turn.state is not ArticleState.LIVE:
            yield turn, after


def _designs(
    random: Random, sources: int, ends: datetime, a_year: float
) -> list[tuple[Design, ...]]:
    themes, roll_out = list(THEMES), min(ROLL_OUT, (ends - BEGINS) / 12)
    plans = [[Design(BEGINS - OLDEST, themes[n % len(themes)])] for n in range(sources)]
    for index, (number, at) in enumerate(_events(random, sources, ends, a_year)):
        theme = themes[(number + len(plans[number])) % len(themes)]
        rolled_out = index % ROLLED_OUT == ROLLED_OUT - 1
        plans[number].append(Design(at, theme, roll_out if rolled_out else timedelta(0)))
    return [tuple(sorted(plan, key=lambda design: design.at)) for plan in plans]


def _outages(random: Random, sources: int, ends: datetime) -> list[tuple[Outage, ...]]:
    plans: list[list[Outage]] = [[] for _ in range(sources)]
    kinds = list(OutageKind)
    for index, (number, at) in enumerate(_events(random, sources, ends, OUTAGES_A_YEAR)):
        length = _log_uniform(random, *OUTAGE_LENGTH)
        plans[number].append(Outage(at, _whole(at + length), kinds[index % len(kinds)]))
    return [tuple(sorted(plan, key=lambda outage: outage.begins)) for plan in plans]


def _events(
    random: Random, sources: int, ends: datetime, a_year: float
) -> list[tuple[int, datetime]]:
    """Events of a kind that is as frequent: (which source, when), at least one a source."""
    length = ends - BEGINS
    count = max(sources, round(sources * a_year * (length / timedelta(days=365))))
    return [
        (index % sources, _whole(BEGINS + length * random.uniform(0.1, 0.9)))
        for index in range(count)
    ]


def _path(index: int, wording: Wording) -> str:
    words = wording.title.lower().encode("ascii", "ignore").decode().split()
    slug = "-".join("".join(c for c in word if c.isalnum()) for word in words[2:7])
    return f"/{BEGINS.year}/{index:05d}-{slug}/"


def _log_uniform(random: Random, low: timedelta, high: timedelta) -> timedelta:
    return low * math.exp(math.log(high / low) * random.random())


def _whole(moment: datetime) -> datetime:
    """HTTP and feeds tell times in whole seconds."""
    return moment.replace(microsecond=0)
