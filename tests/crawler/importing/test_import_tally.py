import json

from crawler.importing.captures import Unwanted
from crawler.importing.import_tally import Tally
from storage.history.captured_pages import Change
from storage.history.imports import Place
from storage.models import Outcome


def test_each_change_is_counted_as_what_it_is() -> None:
    tally = Tally()
    for change in Change:
        tally.count_change(change)
    assert (tally.articles, tally.versions, tally.unchanged) == (1, 1, 1)


def test_the_run_s_record_keeps_all_counts_by_their_names() -> None:
    tally = Tally(captures=9, outside=2, damaged=1)
    tally.places.update([Place.NEW, Place.NEW, Place.KNOWN])
    tally.non_articles.update([Outcome.GONE])
    tally.unwanted.update([next(iter(Unwanted))])
    kept = json.loads(json.dumps(tally.as_document()))
    assert kept["captures"] == 9
    assert kept["captured"] == {"known": 1, "new": 2}
    assert kept["pages"] == {"gone": 1}
    assert sum(kept["passed_over"].values()) == 1
    assert (kept["elsewhere"], kept["damaged"]) == (2, 1)
