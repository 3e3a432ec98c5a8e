"""What a look means: an edit, the site's, a wall, a removal, or nothing yet."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.extraction.article import TextBlock
from crawler.judging.judgement import judge
from crawler.judging.looks import Finding, Look, Sureness
from crawler.judging.pages import PageText
from storage.models import ArticleState
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


def test_an_edit_of_one_article_is_one() -> None:
    edited = look(1, page(own(1)), page([*own(1), NOTE]))
    judgement = judge([edited, *map(quiet, range(2, 6))])
    assert found(judgement)[1] is Finding.EDITED
    assert not judgement.wants_controls


def test_a_reworded_paragraph_needs_no_other_page() -> None:
    after = [own(1)[0].replace("and no other", "and one other"), *own(1)[1:]]
    (judged,) = judge([look(1, page(own(1)), page(after))]).findings
    assert (judged.finding, judged.sureness) == (Finding.EDITED, Sureness.CERTAIN)


def test_an_edit_on_the_day_of_a_redesign_is_told_from_it() -> None:
    looks = [
        look(n, page(own(n)), page([BANNER, *own(n)[1:]], layout="new", place=STORY))
        for n in range(8)
    ]
    sentence = "And the mayor has resigned over it this morning."
    edited = page([BANNER, *own(9)[1:], sentence], layout="new", place=STORY)
    judgement = judge([*looks, look(9, page(own(9)), edited)])
    assert found(judgement)[9] is Finding.EDITED
    assert {found(judgement)[n] for n in range(8)} == {Finding.SITE_CHANGE}


def test_too_few_pages_are_undecided_once_and_then_decided() -> None:
    before, after = page(own(1)), page([*own(1), NOTE])
    first = judge([look(1, before, after)])
    assert found(first)[1] is Finding.UNDECIDED
    assert first.wants_controls
    (judged,) = judge([look(1, before, after, waited=1, pending=after)]).findings
    assert (judged.finding, judged.sureness) == (Finding.EDITED, Sureness.GUESSED)
    assert judged.stayed


@pytest.mark.parametrize(
    ("note", "finding"),
    [
        ("Correction: an earlier version of this article gave the wrong date.", Finding.EDITED),
        ("Fly to the islands from forty pounds, with the ferry company.", Finding.UNDECIDED),
    ],
)
def test_a_note_of_correction_takes_no_turns_with_adverts(note: str, finding: Finding) -> None:
    adverts = [
        look(
            n,
            page(own(n)),
            page([own(n)[0], f"Advert {n}: sail with us in week {n * 7}.", *own(n)[1:]]),
        )
        for n in range(2, 6)
    ]
    corrected = look(1, page(own(1)), page([*own(1), note]))
    judged = found(judge([corrected, *adverts, *map(quiet, range(6, 8))]))
    assert judged[1] is finding


def test_what_may_take_turns_with_the_adverts_of_a_third_of_the_pages_waits() -> None:
    adverts = [look(n, page(own(n)), page([*own(n), f"{ADVERT} in week {n}."])) for n in (2, 3)]
    came = look(1, page(own(1)), page([*own(1), "Boots that stay dry, at half the price."]))
    assert found(judge([came, *adverts, *map(quiet, range(4, 8))]))[1] is Finding.UNDECIDED
    assert found(judge([came, *adverts, *map(quiet, range(4, 9))]))[1] is Finding.EDITED


def test_what_a_new_article_came_with_is_the_sites_where_it_came_and_went_on_others() -> None:
    advert = [f"{ADVERT} this summer."]
    others = [
        look(
            n,
            page(own(n)),
            page(own(n), layout="new", place=STORY),
            waited=1,
            pending=page([*advert, *own(n)]),
        )
        for n in range(2, 6)
    ]
    came = look(1, page([*advert, *own(1)]), page(own(1), layout="new", place=STORY))
    assert found(judge([came, *others]))[1] is Finding.SITE_CHANGE
    undisturbed = [replace(it, waited=0, pending=None) for it in others]
    assert found(judge([came, *undisturbed]))[1] is Finding.EDITED


LEAD = "div.entry/p.lead"


def led(number: int, lead: str, *, below: bool = False) -> PageText:
    """A page with a line above its text, or below it."""
    shown, line = page(own(number)), TextBlock(f"{LEAD} {lead}", LEAD, lead)
    return replace(shown, blocks=(*shown.blocks, line) if below else (line, *shown.blocks))


def constant(number: int, *, below: bool = False) -> Look:
    it = led(number, f"In short, article {number} tells of harbour {number}.", below=below)
    return look(number, it, it)


OLD, NEW = "The bridge stays open all winter, say its keepers.", "Nobody knows who pays for it."


@pytest.mark.parametrize("new", [NEW, OLD.replace("winter", "summer")])
def test_a_standfirst_in_a_place_of_its_own_is_text(new: str) -> None:
    edited = look(1, led(1, OLD), led(1, new))
    assert found(judge([edited, *map(constant, range(2, 5))]))[1] is Finding.EDITED
    few = judge([edited, *map(constant, range(2, 4))])
    assert found(few)[1] is Finding.UNDECIDED
    assert few.wants_controls


def test_what_stands_below_or_changes_on_another_page_or_is_the_same_there_is_no_standfirst() -> (
    None
):
    below = look(1, led(1, OLD, below=True), led(1, NEW, below=True))
    others = [constant(number, below=True) for number in range(2, 6)]
    assert found(judge([below, *others]))[1] is Finding.UNDECIDED
    edited = look(1, led(1, OLD), led(1, NEW))
    turning = look(9, led(9, "Boots for less."), led(9, "Sail to the islands."))
    assert found(judge([edited, turning, *map(constant, range(2, 6))]))[1] is Finding.UNDECIDED
    alike = [look(n, led(n, "Read on."), led(n, "Read on.")) for n in range(2, 6)]
    assert found(judge([edited, *alike]))[1] is Finding.UNDECIDED


def test_what_is_something_else_each_time_is_no_edit() -> None:
    before, then = page(own(1)), page([*own(1), "Sail to the islands for little money"])
    now = page([*own(1), "New boots, and cheap ones at that"])
    (judged,) = judge([look(1, before, now, waited=1, pending=then)]).findings
    assert judged.finding is Finding.UNDECIDED
    (judged,) = judge([look(1, before, now, waited=3, pending=then)]).findings
    assert judged.finding is Finding.SITE_CHANGE


def test_a_removal_needs_pages_that_are_there() -> None:
    gone = look(1, page(own(1)), None, away=ArticleState.GONE)
    alone = judge([gone])
    assert found(alone)[1] is Finding.UNDECIDED
    assert alone.wants_controls
    assert found(judge([gone, *map(quiet, range(2, 6))]))[1] is Finding.AWAY


@pytest.mark.parametrize("away", [ArticleState.NOT_FOUND, ArticleState.TO_FRONT_PAGE, None])
def test_where_every_page_is_away_the_source_is_unreachable(away: ArticleState | None) -> None:
    judgement = judge([look(n, page(own(n)), None, away=away) for n in range(7)])
    assert judgement.unreachable
    assert set(found(judgement).values()) == {Finding.UNREACHABLE}


def test_where_every_page_is_one_and_the_same_the_source_is_unreachable() -> None:
    sorry = page(["We are at work on our pages, and will be back for you within the hour."])
    assert judge([look(n, page(own(n)), sorry) for n in range(7)]).unreachable


def test_what_came_back_is_what_it_was() -> None:
    assert found(judge([quiet(n) for n in range(7)]))[3] is Finding.UNCHANGED


WALLS = {
    "teaser": page([own(1)[0], "Abonnez-vous pour lire la suite"], partial=True),
    "cut off": page([f"{own(1)[0][:60]}…"]),
    "said to be paid for": page(own(1)[:1], partial=True),
    "pay or consent": page(["Pur-Abo oder Werbung: Sie haben die Wahl, für 3,99 Euro im Monat."]),
    "nothing": page([]),
}


@pytest.mark.parametrize("wall", list(WALLS))
def test_a_wall_is_no_version_and_the_return_no_edit(wall: str) -> None:
    looks = [look(1, page(own(1)), WALLS[wall]), *map(quiet, range(2, 6))]
    assert found(judge(looks))[1] is Finding.WALLED
    assert found(judge([quiet(1)]))[1] is Finding.UNCHANGED


def test_the_whole_text_after_a_teaser_is_no_edit() -> None:
    judgement = judge([look(1, WALLS["teaser"], page(own(1))), *map(quiet, range(2, 6))])
    assert found(judgement)[1] is Finding.COMPLETED


def test_partial_texts_are_compared_with_one_another() -> None:
    teaser = WALLS["teaser"]
    opening = "Another beginning of the same article, that says something else"
    edited = replace(teaser, blocks=(replace(teaser.blocks[0], text=opening), teaser.blocks[1]))
    assert found(judge([look(1, teaser, edited), *map(quiet, range(2, 6))]))[1] in (
        Finding.EDITED,
        Finding.UNDECIDED,
    )


def test_a_text_that_shares_nothing_is_no_edit_on_its_own_word() -> None:
    other = ["Ein ganz anderer Text steht da, und von dem alten ist kein Wort geblieben."] * 9
    looks = [look(1, page(own(1)), page(other)), *map(quiet, range(2, 6))]
    assert found(judge(looks))[1] is Finding.UNDECIDED
    then, now = NOW - timedelta(days=9), NOW - timedelta(hours=5)
    rewritten = look(1, page(own(1), modified_at=then), page(other, modified_at=now))
    assert found(judge([rewritten, *map(quiet, range(2, 6))]))[1] is Finding.EDITED


def test_what_a_redesign_brought_below_the_text_alone_is_no_edit_at_once() -> None:
    below = TextBlock("section/p Get our letter", "section/p", "Get our letter every morning")
    after = page(own(1), layout="new", place=STORY)
    after = replace(after, blocks=(*after.blocks, below))
    looks = [rebuilt(n, []) for n in range(2, 6)]
    assert found(judge([look(1, page(own(1)), after), *looks]))[1] is Finding.UNDECIDED


def test_a_list_item_that_came_with_a_redesign_is_one_where_the_list_was_the_articles() -> None:
    items = [TextBlock(f"ul/li {text}", "ul/li", text) for text in ("Seven jobs", "Two boats")]
    before = page([*own(1), "Seven jobs"])
    after = page(own(1), layout="new", place=STORY)
    after = replace(after, blocks=(*after.blocks, *items))
    looks = [rebuilt(n, []) for n in range(2, 6)]
    assert found(judge([look(1, before, after), *looks]))[1] is Finding.EDITED


@pytest.mark.parametrize("waited", [1, 2, 3])
def test_nothing_is_undecided_for_more_than_two_sessions(waited: int) -> None:
    before = page(own(1))
    shown = [f"Sail to the islands with company {chr(65 + n) * 3}" for n in range(2)]
    pending, after = (page([*own(1), text]) for text in shown)
    differing = look(1, before, after, waited=waited, pending=pending)
    away = [look(n, page(own(n)), None, away=ArticleState.NOT_FOUND, waited=waited) for n in (2, 3)]
    unlike = page(own(9), layout="other")
    findings = found(judge([differing])) | found(
        judge([*away, look(4, unlike, unlike, announced=True)])
    )
    undecided = {number for number, it in findings.items() if it is Finding.UNDECIDED}
    assert undecided == ({1, 2, 3} if waited == 1 else set())
    if waited > 1:
        assert {findings[2], findings[3]} == {Finding.UNREACHABLE}


def test_what_came_in_the_same_words_on_the_one_other_page_is_no_edit_where_few_tell() -> None:
    looks = [
        look(n, page(own(n)), page([*own(n), ADVERT]), waited=1, pending=page([*own(n), ADVERT]))
        for n in (1, 2)
    ]
    assert found(judge(looks)) == {1: Finding.SITE_CHANGE, 2: Finding.SITE_CHANGE}


def test_what_went_with_a_new_layout_is_no_edit_where_no_other_page_tells() -> None:
    after = page(own(1), layout="new", place=STORY)
    gone = look(1, page([*own(1), ADVERT]), after, waited=1, pending=after)
    assert found(judge([gone]))[1] is Finding.SITE_CHANGE
    came = page([*own(1), NOTE], layout="new", place=STORY)
    assert found(judge([look(1, page(own(1)), came, waited=1, pending=came)]))[1] is Finding.EDITED


def test_an_announced_edit_of_the_text_needs_no_other_page_unless_one_changed_alike() -> None:
    edited = [look(n, page(own(n)), page([*own(n), NOTE]), announced=True) for n in range(4)]
    assert set(found(judge([*edited, quiet(9)])).values()) == {Finding.EDITED, Finding.UNCHANGED}
    alike = look(9, page(own(9)), page([*own(9), NOTE]))
    assert set(found(judge([*edited, alike])).values()) == {Finding.UNDECIDED}


def test_a_page_that_changes_its_layout_to_and_fro_has_not_moved_on() -> None:
    pending = page([*own(1), NOTE, ADVERT], layout="new", place=STORY)
    back = look(1, page(own(1)), page([*own(1), NOTE]), waited=1, pending=pending)
    (judged,) = judge([back]).findings
    assert (judged.finding, judged.stayed, judged.moved_on) == (Finding.EDITED, True, False)


def test_a_line_that_came_and_counts_is_no_edit() -> None:
    def counted(readers: int) -> PageText:
        line = TextBlock("counter", BODY, f"{readers} people are reading this")
        return replace(page(own(1)), blocks=(*page(own(1)).blocks, line))

    come = look(1, page(own(1)), counted(7), waited=1, pending=counted(2))
    assert found(judge([come]))[1] is Finding.SITE_CHANGE
