import pytest

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier import sitemaps
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.enrolment import enrol
from storage.frontier.sitemaps import within_bounds
from storage.models import AddressKind

SITE = "https://example.org"


def sitemap(number: int) -> Found:
    return Found(f"{SITE}/sitemap-{number}.xml", AddressKind.SITEMAP)


def test_a_source_has_so_many_sitemaps_and_no_more(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemaps, "MOST_SITEMAPS", 5)
    page = Found(f"{SITE}/2026/a.html", AddressKind.PAGE)
    with archive.writing() as session:
        source_id = enrol(session, f"{SITE}/", now=utc_now()).id
        first = [sitemap(n) for n in range(4)]
        assert within_bounds(session, source_id, first) == (tuple(first), 0)
        enqueue(session, first, now=utc_now())
        more = [page, *(sitemap(n) for n in range(2, 8))]
        kept, left_out = within_bounds(session, source_id, more)
        assert kept == (page, sitemap(2), sitemap(3), sitemap(4))
        assert left_out == 3
        enqueue(session, kept, now=utc_now())
        kept, left_out = within_bounds(session, source_id, [sitemap(4), sitemap(9)])
        assert (kept, left_out) == ((sitemap(4),), 1)
