"""Damage of which rows beside the damaged one could be suspected: they are not blamed."""

from collections.abc import Callable
from random import Random

import pytest

from storage.database.archive import Archive
from storage.verification.report import Report
from tests.support.damages import KINDS, make, unguarded

TIMES = 12  # rows and values that are picked at random


@pytest.mark.parametrize(
    "name",
    [
        "fetch: another's address_id",
        "version: deleted",
        "version_state: another's article",
        "version_state: number changed",
    ],
)
def test_the_damaged_row_alone_is_named(
    held: Archive, verified: Callable[[], Report], name: str
) -> None:
    (kind,) = (it for it in KINDS if it.name == name)
    for number in range(TIMES):
        with unguarded(held) as connection:
            damage = make(connection, kind, Random(number))
        assert damage is not None
        assert (number, damage.told(verified())) == (number, "found")
        with unguarded(held) as connection:
            damage.undo(connection)
