"""The year that is drawn: the same for the same seed, and as its module says news changes."""

from datetime import timedelta
from itertools import pairwise

import pytest

from storage.models import ArticleState
from tests.simulation.plan import FATES, plan_year
from tests.simulation.truth import OutageKind, Story, Year


@pytest.fixture(scope="module")
def year() -> Year:
    return plan_year(articles=2_000, sources=20, days=365)


def stories(year: Year) -> list[Story]:
    return [story for site in year.sites for story in site.stories]


def test_a_seed_is_a_year() -> None:
    def plan(seed: int) -> Year:
        return plan_year(articles=30, sources=3, days=20, seed=seed)

    assert plan(1) == plan(1)
    assert plan(1) != plan(2)


def test_everything_asked_for_is_there(year: Year) -> None:
    assert len(year.sites) == 20
    assert sorted(story.number for story in stories(year)) == [*range(2_000)]
    assert len({place.path for story in stories(year) for place in story.places}) == sum(
        len(story.places) for story in stories(year)
    )


@pytest.mark.parametrize(("articles", "days"), [(40, 30), (2_000, 365)])
def test_every_kind_of_event_happens(articles: int, days: int) -> None:
    year = plan_year(articles=articles, sources=max(3, articles // 100), days=days)
    states = {turn.state for story in stories(year) for turn in story.turns}
    assert states == {ArticleState.LIVE, *FATES}
    assert any(len(story.turns) > 2 for story in stories(year))
    assert any(len(story.places) > 1 for story in stories(year))
    assert {outage.kind for site in year.sites for outage in site.outages} == set(OutageKind)
    assert all(len(site.designs) > 1 for site in year.sites)
    assert any(design.roll_out for site in year.sites for design in site.designs)


def test_redesigns_and_corrections_are_as_many_as_asked_for() -> None:
    calm, busy = (
        plan_year(articles=200, sources=2, days=365, redesigns=redesigns, corrections=corrections)
        for redesigns, corrections in ((1, False), (4, True))
    )
    assert [len(site.designs) for site in calm.sites] == [2, 2]
    assert [len(site.designs) for site in busy.sites] == [5, 5]
    edits = [sum(len(it.editions) for it in stories(year)) for year in (calm, busy)]
    assert edits[1] >= edits[0] + 2 * (5 + 12 + 30)


def test_times_are_in_order_and_nothing_is_edited_while_it_is_away(year: Year) -> None:
    for story in stories(year):
        for times in (
            [edition.at for edition in story.editions],
            [turn.at for turn in story.turns],
            [place.at for place in story.places],
        ):
            assert all(before < after for before, after in pairwise(times))
        assert all(story.state(edition.at) is ArticleState.LIVE for edition in story.editions)


def test_edits_come_early_and_then_ever_more_rarely(year: Year) -> None:
    waits = [
        version.ends - version.begins
        for story in stories(year)
        for version in story.versions[:1]
        if version.ends is not None
    ]
    week = [wait for wait in waits if wait < timedelta(days=7)]
    day = [wait for wait in week if wait < timedelta(days=1)]
    assert 0.7 < len(day) / len(week) < 0.95, "GDELT: 0.82"
    assert any(wait > timedelta(days=60) for wait in waits)


def test_sources_and_articles_differ_in_how_much_they_are_edited(year: Year) -> None:
    edits = [
        sum(len(story.versions) - 1 for story in site.stories) / len(site.stories)
        for site in year.sites
    ]
    assert max(edits) > 5 * min(edits)
    assert 1.5 < sum(edits) / len(edits) < 4, "NewsEdits: 2.6"
    assert max(len(story.versions) for story in stories(year)) > 50
    assert sum(len(story.versions) == 1 for story in stories(year)) > 600


def test_some_edits_are_undone_and_some_change_the_time_alone(year: Year) -> None:
    undone = idle = 0
    for story in stories(year):
        wordings = [version.wording for version in story.versions]
        undone += sum(a == c for a, c in zip(wordings, wordings[2:], strict=False))
        idle += len(story.editions) - len(story.versions)
    assert undone > 100
    assert idle > 100
