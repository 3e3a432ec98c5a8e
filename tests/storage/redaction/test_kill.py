"""A redaction that is killed at any moment is done or not done, and its cleaning goes on."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.models import Redaction
from storage.redaction.carrying_out import unfinished
from tests.support.command import Command, permalien
from tests.support.redacting import NAME, PATHS, newsroom, traces

KILLS = 2  # on each database
SOAK_KILLS = int(os.environ.get("SOAK_KILLS", "100"))  # the same
ARTICLES = 12

soak = [pytest.mark.soak, pytest.mark.timeout(7200)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("most", [KILLS, pytest.param(SOAK_KILLS, marks=soak)])
def test_killed(archive: Archive, tmp_path: Path, most: int) -> None:
    dice = random.Random(most)
    desk = newsroom(archive)
    for number in range(ARTICLES):
        desk.read(f"/{number}", f"Day {number} of {NAME}", f"{NAME} said {number} words today.")
    url = archive.url.render_as_string(hide_password=False)
    article = str(desk.article(PATHS[0]).id)
    given = ("--everywhere-in", "source", "--by", "a court", "--reason", "12/26", "--yes")
    put = ("redact", article, "--words", NAME, *given)
    before = traces(archive)
    archive.close()
    longest, kills, done = 4.0, 0, False
    while kills < most and not done:
        with Command(*put, database=url, cwd=tmp_path) as command:
            time.sleep(dice.uniform(0.2, longest))
            if command.running:
                command.signal_group(signal.SIGKILL)
                kills += 1
            else:
                longest /= 1.5
            command.wait()
        with archive.reading() as session:
            redactions = session.scalar(select(func.count()).select_from(Redaction)) or 0
        assert redactions in (0, 1)
        assert traces(archive) == (set() if redactions else before)
        done = bool(redactions)
        archive.close()
    if not done:
        assert permalien(*put, database=url, cwd=tmp_path).code == 0
    while kills < most:
        with Command("redact", "--finish", database=url, cwd=tmp_path) as command:
            time.sleep(dice.uniform(0.2, longest))
            command.signal_group(signal.SIGKILL)
            kills += 1
            command.wait()
    finished = permalien("redact", "--finish", database=url, cwd=tmp_path)
    assert finished.code == 0, finished.err
    assert traces(archive) == set()
    with archive.reading() as session:
        assert unfinished(session) == []
        assert session.scalar(select(func.count()).select_from(Redaction)) == 1
