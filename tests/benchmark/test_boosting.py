import random
from collections.abc import Sequence
from pathlib import Path

from crawler.extraction.body.trees import Trees
from tests.benchmark.boosting import FOLDS, Lesson, by_folds, record_of, teach


def lessons(sites: int) -> list[Lesson]:
    """What has a larger first number than a half is right; the second number is noise."""
    chance = random.Random(1)
    made = []
    for number in range(sites):
        values = [chance.random() for _ in range(2)]
        rows = [[value, chance.random()] for value in values]
        made.append(Lesson("made up", f"site{number}.example", rows, [it > 0.5 for it in values]))
    return made


def taught(some: Sequence[Lesson]) -> Trees:
    return teach(some, trees=20, depth=3)


def test_what_is_taught_holds_for_other_sites() -> None:
    trees = taught(lessons(200))
    low, high = trees.probabilities([[0.1, 0.9], [0.9, 0.1]])
    assert low < 0.3 < 0.7 < high


def test_the_same_lessons_give_the_same_trees() -> None:
    first, second = taught(lessons(100)), taught(lessons(100))
    assert first.leaf.tolist() == second.leaf.tolist()
    assert first.threshold.tolist() == second.threshold.tolist()


def test_each_site_is_told_by_trees_that_it_has_not_taught() -> None:
    given = lessons(60)
    seen: list[set[str]] = []

    def teacher(some: Sequence[Lesson]) -> Trees:
        seen.append({it.site for it in some})
        return taught(some)

    likely = by_folds(given, teacher)
    assert len(seen) == FOLDS
    assert set.intersection(*seen) == set()
    right = [
        (chance > 0.5) == label
        for lesson, chances in zip(given, likely, strict=True)
        for label, chance in zip(lesson.labels, chances, strict=True)
    ]
    assert sum(right) > 0.8 * len(right)


def test_the_record_tells_of_the_data_and_the_code() -> None:
    record = record_of(lessons(3), {"made up": 0.51239}, [Path(__file__)])
    assert record["data"] == {"made up": 3}
    assert record["sites"] == 3
    assert record["by folds of sites"] == {"made up": 0.5124}
