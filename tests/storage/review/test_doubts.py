"""What differs at a source, judged together."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from storage.history.extractions import Text
from storage.models import ArticleState
from storage.review.doubts import Difference, is_odd, judge
from tests.support.archiving import START

WORDS = " ".join(f"word{number}" for number in range(30))


def text(number: int) -> Text:
    """An article of five paragraphs that are its own."""
    paragraphs = tuple(f"{WORDS} {number} {place}" for place in range(5))
    return Text(f"Headline {number}", paragraphs, published_at=START, modified_at=START)


def edit(number: int, after: Text) -> Difference:
    return Difference(number, number, before=text(number), after=after)


def reworded(number: int) -> Difference:
    """A sentence in the middle was put differently."""
    old = text(number)
    paragraphs = (*old.paragraphs[:2], f"another sentence {number}", *old.paragraphs[3:])
    return edit(number, replace(old, paragraphs=paragraphs))


def cut(number: int) -> Difference:
    return edit(number, replace(text(number), paragraphs=text(number).paragraphs[:1]))


def away(number: int, state: ArticleState | None = ArticleState.NOT_FOUND) -> Difference:
    return Difference(number, number, state=state)


def with_line(number: int, line: str, at: int) -> Difference:
    old = text(number)
    paragraphs = [*old.paragraphs]
    paragraphs.insert(at, line)
    return edit(number, replace(old, paragraphs=tuple(paragraphs)))


def test_a_few_edits_are_believed() -> None:
    judgement = judge([reworded(1), reworded(2), cut(3), away(4)], looked_at=20)
    assert judgement.alarm is None
    assert judgement.reasons == {3: "half the text is gone", 4: "not-found"}


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (cut, "half the text is gone"),
        (lambda n: edit(n, replace(text(n), published_at=None)), "the date is gone"),
        (
            lambda n: edit(n, replace(text(n), paragraphs=text(n).paragraphs * 3)),
            "the text has doubled",
        ),
        (away, "not-found"),
        (lambda n: away(n, None), "no article any more"),
        (lambda n: away(n, ArticleState.WALLED), "walled"),
        (lambda n: with_line(n, "Read on in our app", 5), "changed like others"),
    ],
)
def test_what_is_broken_on_many_pages_is_not(
    broken: Callable[[int], Difference], reason: str
) -> None:
    judgement = judge([broken(number) for number in range(1, 9)], looked_at=10)
    assert judgement.alarm is not None
    assert reason in judgement.alarm
    assert set(judgement.reasons) == set(range(1, 9))


def test_two_are_no_pattern_and_three_of_many_are_none() -> None:
    assert judge([cut(1), cut(2)], looked_at=2).alarm is None
    assert judge([cut(1), cut(2), cut(3)], looked_at=10).alarm is None
    assert judge([cut(1), cut(2), cut(3)], looked_at=9).alarm is not None


def test_so_many_edits_at_once_are_in_doubt_for_their_number() -> None:
    ten = [reworded(number) for number in range(1, 11)]
    assert judge(ten[:9], looked_at=9).alarm is None
    assert judge(ten, looked_at=20).alarm is None
    assert judge(ten, looked_at=15).alarm == "10 of 15 articles read differently at once"


def test_articles_that_move_each_to_an_address_of_its_own_have_moved() -> None:
    moved = [
        Difference(number, number, state=ArticleState.MOVED, target=f"https://example.org/{number}")
        for number in range(1, 9)
    ]
    assert judge(moved, looked_at=8).alarm is None
    to_one = [replace(difference, target="https://example.org/login") for difference in moved]
    assert judge(to_one, looked_at=8).alarm is not None


def test_what_others_are_looked_at_for_first() -> None:
    assert is_odd(cut(1))
    assert is_odd(away(1))
    assert is_odd(away(1, ArticleState.TO_FRONT_PAGE))
    assert is_odd(with_line(1, "A newsletter, every morning", 5))
    assert is_odd(with_line(1, "By our own reporter", 0))
    assert not is_odd(reworded(1))
    assert not is_odd(away(1, ArticleState.MOVED))
    # The publisher says so, or it stands amid the text.
    later = with_line(1, "Correction: it was Tuesday", 5)
    assert later.after is not None
    assert not is_odd(replace(later, after=replace(later.after, modified_at=None)))
    assert not is_odd(with_line(1, "A heading", 2))
