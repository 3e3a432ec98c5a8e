from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from storage.history.edits import EditKind, VersionText, classify, compare, is_declared

ARTICLE = VersionText(
    title="Bridge closes after storm",
    standfirst="The crossing will stay shut for a week.",
    paragraphs=(
        "The old bridge over the river closed on Monday after a storm, the mayor said.",
        "“We found 12 cracks in the pillars,” said the engineer Anna Berg, who led the survey.",
        "Repairs will cost 1,200 euros a day.",
    ),
    modified_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
)


def body(*changes: tuple[str, str]) -> VersionText:
    """The article with texts of its paragraphs replaced."""
    paragraphs = "\n".join(ARTICLE.paragraphs)
    for old, new in changes:
        assert old in paragraphs
        paragraphs = paragraphs.replace(old, new)
    return replace(ARTICLE, paragraphs=tuple(paragraphs.split("\n")))


def with_paragraph(text: str) -> VersionText:
    return replace(ARTICLE, paragraphs=(*ARTICLE.paragraphs, text))


def with_note(text: str) -> VersionText:
    return replace(with_paragraph(text), corrections=(text,))


@pytest.mark.parametrize(
    ("new", "kinds"),
    [
        (ARTICLE, ""),
        (replace(ARTICLE, title="Bridge shut after storm"), "headline rewording"),
        (
            replace(ARTICLE, standfirst="The crossing stays shut for a week."),
            "standfirst rewording",
        ),
        (body(("closed on Monday", "shut on Monday")), "body rewording"),
        (body(("1,200 euros", "1,300 euros")), "body rewording numbers"),
        (body(("Anna Berg", "Anna Bergman")), "body rewording names"),
        (body(("12 cracks", "dozens of cracks")), "body rewording numbers quotations"),
        (body(("in the pillars", "in the pillar")), "body rewording quotations"),
        (body(("a storm", "a heavy storm")), "body addition"),
        (body((", who led the survey", "")), "body deletion"),
        (body(("a storm", "a storm on Sunday")), "body addition names"),
        (body(("12 cracks", "12 wide cracks")), "body addition quotations"),
        (with_paragraph("On Friday 300 people signed, “at last”, a petition."), "body addition"),
        (replace(ARTICLE, paragraphs=ARTICLE.paragraphs[:1]), "body deletion"),
        (body(("“", '"'), ("”", '"'), ("Monday after", "Monday\u00a0after")), "typography"),
        (body((", the mayor said.\n", ", the mayor said. ")), "typography"),
        (replace(ARTICLE, modified_at=datetime(2026, 3, 3, tzinfo=UTC)), "modified-time"),
        (replace(ARTICLE, authors=("Anna Berg",)), "byline"),
        (
            with_note("Correction (3 March 2026): an earlier version gave another figure."),
            "body addition correction-notice",
        ),
    ],
)
def test_kinds(new: VersionText, kinds: str) -> None:
    assert " ".join(classify(ARTICLE, new)) == kinds


def test_notices_of_correction() -> None:
    noted = with_note("Correction: the bridge is 80 years old.")
    assert EditKind.CORRECTION_NOTICE in classify(ARTICLE, noted)
    assert EditKind.CORRECTION_NOTICE not in classify(noted, ARTICLE)
    assert classify(noted, replace(noted, title="Bridge shut after storm")) == (
        EditKind.HEADLINE,
        EditKind.REWORDING,
    )


def test_a_note_that_stood_there_unmarked_is_no_new_one() -> None:
    noted = with_note("Correction: the bridge is 80 years old.")
    assert classify(replace(noted, corrections=()), noted) == ()


