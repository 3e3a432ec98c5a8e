import pytest

from storage.verification import report as module
from storage.verification.report import RESTORE, Report, key_of, shown


def test_a_row_is_told_once_whatever_else_is_wrong_with_it() -> None:
    report = Report()
    report.add("version", 7, expected=b"\x01", found="x" * 1_000)
    report.add("version", "7", expected=1, found=2)
    (told,) = report.mismatches
    assert (told.table, told.key, told.expected, told.advice) == ("version", "7", "01", RESTORE)
    assert len(told.found) == 300
    assert report.found == 1


def test_who_names_a_row_that_is_missing_is_not_blamed_after() -> None:
    report = Report()
    report.add("content", b"\xab", expected="a row", found="none", named_by=[("reading", "4")])
    assert report.doubts("reading", None, 4)
    report.add("content", b"\xab", expected="a row", found="none", named_by=[("reading", "5")])
    assert report.doubts("reading", 5)
    assert not report.doubts("reading", 6)
    assert not report.doubts("version", 4)
    assert report.found == 1


def test_what_is_in_doubt_is_told_by_number_and_by_table() -> None:
    report = Report()
    report.doubt("article", 3, None)
    report.doubt("source_day", (4, "2026-03-01"))
    report.doubt("content", b"\xff")
    assert sorted(report.doubted("article", "source_day", "content")) == [3, 4]
    assert report.lacks("content", "version")
    assert not report.lacks("version")
    assert report.mismatches == []


def test_of_many_only_some_are_told_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TOLD", 3)
    report = Report()
    for number in range(10):
        report.add("fetch", number, expected=1, found=2)
    assert (len(report.mismatches), report.found) == (3, 10)


def test_keys_and_values_are_told_in_words() -> None:
    assert key_of((1, b"\x0a", ("a", 2))) == "1,0a,a,2"
    assert shown(None) == "None"
