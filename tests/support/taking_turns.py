"""Which of the two databases a test has in `make test`, where it is not about the database.

Tests of what asks SQL itself have both. The others go through that, so they have one, each
function by its name: both are met in every package. `make soak` gives them the other one.
"""

from collections.abc import Mapping
from typing import Any, Final
from zlib import crc32

DATABASES: Final = ("postgresql", "sqlite")
BOTH: Final = (
    "tests.end_to_end.test_databases",
    "tests.end_to_end.test_kill",
    "tests.migrations.",
    "tests.storage.database.",
    "tests.storage.frontier.",
    "tests.storage.history.",
    "tests.storage.ledger.",
    "tests.storage.proof.",
    "tests.storage.query.",
    "tests.storage.redaction.",
    "tests.storage.review.",
    "tests.storage.templates.",
    "tests.storage.test_",
    "tests.storage.withholding.",
)
_OF_ONE_TEST: Final = ("archive", "new_archive", "database_url")
"""Fixtures that each test has anew; what a module's tests share is made once."""


def has_its_turn(module: str, function: str, given: Mapping[str, Any]) -> bool:
    """Whether the test has the database of its turn, or none, or is to have both; `given` are its
    parameters and those of its fixtures."""
    if module.startswith(BOTH):
        return True
    for fixture, value in given.items():
        if value in DATABASES:
            name = f"{module}.{function}" if fixture in _OF_ONE_TEST else module
            return bool(value == DATABASES[crc32(name.encode()) % len(DATABASES)])
    return True
