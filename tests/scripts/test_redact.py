"""`permalien redact`: what is told first, what is asked, and what is on record after."""

from pathlib import Path

import pytest

from storage.database.archive import Archive
from storage.models import RedactionScope
from storage.redaction.cleaning import Cleaned
from storage.templates.samples import NewSample, sample_pages, samples_of
from tests.support.console import Console, undocumented
from tests.support.redacting import NAME, PATHS, Newsroom, newsroom, traces

BY = ("--by", "a court", "--reason", "file 12/26")


@pytest.fixture
def desk(archive: Archive) -> Newsroom:
    desk = newsroom(archive)
    desk.read("/prize", "A prize", f"{NAME} won a prize for bread that nobody else can bake.")
    return desk


def put(desk: Newsroom, *rest: str) -> tuple[str, ...]:
    return ("redact", str(desk.article(PATHS[0]).id), *rest, *BY)


def test_what_goes_and_what_is_left_is_told_first(console: Console, desk: Newsroom) -> None:
    before = traces(desk.archive)
    done = console.run(*put(desk, "--words", NAME, "--dry-run"))
    assert done.code == 0
    assert "2 stored pages" in done.err
    assert "https://example.org/prize" in done.err
    assert "backups" in done.err
    assert traces(desk.archive) == before
    document = console.run(*put(desk, "--words", NAME, "--dry-run", "--json")).json()
    assert undocumented(dict.fromkeys(document)) == set()
    assert [it["url"] for it in document["left"]] == ["https://example.org/prize"]
    assert document["counts"]["version"] == 2


def test_it_is_done_and_shown(console: Console, desk: Newsroom) -> None:
    article = str(desk.article(PATHS[0]).id)
    document = console.run(*put(desk, "--words", NAME, "--yes", "--json")).json()
    assert undocumented(dict.fromkeys(document)) == set()
    assert document["cleaned"] is True
    assert "[redacted]" in console.shows("show", article)
    left = {"content.text", "payload.data", "reading_detail.details"}  # of the other article
    assert traces(desk.archive) <= left
    again = console.run("redact", article, "--words", NAME, "--yes", *BY)
    assert again.code == 1
    assert "nothing of it" in again.err


def test_words_that_are_nowhere_leave_what_the_page_taught(
    console: Console, desk: Newsroom
) -> None:
    address_id = desk.address(PATHS[0])
    with desk.archive.writing() as session:
        sample_pages(session, [NewSample(address_id, desk.source.id, desk.now, "{}")])
    done = console.run(*put(desk, "--words", "Zeppelin", "--yes"))
    assert done.code == 1
    assert "nothing of it" in done.err
    with desk.archive.reading() as session:
        assert len(samples_of(session, desk.source.id)) == 1


def test_nothing_is_done_without_a_yes(console: Console, desk: Newsroom) -> None:
    before = traces(desk.archive)
    done = console.run(*put(desk, "--whole"))
    assert done.code == 2
    assert "say --yes" in done.err
    assert traces(desk.archive) == before


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("redact", "1", "--words", "x", *BY), "from 2 to 200"),
        (("redact", "1", "--words", "Jane", "--whole", *BY), "not both"),
        (("redact", "1", "--words", "Jane", "--by", "a court", "--reason", "of Jane"), "stay on"),
        (("redact", "--finish", "--whole"), "alone"),
        (("redact", "--whole", *BY), "name a VERSION"),
    ],
)
def test_what_can_not_be_is_told(
    console: Console, desk: Newsroom, given: tuple[str, ...], why: str
) -> None:
    done = console.run(*given)
    assert done.code == 2
    assert why in done.err


def test_what_was_not_cleaned_is_told_and_finished(
    console: Console, desk: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("scripts.redact.clean", lambda *_, **__: Cleaned(("the index",)))
        done = console.run(*put(desk, "--words", NAME, "--yes"))
    assert done.code == 1
    assert "--finish" in done.err
    document = console.run("redact", "--finish", "--json").json()
    assert len(document.pop("redactions")) == 1
    assert document == {"cleaned": True, "to_clean": []}


def test_words_of_a_source_go_from_all_its_articles(console: Console, desk: Newsroom) -> None:
    given = ("redact", "example.org", "--words", NAME, "--everywhere-in", "source", "--yes", *BY)
    document = console.run(*given, "--json").json()
    assert document["scope"] == RedactionScope.SOURCE.value
    assert document["left"] == []
    assert traces(desk.archive) == set()


def test_rules_are_saved_and_applied(console: Console, desk: Newsroom, tmp_path: Path) -> None:
    assert console.run(*put(desk, "--words", NAME, "--yes")).code == 0
    file = tmp_path / "rules.json"
    assert console.run("redact", "--save-rules", str(file)).code == 0
    assert "quillon" not in file.read_text().lower()
    assert "0 redactions" in console.shows("redact", "--apply-rules", str(file))
