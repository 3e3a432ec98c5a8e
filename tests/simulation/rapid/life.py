"""One site's year as an archive would live it, without an archive: each session looks at what is
due, learns, judges and keeps what it found, all of it in memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from crawler.extraction import Article, ExtractionError, PageKind, extract
from crawler.extraction.page_input import PageInput
from crawler.extraction.template.book import TemplateBook
from crawler.extraction.template.samples import PageSample
from crawler.judging.judgement import CONTROLS, judge
from crawler.judging.looks import Finding, Judged, Look, Sureness
from crawler.judging.pages import PageText
from storage.models import ArticleState

SAMPLE = 200
SOON = timedelta(hours=1)  # until what is undecided is looked at again
GROWTH, SOONEST, SLOWEST = 0.25, timedelta(minutes=30), timedelta(days=20)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site answers: a page, or that it has none."""

    body: bytes | None
    away: ArticleState | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A page as it was fetched."""

    url: str
    body: bytes
    at: datetime


@dataclass(slots=True)
class Version:
    """`page` is the one that showed it first, `text` what it was read as when it was recorded."""

    page: Stored
    title: str
    text: str
    sureness: Sureness
    is_edit: bool = True


@dataclass(slots=True)
class Known:
    """What is known of an article."""

    number: int
    url: str
    due_at: datetime
    versions: list[Version] = field(default_factory=list)
    baseline: Stored | None = None
    last: Article | None = None
    waiting: Stored | None = None
    waited: int = 0
    changed_at: datetime | None = None
    looked_at: datetime | None = None
    state: ArticleState = ArticleState.LIVE
    sample: PageSample | None = None
    edited: frozenset[str] = frozenset()
    met: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Seen:
    known: Known
    page: Stored | None
    article: Article | None
    away: ArticleState | None
    announced: bool
    picked: bool = False


class Life:
    """`fetch` gives a story's answer at a time; `listed` the numbers and URLs known then, with
    when each says it was last modified, None where nothing says so."""

    def __init__(
        self,
        fetch: Callable[[int, datetime], Answer],
        listed: Callable[[datetime], Iterable[tuple[int, str, datetime | None]]],
        seed: int = 0,
    ) -> None:
        self.fetch = fetch
        self.listed = listed
        self.random = Random(seed)
        self.book = TemplateBook()
        self.site: dict[tuple[str, str], set[tuple[str, ...]]] = {}
        self.known: dict[int, Known] = {}
        self.findings: Counter[str] = Counter()
        self.pages = 0
        self.unreachable = 0

    def session(self, now: datetime) -> None:
        """Look at what is due, and judge what differs."""
        announced = self._list(now)
        due = [it for it in self.known.values() if it.due_at <= now]
        seen = [self._look(it, now, announced=it.number in announced) for it in due]
        if not seen:
            return
        findings = self._conclude(seen, now)
        if findings is None:
            looked = {it.known.number for it in seen}
            others = [
                it
                for it in self.known.values()
                if it.number not in looked and it.versions and it.state is ArticleState.LIVE
            ]
            picked = self.random.sample(others, min(CONTROLS, len(others)))
            seen += [self._look(it, now, announced=False, picked=True) for it in picked]
            findings = self._conclude(seen, now, last=True) or {}
        for it in seen:
            self._record(it, findings.get(it.known.number), now)

    def _list(self, now: datetime) -> set[int]:
        announced = set()
        for number, url, modified_at in self.listed(now):
            known = self.known.get(number)
            if known is None:
                self.known[number] = Known(number, url, now)
            elif modified_at and known.looked_at and modified_at > known.looked_at:
                announced.add(number)
                known.due_at = now
        return announced

    def _look(self, known: Known, now: datetime, *, announced: bool, picked: bool = False) -> _Seen:
        self.pages += 1
        answer = self.fetch(known.number, now)
        known.looked_at = now
        if answer.body is None:
            return _Seen(known, None, None, answer.away, announced, picked)
        page = Stored(known.url, answer.body, now)
        article = self.read(page)
        if article is None or article.kind not in (PageKind.ARTICLE, PageKind.LIVE_BLOG):
            kind = article.kind if article else None
            away = (
                {
                    PageKind.SOFT_404: ArticleState.SOFT_404,
                    PageKind.CONSENT: ArticleState.WALLED,
                    PageKind.CHALLENGE: ArticleState.WALLED,
                }.get(kind)
                if kind
                else None
            )
            return _Seen(known, page, None, away, announced, picked)
        self._sample(known, page, article, announced=announced)
        return _Seen(known, page, article, None, announced, picked)

    def _sample(self, known: Known, page: Stored, article: Article, *, announced: bool) -> None:
        sample = PageSample(
            article.skeleton,
            article.outline,
            page.at,
            announced,
            not known.versions,
            article.title,
            article.modified_at,
            known.edited,
        )
        before = known.sample
        if before is not None:
            template = self.book.at(before.at).chosen(before.skeleton)[1]
            sample = sample.after(before, template)
        known.sample = sample

    def read(self, page: Stored) -> Article | None:
        try:
            return extract(PageInput(page.body, url=page.url), templates=self.book.at(page.at))
        except ExtractionError:
            return None

    def _conclude(
        self, seen: Sequence[_Seen], now: datetime, *, last: bool = False
    ) -> dict[int, Judged] | None:
        samples = [it.sample for it in self.known.values() if it.sample is not None]
        samples.sort(key=lambda it: it.at or now, reverse=True)
        self.book = self.book.refreshed(samples[:SAMPLE], {})
        looks = [self._as_look(it, now) for it in seen]
        judgement = judge(looks, self.site)
        if judgement.wants_controls and not last:
            return None
        for change in judgement.site_changes:
            self.site.setdefault(change.transition, set()).update(change.signatures)
        self.unreachable += judgement.unreachable
        return {it.number: it for it in judgement.findings}

    def _as_look(self, seen: _Seen, now: datetime) -> Look:
        known = seen.known
        article, last = seen.article, known.last
        if article is not None and last is not None and _says(article) == _says(last):
            before: PageText | None = self._page_text(article)
            after = before
        else:
            before = self._text(known.baseline) if known.baseline is not None else None
            after = self._text(seen.page) if article is not None and seen.page else None
        return Look(
            known.number, known.number, now, before, after, seen.away,
            announced=seen.announced, picked=seen.picked, waited=known.waited,
            pending=self._text(known.waiting) if known.waiting is not None else None,
            since=known.baseline.at if known.baseline is not None else None,
        )  # fmt: skip

    def _text(self, page: Stored) -> PageText | None:
        article = self.read(page)
        if article is None:
            return None
        return self._page_text(article)

    def _page_text(self, article: Article) -> PageText:
        return PageText(
            article.title,
            article.blocks,
            article.layout,
            article.published_at,
            article.modified_at,
            article.partial,
            article.repeating,
        )

    def _record(self, seen: _Seen, judged: Judged | None, now: datetime) -> None:
        known = seen.known
        known.due_at = now + max(SOONEST, min(SLOWEST, GROWTH * (now - (known.changed_at or now))))
        if not known.versions:
            if seen.article is not None and seen.page is not None:
                self._add(known, seen.page, Sureness.CERTAIN, is_edit=False)
                known.changed_at, known.last = now, seen.article
            return
        finding = judged.finding if judged is not None else Finding.UNCHANGED
        self.findings[finding] += 1
        if judged is None:
            return
        if finding is not Finding.UNDECIDED:
            if known.waited:
                self.findings[f"{finding} after waiting"] += 1
            known.waited = 0
        match finding:
            case Finding.UNDECIDED:
                known.waited += 1
                known.waiting = seen.page or known.waiting
                known.due_at = now + SOON
            case Finding.EDITED | Finding.COMPLETED:
                self._add_edit(known, seen, judged)
                known.edited |= judged.came
                if known.sample is not None and seen.page and seen.article:
                    self._sample(known, seen.page, seen.article, announced=False)
                known.changed_at, known.waiting = now, None
                known.due_at = now + SOONEST
                known.state = ArticleState.LIVE
                known.baseline, known.last = seen.page, seen.article
            case Finding.UNCHANGED | Finding.SITE_CHANGE:
                if seen.article is not None:
                    known.baseline, known.last = seen.page, seen.article
                    known.waiting = None
                    known.state = ArticleState.LIVE
            case Finding.AWAY:
                known.state = seen.away or ArticleState.NOT_FOUND
            case Finding.WALLED:
                known.state = ArticleState.WALLED

    def _add_edit(self, known: Known, seen: _Seen, judged: Judged) -> None:
        """Keep what the page shows as a version, and what it showed while it was undecided."""
        pages = [known.waiting] if judged.stayed else []
        if judged.moved_on or not judged.stayed:
            pages.append(seen.page)
        is_edit = judged.finding is Finding.EDITED
        for page in pages:
            if page is not None:
                self._add(known, page, judged.sureness, is_edit=is_edit)

    def _add(self, known: Known, page: Stored, sureness: Sureness, *, is_edit: bool) -> None:
        article = self.read(page)
        if article is not None:
            version = Version(page, article.title, article.text, sureness, is_edit)
            known.versions.append(version)
            known.baseline = page


def _says(article: Article) -> tuple[str, str, str]:
    return article.title, article.text, article.template
