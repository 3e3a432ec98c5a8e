"""The order in which several processes run the tests: those that wait for long come first, those
that take a moment last, so that all processes are done at about the same time."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, islice
from typing import Final, TypeVar

Test = TypeVar("Test")

LONGEST: Final = (
    "tests.end_to_end.test_schedule",
    "tests.end_to_end.test_politeness",
    "tests.end_to_end.test_crawl",
    "tests.end_to_end.test_browser",
    "tests.end_to_end.test_judging",
    "tests.end_to_end.test_kill",
    "tests.end_to_end.test_databases",
    "tests.end_to_end.test_any_url",
    "tests.simulation.test_year",
    "tests.end_to_end.test_random_answers",
    "tests.end_to_end.test_hostile_web",
    "tests.end_to_end.test_schedule_fairness",
    "tests.scripts.test_schedule",
    "tests.end_to_end.test_robots_txt",
    "tests.end_to_end.test_beside_a_crawl",
    "tests.end_to_end.test_interruption",
    "tests.end_to_end.test_reextraction_kill",
    "tests.end_to_end.test_warc_kill",
    "tests.endurance.test_week",
    "tests.scripts.test_demo_command",
    "tests.end_to_end.test_private_addresses",
    "tests.end_to_end.test_several_crawlers",
    "tests.systems.test_days",
    "tests.end_to_end.test_tdm_files",
    "tests.end_to_end.test_two_crawlers",
    "tests.end_to_end.test_schedule_watched",
    "tests.end_to_end.test_stopping",
)
"""The modules with the tests that take longest, most of it waiting, longest first."""

QUICK: Final = ("tests.crawler.discovery", "tests.crawler.extraction", "tests.crawler.judging")
"""Packages with many tests that wait for nothing and start nothing."""


def in_order(tests: Sequence[Test], module_of: Callable[[Test], str], processes: int) -> list[Test]:
    """The tests so that the longest begin at once, in half of the processes or a little more; the
    others have those that wait for nothing meanwhile, and each of them quick ones at the end.

    The processes get equal parts of the list (`--dist worksteal`), and who is done takes from the
    end of another's: one that has long tests left is not to end with the others' idle. The tests
    of a module stay together, in their order.
    """
    modules = {name: list(some) for name, some in groupby(tests, module_of)}
    if processes < 2 or sum(map(len, modules.values())) < len(tests):
        return list(tests)  # nothing to share out, or modules that are given in parts
    long = [modules.pop(name) for name in LONGEST if name in modules]
    quick = [
        modules.pop(name) for name in list(modules) if name.rpartition(".")[0].startswith(QUICK)
    ]
    waiting = (processes + 1) // 2
    last, rest = iter(_joined(quick)), iter(_joined(modules.values()))
    share, ending = len(tests) // processes, sum(map(len, quick)) // processes
    ordered: list[Test] = []
    for number in range(processes - 1):
        part = _joined(long[number::waiting]) if number < waiting else []
        part += islice(rest, max(0, share - ending - len(part)))
        ordered += [*part, *islice(last, max(0, share - len(part)))]
    return [*ordered, *rest, *last]


def _joined(parts: Iterable[Sequence[Test]]) -> list[Test]:
    return [test for part in parts for test in part]
