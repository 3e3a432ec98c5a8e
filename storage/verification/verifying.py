"""The archive verified, one check after the other, each on the archive as it is when it begins."""

from collections.abc import Callable, Sequence
from typing import Final

from storage.database.archive import Archive
from storage.database.snapshot import snapshot
from storage.verification import (
    addresses,
    change_log,
    contents,
    day_counts,
    edits,
    fetches,
    findings,
    histories,
    identifiers,
    payloads,
    references,
    robots,
    sealing,
)
from storage.verification.check import Check
from storage.verification.report import Report
from storage.verification.scope import Scope

CHECKS: Final = (
    payloads.CHECK,
    *contents.CHECKS,
    sealing.LEAVES,
    references.CHECK,
    addresses.KEYS,
    identifiers.CHECK,
    fetches.CHECK,
    findings.CHECK,
    histories.CHECK,
    *addresses.CHECKS,
    edits.CHECK,
    day_counts.CHECK,
    change_log.CHECK,
    robots.CHECK,
    sealing.RECORDED,
)
"""What is made of other rows comes after these: a row that is blamed already is not held against
what is made of it."""

LAST: Final = (references.UNNAMED,)
"""What is told of only where no row is blamed that explains it, an extraction among them."""

Progress = Callable[[str, float, float], None]
"""Is told what is checked, and about how many milliseconds of how many are done."""


def verify_rows(
    archive: Archive,
    scope: Scope,
    report: Report,
    progress: Progress,
    checks: Sequence[Check],
    *,
    spent: float = 0.0,
    more: float = 0.0,
) -> float:
    """Run those of these checks that the scope wants, in order; `spent` are the milliseconds of
    what came before, `more` those of what comes after. Returns those that were spent. Reads only.
    Raises ArchiveError."""
    checks = [it for it in checks if it.always or not scope.of_pages]
    with snapshot(archive, read_only=True) as session:
        whole = spent + more + sum(check.cost * check.rows(session, scope) for check in checks)
    for check in checks:

        def told(rows: int, check: Check = check) -> None:
            nonlocal spent
            spent += rows * check.cost
            report.checked[check.name] += rows
            progress(check.name, spent, max(whole, spent + more))

        told(0)
        with snapshot(archive, read_only=True) as session:
            check.run(session, scope, report, told)
    return spent
