from crawler.reading.change_report import MOST_EXAMPLES, MOST_OF_A_SOURCE, ChangeReport
from storage.history.reading_changes import ReadingChange
from storage.history.reextractions import Progress


def change(source: str, number: int) -> ReadingChange:
    return ReadingChange(source, f"https://{source}/{number}", 1, {"title": ("Old", "New")})


def test_all_are_counted_and_some_are_shown() -> None:
    report = ChangeReport()
    many = [change("example.org", number) for number in range(30)]
    others = [change(f"paper{number}.example", 0) for number in range(30)]
    report.add(Progress(100, 60), [*many, *others])
    assert report.sources["example.org"] == 30
    assert report.fields["example.org"] == {"title": 30}
    assert len(report.sources) == 31
    shown = [it.source for it in report.examples]
    assert len(shown) == MOST_EXAMPLES
    assert shown.count("example.org") == MOST_OF_A_SOURCE
    assert len(list(report.first_examples(3))) == 3
