"""What counts as found, at once, late, missed and false."""

from datetime import UTC, datetime

import pytest

from crawler.replaying import scoring
from crawler.replaying.packs import Replayed
from crawler.replaying.scoring import Scorer, key
from storage.database.archive import Archive

AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("url", ["/a/b", "/a/b/", "/a/b.html", "https://x.example/a/b/index.html"])
def test_a_page_has_one_name(url: str) -> None:
    assert key(url) == "a/b"


def test_the_score_of_each_look(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [
        ({"a", "b", "c", "tag"}, {"a": 1, "b": 1, "c": 1}),
        ({"a", "b", "c"}, {"a": 2, "b": 1, "c": 1}),
        ({"a", "b", "c"}, {"a": 2, "b": 2, "c": 2}),
    ]
    pages = frozenset({"a.html", "b/index.html", "c", "d"})
    looks = [
        Replayed("1", AT, {}, pages, edits=frozenset({"a.html"})),
        Replayed("2", AT, {}, pages, edits=frozenset({"a.html", "b/index.html"})),
        Replayed("3", AT, {}, pages),
    ]
    scorer = Scorer()
    with archive.reading() as session:
        for look, (live, versions) in zip(looks, known, strict=True):
            monkeypatch.setattr(scoring, "_live", lambda _, live=live: [{it} for it in live])
            monkeypatch.setattr(scoring, "_versions", lambda _, now=versions: now)
            scorer.look(session, look)
    first, second, third = scorer.scores
    assert (first.articles, first.found, first.other_pages) == (4, 3, ("tag",))
    assert first.edits == 0  # of pages that were not known before nothing can be told
    assert (second.edits, second.at_once, second.missed_edits) == (2, 1, ("b",))
    assert (third.late, third.false_versions) == (1, ("c",))
    total = scorer.total()
    assert (total.found, total.others, total.edits, total.at_once) == (3, 0, 2, 1)
    assert (total.late, total.missed, total.false) == (1, 1, 1)
