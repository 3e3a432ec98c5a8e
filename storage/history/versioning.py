"""Versioning: decides what is an edit, and keeps every version.

A page that reads as the version that is shown now shows that version. One that does not is left to
the end of its source's session, where all that differs is judged (crawler.judging); no older
version counts: A -> B -> A is three versions. The version and the pointer that makes it current
move in one transaction.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.dialects import new_ids
from storage.database.rows import by_id
from storage.frontier import revisits
from storage.frontier.revisits import EditStats
from storage.history.article_histories import next_numbers
from storage.history.captured_pages import Captured, Change, Deferred, Recorded
from storage.history.edit_rows import refresh_edits
from storage.history.identity import Claim, ContentKey, Evidence, SameWords, is_telling
from storage.history.may_be_kept import readings_kept
from storage.history.readings import (
    Known,
    measures_of_reading,
    readings_of_versions,
    store_readings,
)
from storage.history.retractions import standing
from storage.ledger.day_counts import DayMeasure, Measure, count
from storage.ledger.findings import NewFinding, latest_findings, record_findings
from storage.models import (
    Address,
    Article,
    ArticleState,
    Content,
    Frontier,
    Meaning,
    Outcome,
    Reading,
    Source,
    Version,
    VersionState,
)
from storage.templates.samples import NewSample, sample_pages

_MEANINGS = {
    Change.NEW_ARTICLE: Meaning.NEW,
    Change.NEW_VERSION: Meaning.EDITED,
    Change.UNCHANGED: Meaning.UNCHANGED,
}


def record_articles(session: Session, pages: Sequence[Captured]) -> list[Recorded | Deferred]:
    """Compare each page with the version that is shown now; keep what is new, in order.

    Idempotent: a page that was recorded before is recorded as it was.
    """
    kept = readings_kept(session, [(it.fetch_id, it.reading) for it in pages])
    pages = [replace(it, reading=reading) for it, reading in zip(pages, kept, strict=True)]
    batch = _Batch(session, pages)
    # The batch has read what it needs; Evidence, which asks for more, flushes first.
    with session.no_autoflush:
        results = [batch.record(page) for page in pages]
    batch.write()
    return results


class _Batch:
    """The rows that a batch of pages touches, read in a few statements and written in a few."""

    def __init__(self, session: Session, pages: Sequence[Captured]) -> None:
        self._session = session
        self._stored = store_readings(session, [page.reading for page in pages])
        # Where an address leads does not change in between: history.identity_decisions waits.
        self._addresses = by_id(session, Address, {page.address_id for page in pages}, lock=True)
        self._frontier = by_id(session, Frontier, set(self._addresses))
        self._seen_before = {
            fetch_id: finding.version_id
            for fetch_id, finding in latest_findings(
                session, {page.fetch_id for page in pages}
            ).items()
            if finding.version_id is not None
        }
        self._findings: list[NewFinding] = []
        self._sources = by_id(session, Source, {row.source_id for row in self._frontier.values()})
        self._evidence = Evidence(
            session,
            [
                Claim(address, page.reading.canonical_url, page.fetch_id)
                for page in pages
                if (address := self._addresses[page.address_id]).article_id is None
            ],
        )
        self._same_words = SameWords(
            session, {it for page in pages if (it := self._content_key(page)) is not None}
        )
        # Two processes may hold pages of one article; the second waits here for the first.
        led_to = {address.article_id for address in self._addresses.values()}
        led_to |= self._evidence.articles() | self._same_words.articles()
        self._articles = by_id(session, Article, led_to, lock=True)
        shown = {article.current_version_id for article in self._articles.values()}
        shown |= {row.version_id for row in self._frontier.values()}
        shown |= set(self._seen_before.values()) | {page.shows for page in pages}
        self._versions: dict[int, Version] = {}
        self._states: dict[int, VersionState] = {}
        self._known: dict[int, Known] = {}
        self._standing: dict[int, int] = {}
        self._load_versions(shown)
        self._article_ids: list[int] = []
        self._version_ids: list[int] = []
        self._edited: list[int] = []
        self._samples: list[NewSample] = []
        self._counts: Counter[DayMeasure] = Counter()
        self._size = len(pages)

    def record(self, page: Captured) -> Recorded | Deferred:
        seen = self._seen_before.get(page.fetch_id)
        if seen is not None:
            return self._recorded_before(page, seen)
        reading = page.reading
        reading_id, fingerprint = self._stored[reading.key]
        address, row = self._addresses[page.address_id], self._frontier[page.address_id]
        article = self._article(page, address)
        if page.imported_at is not None and self._is_past(article, row, page):
            return Deferred(article.id, article.current_version_id)
        version = self._version_shown(article, row, page, fingerprint)
        new = article.current_version_id is None
        if page.sample and not page.judged:
            sample = NewSample(address.id, row.source_id, page.fetched_at, page.sample)
            self._samples.append(sample)
        if not page.judged and not new and version is None:
            dismissed = article.dismissed_as is not None
            return Deferred(article.id, self._shown_before(article, row), dismissed)
        if version is not None:
            change = Change.UNCHANGED
        else:
            change = Change.NEW_ARTICLE if new else Change.NEW_VERSION
            if new or not self._said_before(article, fingerprint):
                self._count_change(row, page, change)
            version = self._add_version(article, page, reading_id)
        self._find(article, version, page, change)
        self._see(article, version, page)
        row.version_id = version.id
        if row.pending_fetch_id == page.fetch_id:
            row.pending_fetch_id = None
        self._count(row.source_id, page, change)
        return Recorded(change, article.id, version.id)

    def _is_past(self, article: Article, row: Frontier, page: Captured) -> bool:
        state = self._states.get(article.current_version_id or 0)
        later = row.checked_at is not None and row.checked_at > page.fetched_at
        return state is not None and (later or state.last_seen_at > page.fetched_at)

    def _count(self, source_id: int, page: Captured, change: Change) -> None:
        day = (source_id, page.fetched_at.astimezone(UTC).date())
        unchanged = change is Change.UNCHANGED
        self._counts[*day, Measure.PAGE_UNCHANGED if unchanged else Measure.PAGE_FETCHED] += 1
        if change is not Change.UNCHANGED:
            new = change is Change.NEW_ARTICLE
            self._counts[*day, Measure.ARTICLES if new else Measure.EDITS] += 1
        for measure, number in measures_of_reading(page.reading):
            self._counts[*day, measure] += number

    def _find(self, article: Article, version: Version, page: Captured, change: Change) -> None:
        """What the page meant, to be put on record."""
        away = article.state not in (ArticleState.LIVE, ArticleState.WALLED)
        meaning = _MEANINGS[change]
        if page.completes:
            meaning = Meaning.NEW
        finding = NewFinding(
            page.fetch_id,
            Outcome.UNCHANGED if change is Change.UNCHANGED else Outcome.FETCHED,
            Meaning.RETURNED if away and meaning is Meaning.UNCHANGED else meaning,
            article_id=article.id,
            version_id=version.id,
            reason=page.reason,
            confidence=page.confidence,
        )
        self._findings.append(finding)
        self._seen_before[page.fetch_id] = version.id

    def write(self) -> None:
        self._session.flush()
        record_findings(self._session, self._findings)
        refresh_edits(self._session, self._edited)
        sample_pages(self._session, self._samples)
        count(self._session, self._counts)

    def _recorded_before(self, page: Captured, version_id: int) -> Recorded:
        version = self._versions[version_id]
        state = self._states[version_id]
        if version.fetch_id != page.fetch_id:
            change = Change.UNCHANGED
        else:
            change = Change.NEW_ARTICLE if state.number == 1 else Change.NEW_VERSION
        return Recorded(change, state.article_id, version.id)

    def _article(self, page: Captured, address: Address) -> Article:
        """The article that the address leads to, locked; a new one where there is none yet."""
        if address.article_id is None:
            reading, key = page.reading, self._content_key(page)
            known = self._evidence.resolve(address, title=reading.title, text=reading.text)
            article_id = known.article_id
            if article_id is None and key is not None:
                article_id = self._same_words.join(address, key, page.fetch_id)
            if article_id is None:
                added = self._add_article(page, address, known.named)
                if key is not None:
                    self._same_words.add(key, added.id)
                return added
            known.named.article_id = address.article_id = article_id
        article = self._articles.get(address.article_id)
        if article is None:
            self._articles |= by_id(self._session, Article, {address.article_id}, lock=True)
            article = self._articles[address.article_id]
            self._load_versions({article.current_version_id})
        if article.merged_into_id is not None:
            # An operator merged it while the evidence was read.
            address.article_id = article.merged_into_id
            return self._article(page, address)
        return article

    def _content_key(self, page: Captured) -> ContentKey | None:
        """What an address says that leads to no article yet, where it says enough."""
        address, reading = self._addresses[page.address_id], page.reading
        if address.article_id is not None or not is_telling(reading.text):
            return None
        _, fingerprint = self._stored[reading.key]
        return address.source_id, fingerprint

    def _add_article(self, page: Captured, address: Address, named: Address) -> Article:
        if not self._article_ids:
            self._article_ids = new_ids(self._session, Article, self._size)[::-1]
        article = Article(
            id=self._article_ids.pop(),
            source_id=address.source_id,
            url=named.url,
            state=ArticleState.LIVE,
            first_seen_at=page.fetched_at,
        )
        self._session.add(article)
        self._articles[article.id] = article
        named.article_id = address.article_id = article.id
        return article

    def _load_versions(self, version_ids: set[int | None]) -> None:
        versions = by_id(self._session, Version, version_ids)
        self._versions |= versions
        states = by_id(self._session, VersionState, set(versions))
        self._known |= readings_of_versions(self._session, set(versions))
        if retracted := [it for it, state in states.items() if state.retracted_at is not None]:
            self._standing |= standing(self._session, retracted)
            states |= by_id(self._session, VersionState, set(self._standing.values()))
        self._states |= states

    def _version_shown(
        self, article: Article, row: Frontier, page: Captured, fingerprint: bytes
    ) -> Version | None:
        """The version that the page shows: the current one, or the one this address showed before.

        None where it reads as neither. Of two addresses that serve different wordings at the same
        time each is compared with its own, or they would edit each other at every check. A version
        that is retracted is still what its address shows.
        """
        retracted = row.version_id if row.version_id in self._standing else None
        current = article.current_version_id
        for version_id in dict.fromkeys((page.shows, retracted, current, row.version_id)):
            version = self._versions.get(version_id or 0)
            if version is None or self._states[version.id].article_id != article.id:
                continue
            if version_id == page.shows:
                return version
            said = {
                (extractor, known) for (extractor, _), (_, known) in self._known[version.id].items()
            }
            if (page.reading.extractor, fingerprint) in said:
                return version
        return None

    def _shown_before(self, article: Article, row: Frontier) -> int | None:
        """The version that the address showed, the article's current one where it showed none, or
        one that is another article's since."""
        state = self._states.get(row.version_id or 0)
        if state is not None and state.article_id == article.id:
            return row.version_id
        return article.current_version_id

    def _add_version(self, article: Article, page: Captured, reading_id: int) -> Version:
        if not self._version_ids:
            self._version_ids = new_ids(self._session, Version, self._size)[::-1]
        first = article.current_version_id is None
        number, place = (1, 1) if first else next_numbers(self._session, article.id)
        version = Version(
            id=self._version_ids.pop(),
            article_id=article.id,
            number=number,
            digest=page.reading.digest,
            reading_id=reading_id,
            recorded_content=page.reading.content["digest"],
            fetch_id=page.fetch_id,
            first_seen_at=page.fetched_at,
        )
        state = VersionState(
            version_id=version.id,
            best_reading=reading_id,
            last_seen_at=page.fetched_at,
            article_id=article.id,
            number=place,
        )
        self._session.add_all((version, state))
        self._versions[version.id], self._states[version.id] = version, state
        key = (page.reading.extractor, page.reading.template)
        self._known[version.id] = {key: self._stored[page.reading.key]}
        if place > 1:
            self._edited.append(version.id)
        article.current_version_id = version.id
        return version

    def _said_before(self, article: Article, fingerprint: bytes) -> bool:
        """Whether an earlier version has these words: then no more edits are to be expected, or a
        page that shows two wordings in turn would be asked for without end."""
        same = (
            select(VersionState.version_id)
            .join(Reading, Reading.id == VersionState.best_reading)
            .join(Content, Content.digest == Reading.content_digest)
        )
        wanted = (VersionState.article_id == article.id, Content.fingerprint == fingerprint)
        return self._session.scalar(same.where(*wanted).limit(1)) is not None

    def _count_change(self, row: Frontier, page: Captured, change: Change) -> None:
        """When the page changed, how often it has, and when to look again.

        A new article is as it was when it came out.
        """
        now = page.fetched_at
        listed_at = self._addresses[page.address_id].published_at
        published_at = page.reading.published_at or listed_at
        if change is Change.NEW_ARTICLE and published_at is not None:
            row.changed_at = min(now, published_at)
        else:
            row.changed_at = now
        row.edits += change is Change.NEW_VERSION
        source = self._sources[row.source_id]
        rate = revisits.rate(
            EditStats(source.edits, source.exposure), EditStats(row.edits, row.exposure)
        )
        looked_at = page.imported_at or now
        row.due_at = revisits.after_look(checked_at=looked_at, changed_at=row.changed_at, rate=rate)

    def _see(self, article: Article, version: Version, page: Captured) -> None:
        for version_id in {version.id, self._standing.get(version.id, version.id)}:
            state = self._states[version_id]
            state.last_seen_at = max(state.last_seen_at, page.fetched_at)
        partial = page.reading.details.get("partial")
        seen = ArticleState.WALLED if partial else ArticleState.LIVE
        if article.state is not seen:
            article.state = seen
            article.state_fetch_id = page.fetch_id
