import pytest

from storage.history.edits import EditKind, VersionText
from storage.history.sentences import SentenceChange, changed_sentences, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("One two. Three!  “Four?” Five", ["One two.", "Three!", "“Four?”", "Five"]),
        ("It cost 1.50 euros, J. Smith said. He left.", None),
        ("前の文です。次の文です！終わり", ["前の文です。", "次の文です！", "終わり"]),
        ("A line\nand the next.", ["A line", "and the next."]),
    ],
)
def test_sentences(text: str, expected: list[str] | None) -> None:
    if expected is None:
        expected = ["It cost 1.50 euros, J. Smith said.", "He left."]
    assert sentences(text) == expected


def version(title: str, standfirst: str, *paragraphs: str) -> VersionText:
    return VersionText(title, standfirst, paragraphs)


def test_what_was_changed_in_each_part_in_order() -> None:
    old = version("Bridge closes", "It is shut.", "One is. Two were there. Three stay.", "End.")
    new = version("Bridge opens", "It is shut.", "One is. Two are there. Three stay. Four.")
    assert changed_sentences(old, new) == [
        SentenceChange(EditKind.HEADLINE, "Bridge closes", "Bridge opens"),
        SentenceChange(EditKind.BODY, "Two were there.", "Two are there."),
        SentenceChange(EditKind.BODY, "End.", "Four."),
    ]


def test_what_comes_and_goes_is_alone() -> None:
    old = version("T", "", "The mayor spoke about the old bridge. Rain fell all day long.")
    new = version("T", "", "Nobody came. The mayor spoke about the new bridge. A band played.")
    assert changed_sentences(old, new) == [
        SentenceChange(EditKind.BODY, "", "Nobody came."),
        SentenceChange(
            EditKind.BODY,
            "The mayor spoke about the old bridge.",
            "The mayor spoke about the new bridge.",
        ),
        SentenceChange(EditKind.BODY, "Rain fell all day long.", ""),
        SentenceChange(EditKind.BODY, "", "A band played."),
    ]


def test_the_same_has_none() -> None:
    same = version("T", "S.", "One. Two.")
    assert changed_sentences(same, same) == []
