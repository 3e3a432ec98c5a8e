from storage.database.archive import Archive
from storage.search.options import Options, Versions
from storage.search.search import Search
from tests.benchmark.made_up_archive import fill
from tests.benchmark.search_speed import questions


def test_what_is_made_up_can_be_asked(archive: Archive) -> None:
    assert fill(archive, 30, lambda _: None) > 30 * 2 * 1_500
    with Search(archive) as search:
        assert search.count() == 30
        assert search.count("", Options(versions=Versions.ALL)) == 60
        for _, asks in questions():
            asks[0](search)
