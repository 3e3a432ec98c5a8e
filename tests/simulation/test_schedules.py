"""What schedules look at, and find, by calculation."""

from datetime import datetime, timedelta

import pytest

from storage.frontier import revisits
from storage.frontier.revisits import EditStats
from storage.models import ArticleState
from tests.simulation.expectation import by_permalien
from tests.simulation.schedules import by_age, newsdiffs
from tests.simulation.test_truth import START, A, B, day, site, story
from tests.simulation.truth import Edition, Outage, OutageKind, Story, Turn, Year

STEP = timedelta(minutes=15)
CADENCE = timedelta(hours=3)


def year(*stories: Story, days: float, outages: tuple[Outage, ...] = ()) -> Year:
    return Year(START, day(days), (site(*stories, outages=outages),))


@pytest.mark.parametrize(
    ("quiet", "delay"),
    [
        (timedelta(0), timedelta(minutes=15)),
        (timedelta(hours=3), timedelta(hours=1)),
        (timedelta(days=1), timedelta(hours=3)),
        (timedelta(days=7), timedelta(days=3)),
        (timedelta(days=30), timedelta(days=30)),
        (timedelta(days=360), None),
    ],
)
def test_newsdiffs_delays(quiet: timedelta, delay: timedelta | None) -> None:
    assert newsdiffs(quiet) == delay


def test_newsdiffs_looks_at_what_does_not_change() -> None:
    told = story(Edition(day(0), A))
    looks = {
        days: by_age(year(told, days=days), {1: START}, newsdiffs, step=STEP).requests
        for days in (1 / 8, 1, 7, 30, 359, 720)
    }
    assert looks[1 / 8] == 12
    assert looks[1] == 12 + 21
    assert looks[7] == 12 + 21 + 48
    assert looks[30] == 12 + 21 + 48 + 7
    assert looks[720] - looks[359] <= 1, "it is given up"


def test_newsdiffs_begins_anew_after_an_edit() -> None:
    told = story(Edition(day(0), A), Edition(day(2), B))
    edited = by_age(year(told, days=4), {1: START}, newsdiffs, step=STEP)
    assert edited.found == {(1, 0), (1, 1)}
    assert edited.requests == 12 + 21 + 8 + 12 + 21 + 7


def test_what_is_over_before_the_next_look_is_not_found() -> None:
    moment = timedelta(minutes=1)
    told = story(Edition(day(0), A), Edition(day(2) + moment, B), Edition(day(2) + 9 * moment, A))
    for schedule in (
        by_age(year(told, days=4), {1: START}, newsdiffs, step=STEP),
        by_permalien(year(told, days=4), cadence=CADENCE, step=STEP),
    ):
        assert (1, 1) not in schedule.found


def test_permalien_looks_when_its_policy_says() -> None:
    told = story(Edition(day(0), A))
    at, looks = START, 0
    while at < day(30):
        looks += 1
        exposure = revisits.exposure_of(day(0), day(0), at)
        rate = revisits.rate(EditStats(0, 0), EditStats(0, exposure))
        due_at = revisits.after_look(checked_at=at, changed_at=day(0), rate=rate)
        at = START + -((START - due_at) // STEP) * STEP
    calculated = by_permalien(year(told, days=30), cadence=CADENCE, step=STEP)
    # The source's exposure counts too, from the second look on.
    assert looks * 0.8 <= calculated.requests <= looks


def test_permalien_hears_of_an_article_by_the_feed() -> None:
    told = story(Edition(day(0) + timedelta(minutes=20), A))
    calculated = by_permalien(year(told, days=1), cadence=CADENCE, step=STEP)
    assert calculated.known == {1: START + CADENCE}
    assert calculated.found == {(1, 0)}


@pytest.mark.parametrize("kind", OutageKind)
def test_nothing_is_found_in_an_outage_and_all_of_it_after(kind: OutageKind) -> None:
    told = story(Edition(day(0), A), Edition(day(2.1), B))
    outage = Outage(day(2), day(2.5), kind)

    def found(until: float) -> set[tuple[int, int]]:
        lived = year(told, days=until, outages=(outage,))
        return by_permalien(lived, cadence=CADENCE, step=STEP).found

    assert found(2.5) == {(1, 0)}
    assert found(6) == {(1, 0), (1, 1)}


def test_what_is_away_is_asked_for_ever_more_rarely_and_found_when_it_is_back() -> None:
    turns = (Turn(day(1), ArticleState.NOT_FOUND), Turn(day(9), ArticleState.LIVE))
    told = story(Edition(day(0), A), Edition(day(9.5), B), turns=turns)

    def lived(until: float) -> int:
        return by_permalien(year(told, days=until), cadence=CADENCE, step=STEP).requests

    first, last = lived(3) - lived(1), lived(9) - lived(7)
    assert first > 2 * last > 0 or (first > 0 and last <= 1)
    back: datetime = day(40)
    assert (1, 1) in by_permalien(
        Year(START, back, (site(told),)), cadence=CADENCE, step=STEP
    ).found
