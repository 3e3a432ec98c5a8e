import json
from datetime import UTC, datetime
from typing import Any

from crawler.extraction import LiveEntry, extract

PROSE = "The council met on Monday and agreed to mend the old bridge before winter comes."


def page(updates: list[Any]) -> bytes:
    data = {"@type": "LiveBlogPosting", "headline": "Vote", "liveBlogUpdate": updates}
    entries = "".join(f"<h3>Entry {n}</h3><p>{PROSE} {n}</p><p>{PROSE} {n}b</p>" for n in (2, 1))
    script = f"<script type='application/ld+json'>{json.dumps(data)}</script>"
    return f"<html><body>{script}<article><h1>Vote</h1>{entries}</article></body></html>".encode()


def entries(*updates: Any) -> tuple[LiveEntry, ...]:
    return extract(page([*updates])).live_entries


def test_entries_are_known_by_their_headlines() -> None:
    first = {"@type": "BlogPosting", "headline": "Entry 1", "datePublished": "2026-03-02T08:00Z"}
    second = {**first, "headline": "Entry 2", "datePublished": "2026-03-02T09:30+01:00"}
    found = entries(first, second)
    assert [entry.paragraph for entry in found] == [0, 3]
    assert [entry.at.astimezone(UTC).hour for entry in found] == [8, 8]
    assert found[1].at == datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_entries_are_known_by_how_they_begin() -> None:
    update = {"articleBody": f"{PROSE} 1 {PROSE} 1b", "datePublished": "2026-03-02T08:00Z"}
    assert [entry.paragraph for entry in entries({**update, "headline": "?"})] == [1]


def test_entries_without_a_time_or_a_place_in_the_text_are_none() -> None:
    assert entries({"headline": "Entry 1"}, {"headline": "x", "datePublished": "2026-03-02"}) == ()
    assert entries("nonsense", None, 3) == ()


def shown(times: list[str], kind: str = "LiveBlogPosting") -> tuple[LiveEntry, ...]:
    """The entries of a page that gives their times in its markup alone."""
    data = {"@type": kind, "headline": "Vote", "datePublished": "2026-03-02T07:00Z"}
    told = "".join(
        f"<div><time datetime='{time}'>at</time><p>{PROSE} {PROSE} {n}</p></div>"
        for n, time in enumerate(times)
    )
    page = (
        f"<html><body><script type='application/ld+json'>{json.dumps(data)}</script>"
        f"<article><h1>Vote</h1><time datetime='2026-03-02T07:00Z'>7:00</time>"
        f"<p>{PROSE} {PROSE}</p>{told}</article></body></html>"
    )
    return extract(page.encode()).live_entries


def test_entries_are_known_by_the_times_that_they_stand_below() -> None:
    found = shown(["2026-03-02T10:00Z", "2026-03-02T09:00Z", "2026-03-02T08:00Z"])
    assert [(entry.paragraph, entry.at.hour) for entry in found] == [(1, 10), (2, 9), (3, 8)]


def test_times_of_no_live_blog_and_few_times_are_no_entries() -> None:
    assert shown(["2026-03-02T10:00Z", "2026-03-02T09:00Z"]) == ()
    assert shown(["2026-03-02T10:00Z"] * 9) == ()
    three = ["2026-03-02T10:00Z", "2026-03-02T09:00Z", "2026-03-02T08:00Z"]
    assert shown(three, "NewsArticle") == ()


def test_a_text_told_by_the_minute_is_a_live_blog_by_whatever_name() -> None:
    minutes = [f"2026-03-02T{hour:02}:10Z" for hour in range(8, 16)]
    assert len(shown(minutes, "NewsArticle")) == len(minutes)
    years = [f"{year}-03-02T10:00Z" for year in range(2001, 2009)]
    assert shown(years, "NewsArticle") == (), "a list of dates"
