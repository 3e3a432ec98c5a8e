"""What changes alike on many pages is the site's; what is unique to an article is an edit."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.extraction.article import TextBlock
from crawler.judging.judgement import judge
from crawler.judging.looks import Finding, Look
from crawler.judging.pages import PageText
from tests.crawler.judging.made_looks import (
    ADVERT,
    BANNER,
    BODY,
    NOTE,
    NOW,
    STORY,
    found,
    look,
    own,
    page,
    quiet,
    rebuilt,
)


def test_a_banner_on_every_page_is_the_sites() -> None:
    looks = [look(n, page(own(n)), page([*own(n), BANNER])) for n in range(5)]
    judgement = judge(looks)
    assert set(found(judgement).values()) == {Finding.SITE_CHANGE}
    assert [change.pages for change in judgement.site_changes] == [5]


def test_what_an_operator_says_is_edits_is_none_of_the_sites() -> None:
    looks = [look(n, page(own(n)), page([*own(n), BANNER])) for n in range(5)]
    (change,) = judge(looks).site_changes
    known = {change.transition: change.signatures}
    judgement = judge([replace(it, waited=1) for it in looks], known, edits=known)
    assert set(found(judgement).values()) == {Finding.EDITED}
    assert not any(it.signatures for it in judgement.site_changes)


def test_it_is_told_on_how_many_of_the_pages_the_change_was_seen() -> None:
    looks = [look(n, page(own(n)), page([*own(n), BANNER])) for n in range(4)]
    (change,) = judge([*looks, *map(quiet, range(10, 13))]).site_changes
    assert (change.shown, change.pages) == (4, 7)


def test_a_banner_that_new_articles_carry_too_is_the_sites() -> None:
    looks = [
        look(1, page(own(1)), page([*own(1), BANNER])),
        look(2, None, page([*own(2), BANNER])),
        look(3, None, page([*own(3), BANNER])),
    ]
    assert found(judge(looks))[1] is Finding.SITE_CHANGE


@pytest.mark.parametrize("count", [5, 10, 60])
def test_what_recurs_on_announced_pages_alone_is_an_edit_of_each(count: int) -> None:
    looks = [look(n, page(own(n)), page([*own(n), NOTE]), announced=True) for n in range(count)]
    looks += [quiet(100 + n) for n in range(4)]
    findings = [it for it in judge(looks).findings if it.number < 100]
    assert {it.finding for it in findings} == {Finding.EDITED}
    assert all(it.mass and it.came for it in findings)


def test_a_page_announces_itself_by_its_modified_time() -> None:
    then, now = NOW - timedelta(days=9), NOW - timedelta(hours=5)
    looks = [
        look(n, page(own(n), modified_at=then), page([*own(n), NOTE], modified_at=now))
        for n in range(4)
    ]
    looks += [quiet(100 + n) for n in range(4)]
    assert {found(judge(looks))[n] for n in range(4)} == {Finding.EDITED}


def test_what_was_found_to_be_the_sites_need_not_be_found_again() -> None:
    def rebuilt(number: int) -> Look:
        after = page(own(number)[1:], layout="new", place=STORY)
        return look(number, page(own(number), place=BODY), after)

    judgement = judge([rebuilt(n) for n in range(6)])
    known = {change.transition: change.signatures for change in judgement.site_changes}
    assert found(judge([rebuilt(9)], known))[9] is Finding.SITE_CHANGE


def test_numbers_that_move_on_every_page_are_the_sites() -> None:
    def counted(number: int, readers: int) -> PageText:
        line = f"{readers} people are reading this"
        shown = page([*own(number), line])
        counter = TextBlock("counter", BODY, line)
        return replace(shown, blocks=(*shown.blocks[:-1], counter))

    looks = [look(n, counted(n, n), counted(n, n + 9)) for n in range(4)]
    assert set(found(judge(looks)).values()) == {Finding.SITE_CHANGE}
    alone = look(1, counted(1, 1), counted(1, 2))
    assert found(judge([alone]))[1] is Finding.UNDECIDED
    later = look(1, counted(1, 1), counted(1, 7), waited=1, pending=counted(1, 2))
    judgement = judge([later])
    assert found(judgement)[1] is Finding.SITE_CHANGE
    known = {change.transition: change.signatures for change in judgement.site_changes}
    assert found(judge([alone], known))[1] is Finding.SITE_CHANGE


def test_a_time_that_every_page_gives_for_modified_says_nothing() -> None:
    then, now = NOW - timedelta(days=9), NOW - timedelta(hours=5)
    looks = [
        look(n, page(own(n), modified_at=then), page([*own(n), BANNER], modified_at=now))
        for n in range(6)
    ]
    assert set(found(judge(looks)).values()) == {Finding.SITE_CHANGE}


def test_where_the_template_takes_out_what_takes_turns_the_rest_of_it_is_no_edit() -> None:
    adverts = [f"Sail to the islands with company {chr(65 + n) * 3}" for n in range(6)]
    looks = [rebuilt(n, [], [adverts[n]]) for n in range(2, 6)]
    assert found(judge([rebuilt(1, [adverts[0]]), *looks]))[1] is Finding.SITE_CHANGE


def test_an_edit_beside_an_advert_that_the_template_took_out_is_one() -> None:
    adverts = [f"Sail to the islands with company {chr(65 + n) * 3}" for n in range(6)]
    looks = [rebuilt(n, [], [adverts[n]]) for n in range(2, 6)]
    assert found(judge([rebuilt(1, [NOTE], [adverts[0]]), *looks]))[1] is Finding.EDITED


def test_a_block_that_came_on_one_page_and_went_on_another_takes_turns() -> None:
    texts = {number: own(number) for number in range(1, 9)}
    advert = "Sail to the islands with our new company"
    came = [look(n, page(texts[n]), page([*texts[n], advert])) for n in (1, 2)]
    went = look(3, page([*texts[3], advert]), page(texts[3]))
    findings = found(judge([*came, went, *map(quiet, range(4, 9))]))
    assert [findings[n] for n in (1, 2, 3)] == [Finding.SITE_CHANGE] * 3


def test_a_picked_page_that_says_it_was_modified_is_no_control() -> None:
    looks = []
    for number in range(1, 6):
        after = page([*own(number), NOTE], modified_at=NOW - timedelta(hours=5))
        before = page(own(number), modified_at=NOW - timedelta(days=30))
        looks.append(look(number, before, after, picked=number > 2))
    quiet_ones = list(map(quiet, range(6, 9)))
    assert set(found(judge([*looks, *quiet_ones])).values()) >= {Finding.EDITED}
    assert [found(judge([*looks, *quiet_ones]))[n] for n in range(1, 6)] == [Finding.EDITED] * 5


def test_a_layout_that_one_page_was_met_in_tells_nothing_of_the_next() -> None:
    known = {("old", "new"): {("+", "something")}}
    alone = rebuilt(1, ["Don't miss: the mayor has asked for repairs"])
    judgement = judge([alone, *map(quiet, range(2, 6))], known)
    assert found(judgement)[1] is Finding.UNDECIDED
    assert judgement.wants_controls


def test_a_correction_of_many_articles_is_one_of_each_while_a_new_layout_is_rolled_out() -> None:
    """Of six pages that the roll-out reached five were corrected, of those that it had reached
    before four of nine."""
    note = "Correction: an earlier version of this article gave a wrong number of the file."
    looks = [rebuilt(n, [note] if n < 5 else []) for n in range(6)]
    for n in range(10, 19):
        there = page(own(n), layout="new", place=STORY)
        corrected = page([*own(n), note], layout="new", place=STORY)
        looks.append(look(n, there, corrected if n < 14 else there))
    edits = {number for number, it in found(judge(looks)).items() if it is Finding.EDITED}
    assert edits == {*range(5), *range(10, 14)}


def test_a_sentence_added_on_the_day_of_a_redesign_is_no_advert_of_its_place() -> None:
    """The templates took an advert out of that place on every other page, and none out of this."""
    adverts = [f"Sail to the islands with company {chr(65 + n) * 3}" for n in range(8)]
    looks = [rebuilt(n, [], [adverts[n]]) for n in range(2, 8)]
    first, *others = own(1)
    after = page(
        [f"{first} The court will hear nine witnesses.", *others], layout="new", place=STORY
    )
    edited = look(1, page(own(1)), after)
    assert found(judge([edited, *looks]))[1] is Finding.EDITED


def test_what_came_as_the_sites_goes_as_the_sites() -> None:
    there, gone = page([*own(1), ADVERT]), page(own(1))
    looks = [look(1, there, gone), *map(quiet, range(2, 6))]
    assert found(judge(looks))[1] is Finding.EDITED
    known = {("older", "old"): {("+", f"{BODY} {ADVERT}")}}
    assert found(judge(looks, known))[1] is Finding.SITE_CHANGE
    assert found(judge(looks, known, edits=known))[1] is Finding.EDITED
