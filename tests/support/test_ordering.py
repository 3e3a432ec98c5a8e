"""Tests in an order by which several processes are done soonest."""

from importlib.util import find_spec

from tests.support.ordering import LONGEST, in_order

SHORT = [f"tests.a{module}:{number}" for module in range(7) for number in range(10)]
LONG = [f"{name}:{number}" for name in reversed(LONGEST[:5]) for number in range(2)]


def module_of(test: str) -> str:
    return test.partition(":")[0]


def test_every_long_module_is_there() -> None:
    assert [name for name in LONGEST if find_spec(name) is None] == []


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


def test_one_process_and_modules_in_parts_keep_the_order_that_was_given() -> None:
    assert in_order([*SHORT, *LONG], module_of, 1) == [*SHORT, *LONG]
    mixed = [SHORT[0], LONG[0], SHORT[1]]
    assert in_order(mixed, module_of, 4) == mixed
