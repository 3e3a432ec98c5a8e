"""Reads that may take so long and no longer."""

import time

import pytest
from sqlalchemy import text

from storage.database.archive import Archive
from storage.query.time_limit import TookTooLong, keep_time_limits, time_limit

ENDLESS = """
    WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number)
    SELECT COUNT(*) FROM number WHERE n < 0
"""


def test_a_statement_ends_at_the_limit_and_the_next_is_well(archive: Archive) -> None:
    limited = Archive(archive.url.render_as_string(hide_password=False))
    keep_time_limits(limited)
    began = time.monotonic()
    with time_limit(0.2), limited.reading() as session, pytest.raises(TookTooLong):
        session.execute(text(ENDLESS))
    assert time.monotonic() - began < 20
    with time_limit(60), limited.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1
    with limited.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1
    limited.close()
