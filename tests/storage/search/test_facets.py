"""Counts by source, language, state and kind of edit, on both databases alike."""

from storage.database.archive import Archive
from storage.models import Outcome
from storage.search.options import Options, Versions
from storage.search.search import Search
from tests.support.archiving import Desk


def test_what_matches_is_counted_by_each_value(archive: Archive) -> None:
    desk = Desk(archive)
    desk.languages = {"English": "en-GB", "Unknown": None}
    desk.read("/a", "English", "some words")
    desk.read("/b", "Français", "some words")
    desk.read("/c", "Unknown", "some words")
    desk.read("/d", "Other", "nothing alike")
    desk.read("/b", "Français", "some other words")
    desk.check("/c", Outcome.GONE)
    other = Desk(archive, "https://other.example/", now=desk.now, run_id=2)
    other.read("/e", "Autre", "some words")
    with Search(archive) as search:
        found = {it.name: dict(it.counts) for it in search.facets("words")}
        assert found["source"] == {"example.org": 3, "other.example": 1}
        assert found["lang"] == {"fr": 2, "en": 1}
        assert found["state"] == {"live": 3, "gone": 1}
        assert found["change"]["body"] == 1
        assert found["change"]["silent"] == 1
        every = search.facets("words", Options(versions=Versions.ALL))
        assert dict(every[0].counts) == {"example.org": 4, "other.example": 1}
        assert [it.counts for it in search.facets("jetty")] == [()] * 4
