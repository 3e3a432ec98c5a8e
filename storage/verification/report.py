"""What verification found: each mismatch names a row, what was expected of it, and what to do."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

MOST_TOLD: Final = 10_000
"""Mismatches that are told one by one; more are counted."""

RESTORE: Final = "restore this row from a backup"
RESTORE_MISSING: Final = "restore the missing row from a backup"
DERIVED: Final = "it is made of other rows, which hold: restore it from a backup"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the archive a row belongs; None for what is not known of it."""

    source: str | None = None
    url: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A row that is not what the rest of the archive says. `key` is its primary key's value, parts
    joined by commas, bytes in hexadecimal; of one that is missing `named_by` has rows that name
    it."""

    table: str
    key: str
    expected: str
    found: str
    advice: str
    named_by: tuple[tuple[str, str], ...] = ()
    place: Place = Place()


@dataclass(slots=True)
class Report:
    """What was checked, and what was found. `by_digest` counts readings that can't be made again,
    by why."""

    checked: Counter[str] = field(default_factory=Counter)
    by_digest: Counter[str] = field(default_factory=Counter)
    mismatches: list[Mismatch] = field(default_factory=list)
    found: int = 0
    complete: bool = False
    _blamed: set[tuple[str, str]] = field(default_factory=set, repr=False)

    def add(
        self,
        table: str,
        key: object,
        *,
        expected: object,
        found: object,
        advice: str = RESTORE,
        named_by: Iterable[tuple[str, str]] = (),
    ) -> None:
        """A row is not what it should be. One that is blamed already is told once."""
        row, naming = (table, key_of(key)), tuple(named_by)
        if row in self._blamed:
            self._blamed.update(naming)
            return
        self.found += 1
        if self.found <= MOST_TOLD:
            self._blamed.update((row, *naming))
            self.mismatches.append(Mismatch(*row, shown(expected), shown(found), advice, naming))

    def doubts(self, table: str, *keys: object) -> bool:
        """Whether one of these rows is blamed already: what is made of it is not to be blamed."""
        return any((table, key_of(key)) in self._blamed for key in keys if key is not None)

    def doubt(self, table: str, *keys: object) -> None:
        """What is made of these rows is not to be blamed: they are in doubt themselves."""
        self._blamed.update((table, key_of(key)) for key in keys if key is not None)

    def doubted(self, *tables: str) -> list[int]:
        """The numbers that the keys of blamed rows of these tables begin with."""
        keys = (key.partition(",")[0] for table, key in self._blamed if table in tables)
        return [int(key) for key in keys if key.isdigit()]

    def lacks(self, *tables: str) -> bool:
        """Whether rows of these tables are known to be missing, or are in doubt."""
        return any(table in tables for table, _ in self._blamed)


def key_of(value: object) -> str:
    """A primary key's value in words."""
    if isinstance(value, tuple | list):
        return ",".join(map(key_of, value))
    return value.hex() if isinstance(value, bytes) else str(value)


def shown(value: object) -> str:
    """A value as a report shows it."""
    return value.hex() if isinstance(value, bytes) else str(value)[:300]
