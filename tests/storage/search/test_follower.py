"""The index follows the archive, whoever asks and whatever happened to it."""

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.models import Outcome
from storage.search import follower
from storage.search.follower import follow, open_index
from storage.search.index import folder_of
from storage.search.options import Options, Versions
from storage.search.search import Search
from tests.support.archiving import Desk
from tests.support.learning import BANNER, Learning
from tests.support.searching import search as found


def fill(archive: Archive, articles: int) -> Desk:
    desk = Desk(archive)
    for number in range(articles):
        desk.read(f"/{number}", "Title", f"The wording {number}")
    return desk


def test_an_index_lies_beside_the_file_and_else_in_the_cache(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERMALIEN_CACHE", str(tmp_path))
    folder = folder_of(archive)
    if archive.url.get_backend_name() == "sqlite":
        assert folder == Path(f"{archive.url.database}.search")
        monkeypatch.setattr("os.access", lambda *_, **__: False)
        folder = folder_of(archive)
    assert folder.is_relative_to(tmp_path)
    other = Archive(str(make_url("sqlite:////none/at/all.db")))
    assert folder_of(other).is_relative_to(tmp_path)
    assert folder_of(other) != folder


def test_what_does_not_fit_in_the_time_is_told(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(archive, 6)
    monkeypatch.setattr(follower, "_BATCH", 2)
    with Search(archive, patience=-1) as search:
        behind = [search.find("wording").behind for _ in range(4)]
        total = search.find("wording").total
    # Each search goes a little further (the source is a change too).
    assert behind == [5, 3, 1, 0]
    assert total == 6


def test_while_another_process_writes_a_search_answers_and_tells(archive: Archive) -> None:
    desk = fill(archive, 2)
    with Search(archive, patience=0.01) as search:
        assert search.find("wording").total == 2
        desk.read("/new", "Title", "The wording of today")
        index, _ = open_index(archive)
        with index.writing(wait=1, heap=15_000_000, threads=1):
            page = search.find("wording")
            assert (page.total, page.behind) == (2, 1)
        assert search.find("wording").total == 3


def test_many_search_at_a_time(archive: Archive) -> None:
    fill(archive, 5)
    totals: list[int] = []

    def ask() -> None:
        with Search(archive, patience=30) as search:
            totals.append(search.find("wording").total)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert totals == [5] * 4


@pytest.mark.parametrize("harm", ["meta", "segments", "no meta", "nothing", "a stranger's"])
def test_a_damaged_index_is_told_and_made_anew(archive: Archive, harm: str) -> None:
    fill(archive, 3)
    with Search(archive) as search:
        assert search.find("wording").total == 3
    (files,) = folder_of(archive).glob("v*")
    match harm:
        case "meta":
            (files / "meta.json").write_text("{")
        case "no meta":
            (files / "meta.json").unlink()
        case "segments":
            for path in files.glob("*.*"):
                if path.name != "meta.json":
                    path.write_bytes(path.read_bytes()[:7])
        case "nothing":
            shutil.rmtree(files)
        case _:
            (files / "meta.json").write_text('{"index_settings": {}, "segments": [], "schema": []}')
    with Search(archive) as search:
        page = search.find("wording")
        assert (page.total, page.behind) == (3, 0)
        told = any("made anew" in note for note in page.notes)
        assert told or harm in ("nothing", "no meta")
        assert search.find("wording").notes == ()


def test_an_index_of_another_archive_is_told_and_made_anew(
    archive: Archive, tmp_path: Path
) -> None:
    desk = fill(archive, 3)
    with Search(archive) as search:
        search.find("wording")
    index, _ = open_index(archive)
    with index.writing(wait=1, heap=15_000_000, threads=1) as writer:
        index.commit(writer, "00000000.1.12345678")
    with Search(archive) as search:
        page = search.find("wording")
        assert page.total == 3
        assert "another archive's" in page.notes[0]
        desk.read("/new", "Title", "The wording of today")
        assert search.find("wording").total == 4


def test_a_rebuilt_index_finds_the_same(archive: Archive) -> None:
    desk = fill(archive, 3)
    desk.read("/0", "Title", "Another wording")
    index, _ = open_index(archive)
    follow(archive, index)
    told: list[tuple[int, int]] = []
    followed = follow(archive, index, rebuild=True, progress=lambda *it: told.append(it))
    assert (followed.behind, told[-1][0]) == (0, told[-1][1])
    with Search(archive) as search:
        assert search.find("wording").total == 3
        assert [hit.version for hit in search.find("another").hits] == [2]


def test_a_retracted_version_is_found_no_more_and_again_when_it_stands(archive: Archive) -> None:
    desk = Learning(archive)
    desk.read("/a", "Title", "One two three.")
    desk.read("/a", "Title", "One two three." + BANNER)
    desk.check("/a", Outcome.GONE)
    desk.read("/a", "Title", "One two three." + BANNER, advert="another")
    every = Options(versions=Versions.ALL)

    def numbers(options: Options | None = None) -> list[int]:
        return sorted(hit.version for hit in found(archive, "two", options))

    assert (numbers(), numbers(every)) == ([2], [1, 2])
    for _ in range(2):
        desk.template = "banner"
        desk.reread_all("/a")
        assert (numbers(), numbers(every), numbers(Options(as_of=desk.now))) == ([1], [1], [1])
        desk.template = ""
        desk.reread_all("/a")
        assert (numbers(), numbers(every), numbers(Options(as_of=desk.now))) == ([2], [1, 2], [2])


def test_what_was_known_has_what_was_retracted_later(archive: Archive) -> None:
    desk = Learning(archive)
    desk.read("/a", "Title", "One two three.")
    desk.read("/a", "Title", "One two three." + BANNER)
    then = utc_now()

    def numbers(**options: Any) -> list[int]:
        return sorted(hit.version for hit in found(archive, "two", Options(**options)))

    asked: list[dict[str, Any]] = [{}, {"versions": Versions.ALL}, {"as_of": desk.now}]
    assert [numbers(**it) for it in asked] == [[2], [1, 2], [2]]
    desk.template = "banner"
    desk.reread_all("/a")
    assert [numbers(**it) for it in asked] == [[1], [1], [1]]
    assert [numbers(known_by=then, **it) for it in asked] == [[2], [1, 2], [2]]
    retracted = utc_now()
    assert [numbers(known_by=retracted, **it) for it in asked] == [[1], [1], [1]]
    desk.template = ""
    desk.reread_all("/a")
    assert [numbers(known_by=utc_now(), **it) for it in asked] == [[2], [1, 2], [2]]
    assert [numbers(known_by=retracted, **it) for it in asked] == [[1], [1], [1]]
    assert [numbers(known_by=then, **it) for it in asked] == [[2], [1, 2], [2]]


def test_another_process_at_much_is_not_waited_for(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(archive, 2)
    index, _ = open_index(archive)
    monkeypatch.setattr(follower, "_A_SECOND", 0)
    with index.writing(wait=0, heap=30_000_000, threads=1), Search(archive, patience=600) as search:
        assert search.find("wording").behind > 0
