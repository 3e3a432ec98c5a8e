"""What is an edit, what is kept of it, and that asking twice changes nothing."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from storage.database.archive import Archive
from storage.frontier.checks import Check
from storage.history.non_articles import NonArticle, record_non_articles
from storage.ledger.findings import of_fetch, outcome_of_fetch
from storage.models import (
    Address,
    Article,
    ArticleState,
    Base,
    Content,
    Fetch,
    Finding,
    Outcome,
    Reading,
    Version,
    VersionState,
)
from tests.support.archiving import START, Desk
from tests.support.properties import examples

TITLE = "Council meets"
_sites = itertools.count()


@dataclass(frozen=True)
class Visit:
    """The page at `path` says `text`; `advert` changes its bytes alone."""

    path: str
    text: str
    advert: str


@dataclass(frozen=True)
class Miss:
    """No answer, or an answer that the page is not there."""

    path: str
    outcome: Outcome


@dataclass(frozen=True)
class Judge:
    """An answer that turns out to be no article."""

    path: str
    outcome: Outcome


@dataclass(frozen=True)
class Retool:
    """The extractor or the template moves on."""

    extractor: str
    template: str


Step = Visit | Miss | Judge | Retool
PATHS = st.sampled_from(["/a", "/a?page=amp"])
VISIT = st.builds(
    Visit, PATHS, st.sampled_from(["One two", "One three", "Four"]), st.sampled_from("xy")
)
STEPS = st.one_of(
    VISIT,
    VISIT,
    VISIT,
    st.builds(
        Miss,
        PATHS,
        st.sampled_from(
            [Outcome.FAILED, Outcome.BLOCKED, Outcome.GONE, Outcome.NOT_FOUND, Outcome.MOVED]
        ),
    ),
    st.builds(
        Judge, PATHS, st.sampled_from([Outcome.CHALLENGE, Outcome.PAYWALL, Outcome.NOT_FOUND])
    ),
    st.builds(Retool, st.sampled_from("123"), st.sampled_from(["", "p", "q"])),
)
REMOVALS = {
    Outcome.GONE: ArticleState.GONE,
    Outcome.NOT_FOUND: ArticleState.NOT_FOUND,
    Outcome.MOVED: ArticleState.MOVED,
    Outcome.PAYWALL: ArticleState.WALLED,
    Outcome.CHALLENGE: ArticleState.WALLED,
}


@dataclass
class SeenVersion:
    text: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass
class Model:
    """One article at two addresses, as an archive should remember it."""

    versions: list[SeenVersion] = field(default_factory=list)
    state: ArticleState | None = None
    observations: list[tuple[Outcome, int | None]] = field(default_factory=list)
    served: dict[str, object] = field(default_factory=dict)
    shown: dict[str, int] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)

    def visit(self, step: Visit, now: datetime) -> None:
        known = self.served.get(step.path) == step
        candidates = [len(self.versions), self.shown.get(step.path)]
        if known:
            number = self.shown[step.path]
        else:
            number = next(
                (n for n in candidates if n and self.versions[n - 1].text == step.text), 0
            )
        outcome = Outcome.UNCHANGED if number else Outcome.FETCHED
        if not number:
            self.versions.append(SeenVersion(step.text, now, now))
            number = len(self.versions)
        self.versions[number - 1].last_seen_at = now
        self.served[step.path], self.shown[step.path] = step, number
        self.state = ArticleState.LIVE
        self.observations.append((outcome, number))

    def miss(self, step: Miss | Judge) -> None:
        self.observations.append((step.outcome, None))
        if step.outcome in REMOVALS:
            self.shown.pop(step.path, None)
            if not self.shown and step.path in self.joined:
                self.state = REMOVALS[step.outcome]
        if step.outcome in REMOVALS or isinstance(step, Judge):
            self.served.pop(step.path, None)


def play(desk: Desk, model: Model, step: Step) -> Callable[[], object] | None:
    """Do `step` to the archive and to the model; returns how to ask for the same again."""
    match step:
        case Retool(extractor, template):
            desk.extractor, desk.template = extractor, template
            return None
        case Visit(path, text, advert):
            body = desk.body(TITLE, text, advert=advert, canonical_url=desk.site + "a")
            check, checked = desk.check(path, body=body)
            page = desk.captured(check)
            recorded = desk.record_page(page) if checked.extract else None
            model.joined |= {"/a", path}
            model.visit(step, check.fetched_at)

            def again() -> None:
                assert desk.record(check).outcome in (Outcome.FETCHED, Outcome.UNCHANGED)
                if recorded is not None:
                    assert desk.record_page(page) == recorded

            return again
        case Miss(path, outcome):
            check, _ = desk.check(path, outcome)
            model.miss(step)
            return lambda: desk.record(check)
        case Judge(path, outcome):
            non_article = desk.judge(path, outcome)
            model.miss(step)
            return lambda: _judge_again(desk, non_article)


def _judge_again(desk: Desk, non_article: NonArticle) -> None:
    with desk.archive.writing() as session:
        record_non_articles(session, [non_article])


def snapshot(archive: Archive) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with archive.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, max_size=10), replayed=st.integers(0, 9))
@example(
    steps=[
        Visit("/a", "One two", "x"),
        Visit("/a?page=amp", "One three", "x"),
        Visit("/a", "One two", "y"),
        Retool("2", "p"),
        Visit("/a?page=amp", "One three", "y"),
        Visit("/a", "One three", "x"),
    ],
    replayed=9,
)
@example(  # asked again, the check of /a speaks of an article that was walled since
    steps=[
        Miss("/a", Outcome.MOVED),
        Visit("/a?page=amp", "One two", "x"),
        Judge("/a?page=amp", Outcome.CHALLENGE),
    ],
    replayed=0,
)
def test_any_history_is_told_as_it_happened(
    archive: Archive, steps: list[Step], replayed: int
) -> None:
    number = next(_sites)
    desk = Desk(archive, f"https://site{number}.example/", START + timedelta(days=number))
    model = Model()
    asked = [again for step in steps if (again := play(desk, model, step)) is not None]

    assert told(desk) == (
        [(v.text, v.first_seen_at, v.last_seen_at) for v in model.versions],
        model.state,
        model.observations,
    )

    before = snapshot(archive)
    for again in asked[: replayed + 1]:
        again()
    assert snapshot(archive) == before


COPIES = st.sampled_from(["/a", "/a?page=amp", "/b", "/b?page=amp"])
VISITS = st.builds(Visit, COPIES, st.sampled_from(["One two", "One three"]), st.sampled_from("xy"))


@settings(
    max_examples=examples(5),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    before=st.lists(VISITS, max_size=6),
    batch=st.lists(VISITS, max_size=4, unique_by=lambda visit: visit.path),
)
def test_a_batch_is_as_if_one_came_after_the_other(
    archive: Archive, before: list[Visit], batch: list[Visit]
) -> None:
    number = 2 * next(_sites)
    desks = [
        Desk(archive, f"https://batch{n}.example/", START + timedelta(days=n))
        for n in (number, number + 1)
    ]
    for desk in desks:
        for visit in before:
            desk.record_together([_page(desk, visit)])
    desks[0].record_together([_page(desks[0], visit) for visit in batch])
    for visit in batch:
        desks[1].record_together([_page(desks[1], visit)])
    assert _told_of_all(desks[0]) == _told_of_all(desks[1])


def _page(desk: Desk, visit: Visit) -> Check:
    article = visit.path[:2]
    body = desk.body(
        f"Title {article}",
        visit.text,
        advert=visit.advert,
        canonical_url=desk.site + article[1:],
    )
    return desk.prepare(visit.path, body=body)


def _told_of_all(desk: Desk) -> list[tuple[Any, ...]]:
    """What was seen when, article by article, by the desk's own clock and addresses."""
    with desk.archive.reading() as session:
        rows = session.execute(
            select(
                Address.url,
                Fetch.fetched_at,
                outcome_of_fetch(),
                Article.url,
                Article.state,
                Version.number,
                Content.text,
                Version.first_seen_at,
                VersionState.last_seen_at,
            )
            .select_from(Fetch)
            .join(Address, Address.id == Fetch.address_id)
            .outerjoin(Finding, of_fetch())
            .outerjoin(Version, Version.id == Finding.version_id)
            .outerjoin(VersionState, VersionState.version_id == Version.id)
            .outerjoin(Reading, Reading.id == VersionState.best_reading)
            .outerjoin(Content, Content.digest == Reading.content_digest)
            .outerjoin(Article, Article.id == Version.article_id)
            .where(Address.source_id == desk.source.id)
            .order_by(Fetch.id)
        )
        return [tuple(_own(desk, value) for value in row) for row in rows]


def _own(desk: Desk, value: Any) -> Any:
    if isinstance(value, datetime):
        return value - desk.source.added_at
    return value.removeprefix(desk.site) if isinstance(value, str) else value


def told(desk: Desk) -> tuple[list[Any], ArticleState | None, list[Any]]:
    """What the archive says of the desk's one article: versions, state, observations."""
    with desk.archive.reading() as session:
        article = session.scalar(select(Article).where(Article.source_id == desk.source.id))
        observations = session.execute(
            select(outcome_of_fetch(), Version.number)
            .select_from(Fetch)
            .join(Address, Address.id == Fetch.address_id)
            .outerjoin(Finding, of_fetch())
            .outerjoin(Version, Version.id == Finding.version_id)
            .where(Address.source_id == desk.source.id)
            .order_by(Fetch.id)
        )
        seen = [tuple(row) for row in observations]
    if article is None:
        return [], None, seen
    history = desk.history("/a")
    assert [record.version for record in history] == list(range(1, len(history) + 1))
    texts = [record.text.partition(" (read by")[0] for record in history]
    versions = [
        (text, record.first_seen_at, record.last_seen_at)
        for text, record in zip(texts, history, strict=True)
    ]
    return versions, article.state, seen
