"""What is kept of the pages that a run has read."""

from crawler.reading.drafts import Drafts


def test_the_oldest_go_first_where_there_is_no_room() -> None:
    drafts = Drafts(most=10)
    for fetch_id in (1, 2, 3):
        drafts.keep(7, fetch_id, b"1234")
    assert [drafts.of(fetch_id) for fetch_id in (1, 2, 3)] == [None, b"1234", b"1234"]


def test_one_that_comes_again_takes_its_own_place() -> None:
    drafts = Drafts(most=10)
    drafts.keep(7, 1, b"1234")
    drafts.keep(7, 2, b"1234")
    drafts.keep(7, 1, b"12345")
    assert (drafts.of(1), drafts.of(2)) == (b"12345", b"1234")


def test_a_source_s_are_let_go_of_together() -> None:
    drafts = Drafts(most=10)
    drafts.keep(7, 1, b"1234")
    drafts.keep(8, 2, b"1234")
    drafts.forget(7)
    drafts.forget(9)
    drafts.keep(8, 3, b"123456")
    assert [drafts.of(fetch_id) for fetch_id in (1, 2, 3)] == [None, b"1234", b"123456"]
