"""Sites with all that befalls them in a year, lived through and judged by the truth."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from storage.models import ArticleState
from tests.simulation.corrections import corrected
from tests.simulation.plan import BEGINS, plan_year
from tests.simulation.rapid.life import Answer, Known, Life, Version
from tests.simulation.rapid.markup import (
    Moment,
    Theme,
    invent_theme,
    render,
    reword,
)
from tests.simulation.truth import OutageKind, Site, Story

REDESIGNS = 4
ROLL_OUT = timedelta(weeks=3)
REWORDED = timedelta(days=30)
MISSING = b"<html><head><title>404</title></head><body><h1>Page not found</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Era:
    """From `at` on the site has this theme: on some pages, and after `roll_out` on all."""

    at: datetime
    theme: Theme
    roll_out: timedelta = timedelta(0)


@dataclass(slots=True)
class Figures:
    """What a year came to."""

    true: int = 0
    met: int = 0
    recorded: int = 0
    right: int = 0
    retracted: int = 0
    furniture: int = 0
    furniture_recorded: int = 0
    lost: int = 0
    pages: int = 0
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    misread: list[str] = field(default_factory=list)
    findings: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        return self.right / self.recorded if self.recorded else 1.0


def live_year(
    *, articles: int, sources: int, days: int, seed: int = 0, step: timedelta = timedelta(hours=1)
) -> Figures:
    """Live through a year of so many days, and judge what was kept of it."""
    year = plan_year(articles=articles, sources=sources, days=days, seed=seed)
    figures = Figures()
    for number, site in enumerate(year.sites):
        random = Random(f"{seed} {number}")
        lived = RapidSite(corrected(site, BEGINS, year.ends, random), year.ends, random)
        lived.live(step)
        lived.judge(figures)
    return figures


class RapidSite:
    """A planned site in themes of its own."""

    def __init__(self, site: Site, ends: datetime, random: Random) -> None:
        self.site = site
        self.ends = ends
        self.random = random
        self.stories = {story.number: story for story in site.stories}
        self.eras = _eras(random, ends)
        self.fetches = 0
        self.life = Life(self.fetch, self.listed, random.randrange(2**30))

    def live(self, step: timedelta) -> None:
        at = BEGINS
        while at < self.ends:
            self.life.session(at)
            at += step

    def listed(self, now: datetime) -> Iterable[tuple[int, str, datetime | None]]:
        if self.site.outage(now) is not None:
            return
        for story in self.site.listed(now)[:40]:
            modified = story.edition(now).at if self.site.lastmod else None
            yield story.number, f"https://site.example{story.path(story.published_at)}", modified

    def fetch(self, number: int, now: datetime) -> Answer:
        self.fetches += 1
        story = self.stories[number]
        outage = self.site.outage(now)
        if outage is OutageKind.EMPTY:
            return Answer(None, ArticleState.NOT_FOUND)
        if outage is not None:
            return Answer(None)
        state = story.state(now)
        if state is not ArticleState.LIVE:
            return Answer(None, state)
        self.life.known[number].met.append(story.version(now))
        titles = [it.edition(now).wording.title for it in self.site.listed(now)[:20]]
        own = story.edition(now).wording.title
        moment = Moment(now, self.fetches, [title for title in titles if title != own])
        url = self.life.known[number].url
        return Answer(render(self.theme(now), story, story.edition(now), url, moment))

    def theme(self, now: datetime) -> Theme:
        """The theme of one answer: while a layout is rolled out, the new one now and then."""
        begun = [era for era in self.eras if era.at <= now]
        latest = begun[-1]
        if latest.roll_out and len(begun) > 1:
            done = (now - latest.at) / latest.roll_out
            if Random(f"{self.fetches} roll-out").random() > done:
                return begun[-2].theme
        return latest.theme

    def judge(self, figures: Figures) -> None:
        figures.pages += self.life.pages
        figures.findings += self.life.findings
        for known in self.life.known.values():
            self._judge_story(known, self.stories[known.number], figures)

    def _judge_story(self, known: Known, story: Story, figures: Figures) -> None:
        figures.true += len(story.versions)
        met = _worded(story, known.met)
        recorded = list(self._standing(known, figures))
        shown = _worded(story, [story.version(version.page.at) for version in recorded])
        figures.met += len(met)
        figures.recorded += len(recorded)
        figures.right += len(shown)
        if len(recorded) > len(shown):
            told = ", ".join(
                f"{version.page.at:%m-%d %H:%M} {version.sureness}" for version in recorded
            )
            count = len(recorded) - len(shown)
            figures.false.append(f"{self.site.name} {known.url}: {count} of {told}")
        missed = Counter(met) - Counter(shown)
        for index in missed.elements():
            began = story.versions[index].begins
            figures.missed.append(f"{self.site.name} {known.url}: version {index} of {began}")
        for version in recorded:
            self._judge_text(known, version, story, figures)

    def _standing(self, known: Known, figures: Figures) -> Iterator[Version]:
        """The versions that are not retracted: what is known now reads them as another text than
        the version before."""
        before = None
        for version in known.versions:
            best = self.life.read(version.page)
            says = best and (best.title, best.text)
            if before is None or says != before:
                yield version
                before = says
            else:
                figures.retracted += 1

    def _judge_text(self, known: Known, version: Version, story: Story, figures: Figures) -> None:
        wording = story.edition(version.page.at).wording
        allowed = {wording.standfirst, *wording.paragraphs}
        best = self.life.read(version.page)
        lines = best.text.split("\n") if best else []
        extra = [line for line in lines if line not in allowed and not line.startswith("Photo ")]
        figures.furniture += sum(len(line.split()) for line in extra)
        figures.furniture_recorded += sum(
            len(line.split())
            for line in version.text.split("\n")
            if line not in allowed and not line.startswith("Photo ")
        )
        missing = [text for text in allowed if text not in lines]
        figures.lost += sum(len(text.split()) for text in missing)
        if extra or missing or (best and best.title != wording.title):
            shown = [*(f"+{line[:70]}" for line in extra), *(f"-{text[:70]}" for text in missing)]
            figures.misread.append(f"{known.url} at {version.page.at}: {'; '.join(shown)}")


def _eras(random: Random, ends: datetime) -> list[Era]:
    """Redesigns, one of them rolled out over weeks, and furniture reworded in between."""
    length = ends - BEGINS
    theme = invent_theme(random)
    eras = [Era(BEGINS - timedelta(days=60), theme)]
    redesigns = sorted(random.uniform(0.08, 0.92) for _ in range(REDESIGNS))
    moments = [(BEGINS + length * share, True) for share in redesigns]
    at = BEGINS + min(REWORDED, length / 12)
    while at < ends:
        moments.append((at, False))
        at += min(REWORDED, length / 12)
    rolled_out = random.randrange(REDESIGNS)
    seen = 0
    for at, redesigned in sorted(moments):
        if redesigned:
            theme = invent_theme(random)
            roll_out = min(ROLL_OUT, length / 12) if seen == rolled_out else timedelta(0)
            eras.append(Era(at, theme, roll_out))
            seen += 1
        else:
            theme = reword(theme, random)
            eras.append(Era(at, theme))
    return eras


def describe(figures: Figures, examples: int = 5) -> Iterator[str]:
    """What the year came to, in lines, with some of what is wrong."""
    it = figures
    yield f"pages {it.pages}, versions {it.true}, met {it.met}, recorded {it.recorded}"
    yield f"precision {it.precision:.4f}, missed {len(it.missed)}, retracted {it.retracted}"
    yield f"furniture, words: {it.furniture}, as recorded {it.furniture_recorded}"
    yield f"words lost {it.lost}, texts misread {len(it.misread)}"
    yield f"{dict(it.findings)}"
    for name in ("false", "missed", "misread"):
        for example in getattr(it, name)[:examples]:
            yield f"{name}: {example}"


def _worded(story: Story, versions: Sequence[int]) -> list[int]:
    """These versions without those that say what the one before says."""
    found: list[int] = []
    for index in versions:
        if not found or story.versions[index].wording != story.versions[found[-1]].wording:
            found.append(index)
    return found
