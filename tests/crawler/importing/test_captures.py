"""What of a file's exchanges the archive takes, and as what."""

from dataclasses import replace
from typing import Any

import pytest

from crawler.answers.observing import LONGEST_BODY
from crawler.importing.captures import SeenBodies, Unwanted, as_capture
from crawler.importing.exchanges import Exchange, Reference
from storage.history.imports import NewCapture
from storage.ledger.headers import Headers
from storage.models import Outcome
from tests.support.archiving import START

HTML = Headers.of([("Content-Type", "text/html; charset=utf-8")])
PAGE = Exchange(0, "a", "https://example.org/b#c", START, 200, HTML, body=b"<p>")
SHA1 = "sha1:2Q6CRQYUE4O4SZU3CCNIJQZ2ZTTLB5XC"


def capture(**changed: Any) -> NewCapture:
    found = as_capture(replace(PAGE, **changed), SeenBodies())
    assert isinstance(found, NewCapture)
    return found


def test_a_page_is_read() -> None:
    found = capture()
    assert (found.url, found.asked) == ("https://example.org/b", "https://example.org/b")
    assert (found.outcome, found.reads, found.body) == (Outcome.FETCHED, True, b"<p>")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"method": "POST"}, Unwanted.NO_GET),
        ({"method": "HEAD"}, Unwanted.NO_GET),
        ({"url": "ftp://example.org/"}, Unwanted.NO_ADDRESS),
        ({"url": "https://"}, Unwanted.NO_ADDRESS),
        ({"url": "https://example.org/a\0b"}, Unwanted.NO_ADDRESS),
        ({"headers": Headers.of([("Content-Type", "image/png")])}, Unwanted.NO_PAGE),
    ],
)
def test_what_is_not_wanted(changed: dict[str, Any], why: Unwanted) -> None:
    assert as_capture(replace(PAGE, **changed), SeenBodies()) is why


@pytest.mark.parametrize(
    ("location", "detail"),
    [
        ("/there", "https://example.org/there"),
        ("https://example.com/#top", "https://example.com/"),
        ("mailto:a@example.org", "to no usable address: "),
    ],
)
def test_a_redirect_tells_where_it_leads(location: str, detail: str) -> None:
    found = capture(status=301, headers=Headers.of([("location", location)]))
    assert (found.outcome, found.reads) == (Outcome.MOVED, False)
    assert (found.detail or "").startswith(detail)


def test_what_is_no_page_is_kept_as_evidence_in_bounds() -> None:
    found = capture(status=503, body=b"x" * (LONGEST_BODY + 1))
    assert (found.outcome, found.detail, found.reads) == (Outcome.FAILED, "HTTP 503", False)
    assert (len(found.body or b""), found.cut) == (LONGEST_BODY, True)


def test_a_page_without_a_body_is_unreadable() -> None:
    found = capture(body=None)
    assert (found.outcome, found.detail) == (Outcome.UNREADABLE, "an answer without a body")


def test_a_revisit_has_the_body_of_what_it_refers_to() -> None:
    bodies = SeenBodies()
    bodies.add(SHA1, b"digest")
    bodies.add("nonsense", b"other")
    revisit = replace(PAGE, body=None, refers_to=Reference("https://example.org/a", None, SHA1))
    found = as_capture(revisit, bodies)
    assert isinstance(found, NewCapture)
    assert (found.reads, found.digest) == (True, b"digest")
    assert found.same_as is not None
    assert (found.same_as.url, found.same_as.fetched_at) == ("https://example.org/a", START)
    assert bodies.of("nonsense") is bodies.of(None) is None
