from collections import Counter

import pytest

from crawler.recording.tally import Tally
from crawler.running import Summary
from scripts.exit_codes import INTERRUPTED
from scripts.run_report import as_document, fail_like, report
from storage.database.errors import ArchiveUnavailable
from storage.models import Outcome, RunEnd


def summary(how: RunEnd = RunEnd.FINISHED, error: Exception | None = None) -> Summary:
    tally = Tally(
        requests=12,
        listings=4,
        articles=3,
        versions=2,
        pages=Counter({Outcome.FETCHED: 5, Outcome.UNCHANGED: 1, Outcome.GONE: 1}),
        failures=Counter({"timed out": 2}),
    )
    return Summary(7, how, tally, 3725.0, error)


def test_a_person_reads_what_the_crawl_came_to(capsys: pytest.CaptureFixture[str]) -> None:
    report(summary(), "permalien sources")
    shown = capsys.readouterr().out
    assert "Run 7 finished in 1 h 2 min" in shown
    for line in (
        "7  pages seen",
        "3  new articles",
        "2  new versions",
        "1  unchanged",
        "1  gone or not found",
        "2  failed: timed out",
        "Next: permalien sources",
    ):
        assert line in shown
    assert "unreadable" not in shown


@pytest.mark.parametrize(("how", "told"), [(RunEnd.FINISHED, True), (RunEnd.FAILED, False)])
def test_nothing_was_due_is_said_of_a_run_that_looked(
    how: RunEnd, told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    report(Summary(7, how, Tally(), 60.0, None), "permalien sources")
    assert ("nothing was due" in capsys.readouterr().out) is told


def test_a_program_reads_the_same() -> None:
    document = as_document(summary())
    assert (document["run"], document["ended"], document["seconds"]) == (7, "finished", 3725.0)
    assert (document["new_articles"], document["new_versions"]) == (3, 2)
    assert document["pages"] == {"fetched": 5, "gone": 1, "unchanged": 1}
    assert document["failures"] == {"timed out": 2}


@pytest.mark.parametrize(
    ("ended", "code", "says"),
    [
        (summary(RunEnd.INTERRUPTED), INTERRUPTED, "interrupted"),
        (summary(RunEnd.FAILED, ArchiveUnavailable("database x: locked")), 1, "database x: locked"),
    ],
)
def test_a_run_that_did_not_finish_is_told_in_one_line(
    ended: Summary, code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        fail_like(ended)
    assert stopped.value.code == code
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line
