"""Stored pages of before are taken over, whatever stops it, and nothing is lost."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from storage.compaction import Compacted, compact, shrink
from storage.database.archive import Archive
from storage.ledger.compression import compress
from storage.ledger.payloads import digest_of, load_payload, release_keys
from storage.models import KeyPage, Payload
from tests.storage.ledger.test_key_pages import furniture
from tests.support.archiving import Desk
from tests.support.command import Command, permalien

KILLS = 2  # on each database
SOAK_KILLS = int(os.environ.get("SOAK_KILLS", "10"))  # the same
soak = [pytest.mark.soak, pytest.mark.timeout(7200)]


def fill(archive: Archive, count: int) -> list[bytes]:
    """Pages of two sites as they were stored before there were keys; their digests."""
    digests = []
    for number, site in enumerate(("https://example.org/", "https://example.net/")):
        desk, frame = Desk(archive, site, run_id=number + 1), furniture(site, 1_500)
        for page in range(count):
            body = frame + b" ".join(b"%d" % (page * it) for it in range(60))
            desk.check(f"/{page}", body=body)
            digests.append(digest_of(body))
    with archive.writing() as session:
        release_keys(session, Payload.digest.in_(digests))
        session.execute(delete(KeyPage))
    return digests


def quietly(_name: str, _done: int, _whole: int) -> None:
    pass


def size(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.sum(func.length(Payload.data)))) or 0


def check(archive: Archive, digests: list[bytes]) -> None:
    with archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(Payload)) == len(digests)
        assert all(digest_of(load_payload(session, it)) == it for it in digests)


def test_pages_are_compressed_once(archive: Archive) -> None:
    digests, told = fill(archive, 30), []
    before = size(archive)
    done = compact(archive, progress=lambda *it: told.append(it))
    assert (done.payloads, done.keyed, done.moved) == (60, 58, 0)
    assert before - size(archive) == done.before - done.after > 0.8 * before
    assert told[-1] == ("compress", 60, 60)
    check(archive, digests)
    assert compact(archive, progress=quietly) == Compacted()
    shrink(archive)
    check(archive, digests)


def test_a_crawl_goes_on_meanwhile(archive: Archive) -> None:
    digests = fill(archive, 15)
    desk = Desk(archive, "https://example.com/", run_id=9)

    def crawl(_name: str, done: int, _whole: int) -> None:
        body = furniture("https://example.org/", 1_500) + b"new %d" % done
        desk.check(f"/new-{done}", body=body)
        digests.append(digest_of(body))

    assert compact(archive, progress=crawl).keyed == 28
    assert len(digests) > 30
    check(archive, digests)


def test_a_damaged_page_stays_as_it_is(archive: Archive) -> None:
    digests = fill(archive, 3)
    with archive.writing() as session:
        forged = update(Payload).where(Payload.digest == digests[1])
        session.execute(forged.values(data=compress(furniture("forged", 100))))
        torn = update(Payload).where(Payload.digest == digests[2])
        session.execute(torn.values(data=b"torn"))
    assert compact(archive, progress=quietly).keyed == 2
    with archive.reading() as session:
        assert load_payload(session, digests[1]) == furniture("forged", 100)
        assert session.get_one(Payload, digests[2]).data == b"torn"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("most", [KILLS, pytest.param(SOAK_KILLS, marks=soak)])
def test_killed(archive: Archive, tmp_path: Path, most: int) -> None:
    digests = fill(archive, 100)
    url = archive.url.render_as_string(hide_password=False)
    dice, kills, longest = random.Random(most), 0, 4.0
    while kills < most:
        with Command("db", "compact", database=url, cwd=tmp_path) as command:
            time.sleep(dice.uniform(0.3, longest))
            if command.running:
                command.signal_group(signal.SIGKILL)
                kills += 1
            else:
                longest /= 1.5
                with archive.writing() as session:
                    release_keys(session, Payload.digest.in_(digests))
            command.wait()
        check(archive, digests)
    done = permalien("db", "compact", database=url, cwd=tmp_path)
    assert done.code == 0, done.err
    check(archive, digests)
    with archive.reading() as session:
        assert session.scalar(select(func.count(Payload.key_digest))) == len(digests) - 2
