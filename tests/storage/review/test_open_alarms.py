"""Open alarms, as a person is shown them."""

from datetime import timedelta

from storage.database.archive import Archive
from storage.ledger.runs import start_run
from storage.models import Outcome
from storage.review.alarms import Held, clear_alarm, hold, raise_alarm, settle
from storage.review.open_alarms import open_alarms
from tests.support.archiving import START, Desk


def alarmed(archive: Archive, site: str, pages: int) -> tuple[Desk, list[Held]]:
    """A source whose alarm holds the checks of that many pages back."""
    with archive.writing() as session:
        run_id = start_run(session, software="1", settings={}, now=START)
    desk = Desk(archive, site, run_id=run_id)
    checks = [desk.check(f"/{number}", body=b"%d" % number)[0] for number in range(pages)]
    held = [Held(check.fetch_id, check.address_id, f"why {check.url}") for check in checks]
    with archive.writing() as session:
        alarm_id = raise_alarm(
            session,
            desk.source.id,
            run_id,
            reason="many edits at once",
            evidence={"edits": pages},
            now=desk.now,
        )
        hold(session, alarm_id, held)
    return desk, held


def test_an_alarm_comes_with_its_evidence(archive: Archive) -> None:
    later, _ = alarmed(archive, "https://example.net/", 3)
    earlier, held = alarmed(archive, "https://example.org/", 2)
    with archive.reading() as session:
        second, first = open_alarms(session, limit=9, examples=2)[::-1]
        (mine,) = open_alarms(session, limit=9, source_id=later.source.id)
        assert open_alarms(session, limit=1, examples=2) == [first]
    assert (first.source, first.reason, first.held) == ("example.org", "many edits at once", 2)
    assert (second.source, second.held, second.evidence) == ("example.net", 3, {"edits": 3})
    assert [example.url for example in second.examples] == [
        "https://example.net/0",
        "https://example.net/1",
    ]
    example = first.examples[0]
    assert (example.outcome, example.reason) == (Outcome.FETCHED, "why https://example.org/0")
    assert example.observed_at == earlier.now - timedelta(minutes=10)
    assert len(mine.examples) == 3
    with archive.writing() as session:
        settle(session, [held[0].fetch_id], START)
        assert open_alarms(session, limit=1)[0].held == 1
        clear_alarm(session, earlier.source.id, START)
    with archive.reading() as session:
        assert [alarm.source for alarm in open_alarms(session, limit=9)] == ["example.net"]
