"""Two texts, paragraph beside paragraph."""

from storage.query.side_by_side import RowKind, side_by_side

ONE = "The ferry left the harbour at dawn with forty people."
TWO = "The council met on Tuesday to speak of the bridge."
THREE = "Nobody was hurt, said the captain of the ferry."


def kinds(old: str, new: str) -> list[RowKind]:
    return [row.kind for row in side_by_side(old, new)]


def test_paragraphs_stay_change_come_and_go() -> None:
    assert kinds(f"{ONE}\n{TWO}", f"{ONE}\n{TWO}") == [RowKind.SAME, RowKind.SAME]
    assert kinds(ONE, f"{ONE}\n{TWO}") == [RowKind.SAME, RowKind.ADDED]
    assert kinds(f"{ONE}\n{TWO}", TWO) == [RowKind.REMOVED, RowKind.SAME]
    (row,) = side_by_side(ONE, ONE.replace("dawn", "noon"))
    assert row.kind is RowKind.EDITED
    assert "".join(it.text for it in row.old) == ONE
    assert "".join(it.text for it in row.new) == ONE.replace("dawn", "noon")
    assert side_by_side("", "") == []
    assert kinds("", ONE) == [RowKind.ADDED]


def test_a_paragraph_that_moved_is_told_as_moved_from_and_to() -> None:
    rows = side_by_side(f"{ONE}\n{TWO}\n{THREE}", f"{TWO}\n{THREE}\n{ONE}")
    assert [row.kind for row in rows] == [
        RowKind.MOVED_FROM,
        RowKind.SAME,
        RowKind.SAME,
        RowKind.MOVED_TO,
    ]
    assert {row.move for row in rows} == {1, None}


def test_a_paragraph_that_moved_and_changed_shows_its_words() -> None:
    changed = ONE.replace("forty", "thirty")
    *_, last = side_by_side(f"{ONE}\n{TWO}\n{THREE}", f"{TWO}\n{THREE}\n{changed}")
    assert last.kind is RowKind.MOVED_TO
    assert [it.text for it in last.pieces if it.op == "insert"] == ["thirty"]


def test_few_words_do_not_move() -> None:
    assert RowKind.MOVED_TO not in kinds(f"Read on\n{TWO}\n{THREE}", f"{TWO}\n{THREE}\nRead on")
