"""The judge sees what an archive has right, and everything that it can have wrong."""

import pytest

from storage.database.archive import Archive
from storage.models import ArticleState
from tests.simulation.judgement import Judgement, judge
from tests.simulation.rehearsal import Rehearsal, Shown
from tests.simulation.test_truth import START, A, B, day, site, story
from tests.simulation.truth import Edition, Story, Turn, Wording, Year
from tests.support.archiving import Desk

SITE = "https://example.org"
C = Wording("Another headline", "A standfirst.", ("One paragraph.",))


class Crawl:
    """Reads pages into an archive at days of the year, and has it judged."""

    def __init__(self, archive: Archive, told: Story) -> None:
        self._archive = archive
        self._told = told
        self._desk = Desk(archive, site=f"{SITE}/", now=START)
        self._states: list[Shown] = []

    def read(self, at: float, wording: Wording, *, partial: bool = False) -> None:
        self._desk.now = day(at)
        self._desk.details = {"partial": partial}
        self._desk.read("/one/", wording.title, wording.text, minutes=0)

    def show(self, at: float, state: ArticleState) -> None:
        self._states.append(Shown(day(at), self._desk.article("/one/").id, state))

    def judge(self) -> Judgement:
        year = Year(START, day(30), (site(self._told),))
        return judge(year, self._archive, Rehearsal([SITE], states=self._states))


@pytest.fixture
def crawl(archive: Archive) -> Crawl:
    return Crawl(archive, story(Edition(day(0), A), Edition(day(2), B), Edition(day(4), C)))


def test_all_is_right(crawl: Crawl) -> None:
    for at, wording in ((1, A), (2, B), (3, B), (5, C)):
        crawl.read(at, wording)
    judged = crawl.judge()
    assert (judged.true, judged.seen, judged.found, judged.recorded) == (3, 3, 3, 3)
    assert (judged.precision, judged.recall) == (1, 1)
    wrong = (judged.false, judged.missed, judged.unbounded, judged.misread, judged.split)
    assert not any(wrong)
    assert judged.requests == {"page": 4}
    assert judged.known == {1: day(1)}


def test_an_edit_that_nobody_looked_at_is_only_not_found(crawl: Crawl) -> None:
    crawl.read(1, A)
    crawl.read(5, C)
    judged = crawl.judge()
    assert (judged.true, judged.seen, judged.found) == (3, 2, 2)
    assert judged.missed == judged.unbounded == []


def test_a_version_where_there_was_no_edit(crawl: Crawl) -> None:
    crawl.read(1, A)
    crawl.read(1.5, Wording("A headline", "A standfirst.", ("One paragraph, and an advert.",)))
    judged = crawl.judge()
    assert len(judged.false) == 1
    assert judged.precision == 0.5


def test_an_edit_that_was_looked_at_and_is_no_version(crawl: Crawl) -> None:
    crawl.read(1, A)
    crawl.read(3, A)
    judged = crawl.judge()
    assert (judged.seen, judged.found, len(judged.missed)) == (2, 1, 1)


def test_an_edit_that_was_taken_back_between_two_looks_is_not_missed(archive: Archive) -> None:
    crawl = Crawl(
        archive,
        story(Edition(day(0), A), Edition(day(2), B), Edition(day(3), A), Edition(day(5), C)),
    )
    for at, wording in ((1, A), (4, A), (6, C)):
        crawl.read(at, wording)
    judged = crawl.judge()
    assert (judged.true, judged.seen, judged.found, judged.missed) == (4, 2, 2, [])


def test_a_text_that_came_back_after_a_look_is_missed(archive: Archive) -> None:
    crawl = Crawl(
        archive,
        story(Edition(day(0), A), Edition(day(2), B), Edition(day(4), A), Edition(day(8), C)),
    )
    for at, wording in ((1, A), (3, B), (5, B)):
        crawl.read(at, wording)
    judged = crawl.judge()
    assert (judged.seen, len(judged.missed)) == (3, 1)


def test_a_text_that_was_never_so(crawl: Crawl) -> None:
    crawl.read(1, Wording("A headline", "A standfirst.", ("One paragraph. Read more",)))
    assert len(crawl.judge().misread) == 1


def test_times_that_do_not_hold_the_edit(archive: Archive) -> None:
    crawl = Crawl(archive, story(Edition(day(0), A), Edition(day(2), B)))
    crawl.read(1, A)
    crawl.read(2.5, A)  # which is B by then
    crawl.read(3, B)
    judged = crawl.judge()
    assert len(judged.unbounded) == 1


@pytest.mark.parametrize("said", [True, False])
def test_a_part_that_a_wall_showed_is_no_version_but_what_is_not_said_to_be_one_is_false(
    archive: Archive, said: bool
) -> None:
    turns = (Turn(day(0), ArticleState.WALLED), Turn(day(2), ArticleState.LIVE))
    crawl = Crawl(archive, story(Edition(day(0), A), turns=turns))
    crawl.read(1, Wording(A.title, A.standfirst, ()), partial=said)
    crawl.read(3, A)
    judged = crawl.judge()
    assert (judged.parts, judged.recorded, judged.found) == ((1, 1, 1) if said else (0, 2, 1))
    assert len(judged.false) == (0 if said else 1)


@pytest.mark.parametrize(
    ("said", "right"), [(ArticleState.GONE, 1), (ArticleState.NOT_FOUND, 0), (None, 0)]
)
def test_removals_are_typed(archive: Archive, said: ArticleState | None, right: int) -> None:
    turns = (Turn(day(2), ArticleState.GONE), Turn(day(6), ArticleState.LIVE))
    crawl = Crawl(archive, story(Edition(day(0), A), turns=turns))
    crawl.read(1, A)
    crawl.read(3, A)
    if said is not None:
        crawl.show(3, said)
    crawl.read(7, A)
    crawl.show(7, ArticleState.LIVE)
    judged = crawl.judge()
    assert (judged.removals, judged.removals_seen, judged.removals_right) == (1, 1, right)
    assert (judged.returns, judged.returns_seen, judged.returns_right) == (1, 1, 1)
    assert len(judged.mistyped) == 1 - right


def test_a_return_that_is_not_noticed(archive: Archive) -> None:
    turns = (Turn(day(2), ArticleState.GONE), Turn(day(6), ArticleState.LIVE))
    crawl = Crawl(archive, story(Edition(day(0), A), turns=turns))
    for at in (1, 3, 7):
        crawl.read(at, A)
    crawl.show(3, ArticleState.GONE)
    judged = crawl.judge()
    assert (judged.removals_right, judged.returns_seen, judged.returns_right) == (1, 1, 0)


def test_an_article_that_is_there_and_said_to_be_away(crawl: Crawl) -> None:
    crawl.read(1, A)
    crawl.show(1.5, ArticleState.NOT_FOUND)
    assert len(crawl.judge().false_states) == 1
