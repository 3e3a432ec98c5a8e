from datetime import timedelta

import pytest
from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.models import PageSample, Source
from storage.templates import samples
from storage.templates.samples import (
    NewSample,
    Sampled,
    sample_pages,
    samples_of,
    settle_samples,
    trim_samples,
)
from tests.support.archiving import START, Desk


def sampled(desk: Desk, number: int, sample: str, day: float) -> NewSample:
    address_id = desk.address(f"/{number}")
    return NewSample(address_id, desk.source.id, START + timedelta(days=day), sample)


def keep(archive: Archive, *pages: NewSample) -> None:
    with archive.writing() as session:
        sample_pages(session, pages)


def known(archive: Archive, desk: Desk) -> list[Sampled]:
    with archive.reading() as session:
        return samples_of(session, desk.source.id)


def test_the_page_fetched_last_comes_first(archive: Archive) -> None:
    desk = Desk(archive)
    keep(archive, *(sampled(desk, n, f"page {n}", n) for n in range(3)))
    keep(archive, sampled(desk, 0, "page 0 again", 5))
    assert [it.sample for it in known(archive, desk)] == ["page 0 again", "page 2", "page 1"]


def test_what_a_page_was_when_templates_were_last_learned_is_kept(archive: Archive) -> None:
    desk = Desk(archive)
    first = sampled(desk, 1, "one", 0)
    keep(archive, first)
    with archive.writing() as session:
        settle_samples(session, {first.address_id: "one, learned"})
    for day, text in enumerate(["two", "three"], start=1):
        keep(archive, sampled(desk, 1, text, day))
    assert known(archive, desk) == [Sampled(first.address_id, "three", "one, learned")]


def test_the_sample_is_bounded(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "SAMPLE", 4)
    desk = Desk(archive)
    keep(archive, *(sampled(desk, n, f"page {n}", n) for n in range(9)))
    assert len(known(archive, desk)) == 4
    with archive.writing() as session:
        trim_samples(session, desk.source.id)
        assert session.scalar(select(func.count()).select_from(PageSample)) == 4


def test_a_source_is_to_be_learned_when_a_page_was_sampled(archive: Archive) -> None:
    desk = Desk(archive)
    keep(archive, sampled(desk, 1, "one", 0))
    with archive.reading() as session:
        assert session.get_one(Source, desk.source.id).relearn
