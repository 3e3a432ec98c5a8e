"""The demonstration's archive, damaged in two hundred ways, one after the other: each is found and
named, and no other row blamed. One that is whole has no mismatch."""

import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import update

from crawler.extraction import PageInput
from crawler.reading.pool import ReaderPool
from crawler.reading.worker import NoArticle, Read, Templates
from crawler.verifying.verifying import verify
from storage.database.archive import Archive
from storage.models import Unsealed
from storage.proof.sealing import seal
from storage.verification.report import Report
from storage.verification.scope import Scope
from tests.support.archiving import START
from tests.support.command import permalien
from tests.support.damages import KINDS, make, unguarded

SOAK_DAMAGES = int(os.environ.get("SOAK_DAMAGES", "200"))  # on each database


class _Remembering(ReaderPool):
    """Reads each page once: extraction is pure, and what is damaged is not the page."""

    def __init__(self) -> None:
        super().__init__(1)
        self._known: dict[tuple[bytes, str], Read | NoArticle] = {}

    async def read(self, page: PageInput, templates: Templates) -> Read | NoArticle:
        key = (page.digest, templates.json)
        if key not in self._known:
            self._known[key] = await super().read(page, templates)
        return self._known[key]


def verified(archive: Archive, pool: ReaderPool) -> Report:
    report = Report()
    verify(archive, Scope(), report=report, progress=lambda *_: None, pool=pool)
    return report


def seal_some(archive: Archive) -> None:
    """Of what was recorded, let a part be of a day that is over, and close it."""
    with archive.writing() as session:
        session.execute(update(Unsealed).where(Unsealed.id <= 100).values(recorded_at=START))
    seal(archive)


def damaged(archive: Archive, pool: ReaderPool, numbers: range) -> Counter[str]:
    """Damage the archive so often, and undo it; what was told, for each kind."""
    found: Counter[str] = Counter()
    for number in numbers:
        kind = KINDS[number % len(KINDS)]
        with unguarded(archive) as connection:
            damage = make(connection, kind, Random(number))
        if damage is None:
            found[f"{kind.name}: there is no such row"] += 1
            continue
        found[f"{kind.name}: {damage.told(verified(archive, pool))}"] += 1
        with unguarded(archive) as connection:
            damage.undo(connection)
    return found


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_each_damage_is_found_and_named_and_nothing_else_blamed(
    database_url: str, tmp_path: Path
) -> None:
    done = permalien("demo", "--port", "0", database=database_url, cwd=tmp_path)
    assert done.code == 0, done.err
    archive, pool = Archive(database_url), _Remembering()
    try:
        seal_some(archive)
        assert verified(archive, pool).mismatches == []
        told = damaged(archive, pool, range(SOAK_DAMAGES))
        assert verified(archive, pool).mismatches == []
    finally:
        pool.close()
        archive.close()
    assert {it: told[it] for it in told if not it.endswith(": found")} == {}
