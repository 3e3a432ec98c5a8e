from datetime import UTC, datetime, timedelta, timezone

import pytest

from scripts.demo.validators import http_date, is_current, weak_etag

CHANGED = datetime(2026, 11, 3, 10, 30, 15, 250_000, tzinfo=UTC)


@pytest.mark.parametrize("sent", ['W/"abc"', '"abc"', '"x", W/"abc"', "*"])
def test_a_known_etag_is_current(sent: str) -> None:
    assert is_current({"if-none-match": sent}, etag='W/"abc"', last_modified=None)


def test_an_etag_decides_over_a_date() -> None:
    headers = {"if-none-match": '"old"', "if-modified-since": http_date(CHANGED)}
    assert not is_current(headers, etag='"new"', last_modified=CHANGED)


def test_without_an_etag_no_tag_is_current() -> None:
    assert not is_current({"if-none-match": "*"}, etag=None, last_modified=CHANGED)


def test_dates_compare_by_the_second() -> None:
    since = {"if-modified-since": http_date(CHANGED)}
    assert is_current(since, etag=None, last_modified=CHANGED)
    assert not is_current(since, etag=None, last_modified=CHANGED + timedelta(seconds=1))


@pytest.mark.parametrize("since", ["yesterday", "", "Tue, 99 Nov 2026 10:30:15 GMT"])
def test_a_date_that_is_none_is_ignored(since: str) -> None:
    assert not is_current({"if-modified-since": since}, etag=None, last_modified=CHANGED)


def test_dates_are_sent_in_gmt() -> None:
    local = datetime(2026, 11, 3, 11, 30, 15, tzinfo=timezone(timedelta(hours=1)))
    assert http_date(local) == "Tue, 03 Nov 2026 10:30:15 GMT"


def test_a_weak_etag_is_told_by_content() -> None:
    assert weak_etag(b"a") == weak_etag(b"a") != weak_etag(b"b")
    assert weak_etag(b"a").startswith('W/"')
