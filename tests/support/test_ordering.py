"""Tests in an order by which several processes are done soonest."""

from importlib.util import find_spec

import pytest

from tests.support.ordering import LONGEST, QUICK, in_order

SHORT = [f"tests.a{module}:{number}" for module in range(7) for number in range(10)]
MOMENTS = [f"{QUICK[0]}.test_{module}:{number}" for module in range(4) for number in range(10)]
LONG = [f"{name}:{number}" for name in reversed(LONGEST[:5]) for number in range(2)]


def module_of(test: str) -> str:
    return test.partition(":")[0]


def test_every_long_module_is_there() -> None:
    assert [name for name in (*LONGEST, *QUICK) if find_spec(name) is None] == []


def test_the_longest_come_first_in_half_of_the_processes() -> None:
    ordered = in_order([*SHORT, *LONG], module_of, 4)
    assert sorted(ordered) == sorted([*SHORT, *LONG])
    share = len(ordered) // 4
    assert module_of(ordered[0]) == LONGEST[0]
    assert module_of(ordered[share]) == LONGEST[1]
    assert not set(ordered[2 * share :]) & set(LONG)


def test_the_tests_of_a_long_module_stay_together_in_their_order() -> None:
    ordered = in_order([*SHORT, *LONG], module_of, 4)
    assert ordered[:2] == [f"{LONGEST[0]}:0", f"{LONGEST[0]}:1"]


@pytest.mark.parametrize("processes", [2, 3, 4, 5])
def test_each_process_ends_with_quick_ones(processes: int) -> None:
    given = [*SHORT, *MOMENTS, *LONG]
    ordered = in_order(given, module_of, processes)
    assert sorted(ordered) == sorted(given)
    share = len(given) // processes
    ends = [ordered[number * share - 1] for number in range(1, processes)] + ordered[-1:]
    assert all(module_of(test).startswith(QUICK) for test in ends)


def test_one_process_and_modules_in_parts_keep_the_order_that_was_given() -> None:
    assert in_order([*SHORT, *LONG], module_of, 1) == [*SHORT, *LONG]
    mixed = [SHORT[0], LONG[0], SHORT[1]]
    assert in_order(mixed, module_of, 4) == mixed
