"""What is an edit, what is kept of it, and that asking twice changes nothing."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from storage.archive import Archive
from storage.checks import Check
from storage.models import (
    Address,
    Article,
    ArticleState,
    Base,
    Observation,
    Outcome,
    Version,
)
from storage.versioning import Verdict, record_verdicts
from tests.support.archiving import START, Desk

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
    """The extractor or the profile moves on."""

    extractor: str
    profile: str


Step = Visit | Miss | Judge | Retool
PATHS = st.sampled_from(["/a", "/a?page=amp"])
STEPS = st.one_of(
    st.builds(
        Visit, PATHS, st.sampled_from(["One two", "One three", "Four"]), st.sampled_from("xy")
    ),
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
            if self.state is not None and not self.shown and step.path in self._joined():
                self.state = REMOVALS[step.outcome]
        if step.outcome in REMOVALS or isinstance(step, Judge):
            self.served.pop(step.path, None)

    joined: set[str] = field(default_factory=set)

    def _joined(self) -> set[str]:
        return self.joined


@dataclass
class Played:
    """What was asked of the archive, so that it can be asked again."""

    checks: list[Check] = field(default_factory=list)
    again: list[Callable[[], object]] = field(default_factory=list)


def play(desk: Desk, model: Model, step: Step) -> Callable[[], object] | None:
    """Do `step` to the archive and to the model; returns how to ask for the same again."""
    match step:
        case Retool(extractor, profile):
            desk.extractor, desk.profile = extractor, profile
            return None
        case Visit(path, text, advert):
            body = desk.body(TITLE, text, advert=advert, canonical_url=desk.site + "a")
            check, checked = desk.check(path, body=body)
            page = desk.captured(check)
            recorded = desk.record_page(page) if checked.extract else None
            model.joined |= {"/a", path}
            model.visit(step, check.observed_at)

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
            verdict = desk.judge(path, outcome)
            model.miss(step)
            return lambda: _judge_again(desk, verdict)


def _judge_again(desk: Desk, verdict: Verdict) -> None:
    with desk.archive.writing() as session:
        record_verdicts(session, [verdict])


def snapshot(archive: Archive) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with archive.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, max_size=10), replayed=st.integers(0, 9))
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


def told(desk: Desk) -> tuple[list[Any], ArticleState | None, list[Any]]:
    """What the archive says of the desk's one article: versions, state, observations."""
    with desk.archive.reading() as session:
        article = session.scalar(select(Article).where(Article.source_id == desk.source.id))
        observations = session.execute(
            select(Observation.outcome, Version.number)
            .join(Address, Address.id == Observation.address_id)
            .outerjoin(Version, Version.id == Observation.version_id)
            .where(Address.source_id == desk.source.id)
            .order_by(Observation.id)
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
