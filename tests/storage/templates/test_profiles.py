"""The sample a profile is learned from, and the profiles that were learned."""

import hashlib
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from storage.database.archive import Archive
from storage.frontier.addresses import address_key
from storage.frontier.due import Found, enqueue
from storage.frontier.sources import add_source
from storage.models import Address, AddressKind, PageOutline, SiteProfile, Source
from storage.templates import profiles
from storage.templates.profiles import (
    current_profile,
    sample_pages,
    sampled_outlines,
    save_profile,
)
from tests.support.archiving import START

SAMPLE = 10
PAGES = 30


def fill(archive: Archive, site: str) -> list[Address]:
    """A source with some pages, in the order of their numbers."""
    urls = [f"{site}{number}" for number in range(PAGES)]
    with archive.writing() as session:
        add_source(session, site, now=START)
        enqueue(session, [Found(url, AddressKind.PAGE) for url in urls], now=START)
        keys = [address_key(url) for url in urls]
        pages = session.scalars(select(Address).where(Address.key.in_(keys))).all()
        return sorted(pages, key=lambda page: keys.index(page.key))


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(PAGES)), size=st.integers(1, PAGES))
def test_the_sample_is_bounded_and_free_of_order(
    archive: Archive, order: list[int], size: int
) -> None:
    pages = fill(archive, "https://example.org/")
    with pytest.MonkeyPatch.context() as patch, archive.writing() as session:
        patch.setattr(profiles, "SAMPLE", SAMPLE)
        session.execute(delete(PageOutline))
        for start in range(0, PAGES, size):
            batch = [pages[number] for number in order[start : start + size]]
            sample_pages(session, [(page, [page.key, "footer"]) for page in batch])
        outlines = sampled_outlines(session, pages[0].source_id)
        save_profile(session, pages[0].source_id, digest="", profile="", pages=SAMPLE, now=START)
        assert session.scalar(select(func.count()).select_from(PageOutline)) == SAMPLE
    lowest = sorted(pages, key=lambda page: hashlib.sha256(page.key.encode()).digest())[:SAMPLE]
    assert outlines == [[page.key, "footer"] for page in lowest]


def test_the_latest_outline_of_a_page_counts(archive: Archive) -> None:
    (page, *_) = fill(archive, "https://example.org/")
    for outline in (["a", "b"], ["c"], []):
        with archive.writing() as session:
            sample_pages(session, [(page, outline)])
        with archive.reading() as session:
            assert sampled_outlines(session, page.source_id) == [outline]


def test_a_source_is_to_be_learned_again_when_its_sample_changed(archive: Archive) -> None:
    (page, *_) = fill(archive, "https://example.org/")

    def relearn() -> bool:
        with archive.reading() as session:
            return session.get_one(Source, page.source_id).relearn

    def learn() -> None:
        with archive.writing() as session:
            save_profile(session, page.source_id, digest="d", profile="{}", pages=1, now=START)

    assert not relearn()
    for outline, changed in ((["a"], True), (["a"], False), (["b"], True)):
        with archive.writing() as session:
            sample_pages(session, [(page, outline)])
        assert relearn() is changed
        learn()
        assert not relearn()


def test_profiles_come_and_go_and_come_back(archive: Archive) -> None:
    (page, *_) = fill(archive, "https://example.org/")
    with archive.reading() as session:
        assert current_profile(session, page.source_id) is None
        assert sampled_outlines(session, page.source_id) == []
    for minute, (digest, change) in enumerate(
        [("one", True), ("one", False), ("two", True), ("one", True)]
    ):
        with archive.writing() as session:
            now = START + timedelta(minutes=minute)
            assert change is save_profile(
                session, page.source_id, digest=digest, profile=f"[{digest}]", pages=3, now=now
            )
        with archive.reading() as session:
            assert current_profile(session, page.source_id) == (digest, f"[{digest}]")
    with archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(SiteProfile)) == 2
