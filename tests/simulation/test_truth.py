"""The truth tells what was to be read when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.models import ArticleState
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
)

START = datetime(2027, 1, 1, tzinfo=UTC)
A = Wording("A headline", "A standfirst.", ("One paragraph.",))
B = Wording("A headline", "A standfirst.", ("Another paragraph.",))


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def story(
    *editions: Edition, turns: tuple[Turn, ...] = (), places: tuple[Place, ...] = ()
) -> Story:
    at = editions[0].at
    return Story(
        number=1,
        author="Ada Marlowe",
        editions=editions,
        turns=(Turn(at, ArticleState.LIVE), *turns),
        places=(Place(at, "/one/"), *places),
    )


def site(*stories: Story, outages: tuple[Outage, ...] = ()) -> Site:
    return Site(
        name="The Gazette",
        language="en",
        validators=False,
        lastmod=False,
        feed_format="rss",
        designs=(Design(START, "plain"), Design(day(5), "blog")),
        outages=outages,
        stories=stories,
    )


def test_there_and_back_are_three_versions() -> None:
    it = story(Edition(day(0), A), Edition(day(1), B), Edition(day(2), A))
    assert [version.wording for version in it.versions] == [A, B, A]
    assert [version.ends for version in it.versions] == [day(1), day(2), None]


def test_another_time_with_the_same_words_is_no_version() -> None:
    it = story(Edition(day(0), A), Edition(day(1), A), Edition(day(2), B))
    assert [version.begins for version in it.versions] == [day(0), day(2)]
    assert it.edition(day(1.5)).at == day(1)
    assert it.version(day(1.5)) == 0


def test_what_holds_from_a_moment_on_holds_at_that_moment() -> None:
    turns = (Turn(day(3), ArticleState.GONE), Turn(day(4), ArticleState.LIVE))
    it = story(
        Edition(day(0), A), Edition(day(1), B), turns=turns, places=(Place(day(2), "/two/"),)
    )
    just_before = timedelta(microseconds=1)
    assert (it.version(day(1) - just_before), it.version(day(1))) == (0, 1)
    assert (it.path(day(2) - just_before), it.path(day(2))) == ("/one/", "/two/")
    assert it.state(day(3) - just_before) is ArticleState.LIVE
    assert it.state(day(3)) is ArticleState.GONE
    assert it.state(day(9)) is ArticleState.LIVE


def test_an_outage_ends() -> None:
    it = site(outages=(Outage(day(1), day(2), OutageKind.REFUSED),))
    assert [it.outage(day(n)) for n in (0.5, 1, 1.5, 2)] == [
        None,
        OutageKind.REFUSED,
        OutageKind.REFUSED,
        None,
    ]


def test_a_redesign_lasts() -> None:
    assert [site().theme(day(n), 1) for n in (0, 4.9, 5, 50)] == ["plain", "plain", "blog", "blog"]


def test_a_roll_out_takes_one_page_after_the_other_and_none_back() -> None:
    it = replace(
        site(), designs=(Design(START, "plain"), Design(day(5), "blog", timedelta(weeks=3)))
    )
    shown = {n: [it.theme(day(n), page) for page in range(100)] for n in (5, 12, 19, 26)}
    counts = [shown[n].count("blog") for n in (5, 12, 19, 26)]
    assert counts[0] == 0
    assert 20 < counts[1] < counts[2] < 80
    assert counts[3] == 100
    assert all(b == "blog" for a, b in zip(shown[12], shown[19], strict=True) if a == "blog")


def test_what_is_away_or_not_yet_there_is_not_listed() -> None:
    first = story(Edition(day(0), A), turns=(Turn(day(3), ArticleState.NOT_FOUND),))
    second = story(Edition(day(2), B), turns=(Turn(day(3), ArticleState.WALLED),))
    it = site(first, second)
    assert it.listed(day(1)) == [first]
    assert it.listed(day(2)) == [second, first]
    assert it.listed(day(4)) == [second]
