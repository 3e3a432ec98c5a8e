"""What changes alike on many pages is the site's; what is unique to an article is an edit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.extraction.article import TextBlock
from crawler.judging.judgement import judge
from crawler.judging.looks import Finding, Judgement, Look, Sureness
from crawler.judging.pages import PageText
from storage.models import ArticleState

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
BODY, STORY = "div.entry/p", "section.story/p"
BANNER = "Give to the paper that you read, this spring more than ever before."
NOTE = "The name of the minister was wrong in an earlier report of ours."


def own(number: int, count: int = 6) -> list[str]:
    return [
        f"What article {number} says in part {part} is {number * 31 + part} and no other thing at "
        f"all, as witness {number}-{part} told us on the quay of harbour {number * 7 + part}."
        for part in range(count)
    ]


def page(
    texts: Sequence[str],
    *,
    layout: str = "old",
    place: str = BODY,
    title: str = "T",
    **what: object,
) -> PageText:
    blocks = tuple(TextBlock(f"{place} {text}", place, text) for text in texts)
    return PageText(title, blocks, layout, **what)  # type: ignore[arg-type]


def look(number: int, before: PageText | None, after: PageText | None, **what: object) -> Look:
    since = NOW - timedelta(days=2)
    return Look(number, number, NOW, before, after, since=since, **what)  # type: ignore[arg-type]


def quiet(number: int) -> Look:
    it = page(own(number))
    return look(number, it, it)


def found(judgement: Judgement) -> dict[int, Finding]:
    return {it.number: it.finding for it in judgement.findings}


def test_an_edit_of_one_article_is_one() -> None:
    edited = look(1, page(own(1)), page([*own(1), NOTE]))
    judgement = judge([edited, *map(quiet, range(2, 6))])
    assert found(judgement)[1] is Finding.EDITED
    assert not judgement.wants_controls


def test_a_reworded_paragraph_needs_no_other_page() -> None:
    after = [own(1)[0].replace("and no other", "and one other"), *own(1)[1:]]
    (judged,) = judge([look(1, page(own(1)), page(after))]).findings
    assert (judged.finding, judged.sureness) == (Finding.EDITED, Sureness.CERTAIN)


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


def test_what_was_found_to_be_the_sites_need_not_be_found_again() -> None:
    def rebuilt(number: int) -> Look:
        after = page(own(number)[1:], layout="new", place=STORY)
        return look(number, page(own(number), place=BODY), after)

    judgement = judge([rebuilt(n) for n in range(6)])
    known = {change.transition: change.signatures for change in judgement.site_changes}
    assert found(judge([rebuilt(9)], known))[9] is Finding.SITE_CHANGE


def test_too_few_pages_are_undecided_once_and_then_decided() -> None:
    before, after = page(own(1)), page([*own(1), NOTE])
    first = judge([look(1, before, after)])
    assert found(first)[1] is Finding.UNDECIDED
    assert first.wants_controls
    (judged,) = judge([look(1, before, after, waited=1, pending=after)]).findings
    assert (judged.finding, judged.sureness) == (Finding.EDITED, Sureness.GUESSED)
    assert judged.stayed


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


def test_a_time_that_every_page_gives_for_modified_says_nothing() -> None:
    then, now = NOW - timedelta(days=9), NOW - timedelta(hours=5)
    looks = [
        look(n, page(own(n), modified_at=then), page([*own(n), BANNER], modified_at=now))
        for n in range(6)
    ]
    assert set(found(judge(looks)).values()) == {Finding.SITE_CHANGE}


def rebuilt(number: int, came: Sequence[str], gone: Sequence[str] = (), **what: object) -> Look:
    """A page of a new layout, with these blocks amid its text, and these taken out of it."""
    taken = tuple(TextBlock(f"{STORY} {text}", STORY, text) for text in gone)
    after = page([*own(number), *came], layout="new", place=STORY, repeating=taken)
    return look(number, page(own(number)), after, **what)


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


ADVERT = "Sail to the islands with our new company"


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


def test_what_came_as_the_sites_goes_as_the_sites() -> None:
    there, gone = page([*own(1), ADVERT]), page(own(1))
    looks = [look(1, there, gone), *map(quiet, range(2, 6))]
    assert found(judge(looks))[1] is Finding.EDITED
    known = {("older", "old"): {("+", f"{BODY} {ADVERT}")}}
    assert found(judge(looks, known))[1] is Finding.SITE_CHANGE
    assert found(judge(looks, known, edits=known))[1] is Finding.EDITED


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
