"""The order in which several processes run the tests: those that wait for long come first."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Final, TypeVar

Test = TypeVar("Test")

LONGEST: Final = (
    "tests.end_to_end.test_schedule_fairness",
    "tests.end_to_end.test_random_answers",
    "tests.simulation.test_year",
    "tests.end_to_end.test_databases",
    "tests.endurance.test_week",
    "tests.end_to_end.test_several_crawlers",
    "tests.end_to_end.test_hostile_web",
    "tests.end_to_end.test_kill",
    "tests.end_to_end.test_warc_kill",
    "tests.end_to_end.test_stopping",
)
"""The modules with the tests that take longest, most of it waiting, longest first."""


def in_order(tests: Sequence[Test], module_of: Callable[[Test], str], processes: int) -> list[Test]:
    """The tests so that the longest begin at once, in half of the processes; the others have those
    that wait for nothing meanwhile, and all of them what is left.

    The processes get equal parts of the list (`--dist worksteal`), and who is done takes from the
    end of another's. The tests of a module stay together, in their order.
    """
    modules = {name: list(some) for name, some in groupby(tests, module_of)}
    if processes < 2 or sum(map(len, modules.values())) < len(tests):
        return list(tests)  # nothing to share out, or modules that are given in parts
    long = [modules.pop(name) for name in LONGEST if name in modules]
    waiting = processes // 2
    parts: list[list[Test]] = [_joined(long[number::waiting]) for number in range(waiting)]
    rest = iter(_joined(modules.values()))
    share = len(tests) // processes
    for part in parts:
        part += [test for _, test in zip(range(share - len(part)), rest, strict=False)]
    return [*_joined(parts), *rest]


def _joined(parts: Iterable[Sequence[Test]]) -> list[Test]:
    return [test for part in parts for test in part]
