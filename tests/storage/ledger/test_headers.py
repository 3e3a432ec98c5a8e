"""Headers are kept as they came, once where they repeat; cookies and credentials never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from storage.database.archive import Archive
from storage.ledger.fetches import NewFetch, record_fetches
from storage.ledger.headers import Headers, joined
from storage.models import Fetch, HeaderSet
from tests.support.archiving import START

NAMES = st.sampled_from(["Date", "ETag", "Server", "Set-Cookie", "X-Cache", "date", "Location"])


@given(st.lists(st.tuples(NAMES, st.text(max_size=8)), max_size=12))
def test_they_come_back_in_order(pairs: list[tuple[str, str]]) -> None:
    headers = Headers.of(pairs)
    assert joined(headers.entries, headers.values) == headers
    assert [name for name, _ in headers] == [name for name, _ in pairs]


def test_no_secret_is_kept() -> None:
    secret = [
        (name, "secret")
        for name in ("Cookie", "SET-COOKIE", "authorization", "Proxy-Authorization")
    ]
    headers = Headers.of([*secret, ("Server", "x")])
    assert [value for _, value in headers] == [None] * 4 + ["x"]
    assert "secret" not in str((headers.entries, headers.values))
    assert headers.by_name() == {"Server": "x"}


def test_of_what_tells_of_reuse_each_value_counts() -> None:
    pairs = [("X-Robots-Tag", "bot: noai"), ("Server", "a"), ("x-robots-tag", "noarchive")]
    headers = Headers.of([*pairs, ("Server", "b")])
    assert headers.by_name() == {"X-Robots-Tag": "bot: noai\nnoarchive", "Server": "b"}


def test_answers_that_differ_in_their_date_alone_share_their_headers(archive: Archive) -> None:
    def fetch(number: int, server: str) -> NewFetch:
        pairs = [("Date", f"day {number}"), ("Server", server), ("Set-Cookie", f"id={number}")]
        asked = Headers.of([("User-Agent", "Permalien")])
        answered = Headers.of(pairs)
        return NewFetch(number, 1, 1, START, request_headers=asked, response_headers=answered)

    with archive.writing() as session:
        record_fetches(session, [fetch(1, "a"), fetch(2, "a")])
    with archive.writing() as session:
        record_fetches(session, [fetch(3, "a"), fetch(4, "b")])
    with archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(HeaderSet)) == 3
        headers, values = session.execute(
            select(HeaderSet.headers, Fetch.response_values)
            .join(Fetch, Fetch.response_headers_id == HeaderSet.id)
            .where(Fetch.id == 3)
        ).one()
        nulls = session.execute(text('SELECT count(*) FROM "fetch" WHERE request_values IS NULL'))
        assert nulls.scalar() == 4
    assert joined(headers, values) == (("Date", "day 3"), ("Server", "a"), ("Set-Cookie", None))


@pytest.mark.parametrize(
    ("value", "charset"),
    [
        ("text/html; Charset=ISO-8859-1", "cp1252"),
        ('text/html;charset="utf-8"', "utf-8"),
        ("text/html", None),
        ("text/html; charset=nonsense", None),
    ],
)
def test_the_encoding_that_content_type_names(value: str, charset: str | None) -> None:
    assert Headers.of([("Content-Type", value)]).charset == charset