UNMARKED = replace(ARTICLE, standfirst="", paragraphs=(ARTICLE.standfirst, *ARTICLE.paragraphs))


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        (ARTICLE, UNMARKED, ""),
        (UNMARKED, ARTICLE, ""),
        (ARTICLE, replace(UNMARKED, title="Bridge shut after storm"), "headline rewording"),
        (
            UNMARKED,
            replace(ARTICLE, standfirst="The crossing stays shut for a week."),
            "standfirst rewording",
        ),
        (ARTICLE, replace(ARTICLE, standfirst=""), "standfirst deletion"),
    ],
)
def test_a_standfirst_that_is_marked_in_one_version_alone(
    old: VersionText, new: VersionText, kinds: str
) -> None:
    assert " ".join(classify(old, new)) == kinds


def test_capitals_of_a_title_in_title_case_are_no_names() -> None:
    old = replace(ARTICLE, title="Old Bridge Closes After Storm")
    new = replace(ARTICLE, title="Old Bridge Shuts After Storm")
    assert classify(old, new) == (EditKind.HEADLINE, EditKind.REWORDING)


version_texts = st.builds(
    VersionText,
    title=st.text(max_size=20),
    standfirst=st.text(max_size=20),
    paragraphs=st.lists(st.text(st.sampled_from('aB 1.“"”-—\n'), max_size=20)).map(tuple),
    modified_at=st.none(),
)


@given(old=version_texts, new=version_texts)
@settings(deadline=None)
def test_only_an_edit_has_kinds(old: VersionText, new: VersionText) -> None:
    assume(bool(old.standfirst) == bool(new.standfirst))
    kinds = classify(old, new)
    assert bool(kinds) == (
        (old.title, old.standfirst, "\n".join(old.paragraphs))
        != (new.title, new.standfirst, "\n".join(new.paragraphs))
    )
    assert kinds == tuple(sorted(set(kinds), key=list(EditKind).index))
    if EditKind.TYPOGRAPHY in kinds:
        assert kinds == (EditKind.TYPOGRAPHY,)


@pytest.mark.parametrize("kind", list(EditKind))
def test_a_time_of_modification_and_a_note_of_correction_declare_an_edit(kind: EditKind) -> None:
    declares = kind in (EditKind.MODIFIED_TIME, EditKind.CORRECTION_NOTICE)
    assert is_declared((EditKind.HEADLINE, kind)) is declares


def test_a_byline_is_its_names_in_any_order_and_case() -> None:
    old = replace(ARTICLE, authors=("Anna Berg", "J. O’Neill"))
    assert classify(old, replace(ARTICLE, authors=("J. O'NEILL", "Anna  Berg"))) == ()


SIGNED = replace(ARTICLE, authors=("Anna Berg",), layout="a")
HOUSE = replace(ARTICLE, authors=("The Gazette",), signed=False, layout="b")


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        (SIGNED, HOUSE, ()),
        (HOUSE, SIGNED, ()),
        (SIGNED, replace(HOUSE, authors=()), ()),
        (SIGNED, replace(SIGNED, authors=("Bo Lind",), layout="b"), (EditKind.BYLINE,)),
        (SIGNED, replace(HOUSE, layout="a"), (EditKind.BYLINE,)),
        (SIGNED, replace(HOUSE, layout=""), (EditKind.BYLINE,)),
    ],
)
def test_a_layout_that_names_the_publisher_alone_takes_no_byline_away(
    old: VersionText, new: VersionText, kinds: tuple[EditKind, ...]
) -> None:
    assert classify(old, new) == kinds


def test_a_time_of_publication_that_moves() -> None:
    early, late = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    old, new = (replace(ARTICLE, published_at=it) for it in (early, late))
    assert classify(old, new) == (EditKind.PUBLICATION_TIME,)
    assert classify(ARTICLE, new) == ()


def test_words_are_counted() -> None:
    found = compare(ARTICLE, body(("a storm", "a heavy winter storm"), ("1,200", "1,300")))
    assert (found.words_deleted, found.words_inserted) == (1, 3)


def test_words_that_stay_between_changes_are_counted_as_the_diff_shows_them() -> None:
    found = compare(ARTICLE, body(("a storm", "a heavy winter storm"), ("on Monday", "on Sunday")))
    assert (found.words_deleted, found.words_inserted) == (3, 5)
