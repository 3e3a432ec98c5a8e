"""A page as it was known and as it was found, with what it showed in between."""

from crawler.judging.comparison import compare
from crawler.judging.pages import PageText
from crawler.judging.pairs import Pair
from tests.crawler.judging.made_looks import BANNER, NOTE, look, own, page

BEFORE, AFTER = page(own(1)), page([*own(1), NOTE])


def pair(pending: PageText | None) -> Pair:
    return Pair(look(1, BEFORE, AFTER, pending=pending), BEFORE, AFTER, compare(BEFORE, AFTER))


def test_all_stays_of_a_page_that_was_not_seen_to_differ_before() -> None:
    it = pair(None)
    assert it.stayed(it.comparison.changes) == it.comparison.changes
    assert it.passing(it.comparison.changes, []) == set()


def test_what_the_page_showed_then_too_stayed_and_the_rest_passes() -> None:
    it = pair(page([*own(1), BANNER, NOTE]))
    stayed = it.stayed(it.comparison.changes)
    assert [change.text for change in stayed] == [NOTE]
    (advert,) = it.passing(it.comparison.changes, stayed)
    assert BANNER in " ".join(advert)


def test_what_came_since_did_not_stay() -> None:
    it = pair(page([*own(1), BANNER]))
    assert it.stayed(it.comparison.changes) == []


def test_a_page_of_another_layout_has_changed_from_one_to_the_other() -> None:
    rebuilt = page(own(1), layout="new", place="section.story/p")
    it = Pair(look(1, BEFORE, rebuilt), BEFORE, rebuilt, compare(BEFORE, rebuilt))
    assert it.transition == ("old", "new")
    assert pair(None).transition == ("old", "old")
