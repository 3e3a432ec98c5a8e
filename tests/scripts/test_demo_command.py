"""`permalien demo`, from nothing to the story that its three editions tell."""

import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from scripts.demo.articles import EDITIONS
from scripts.demo.server import DemoSite
from storage.database.archive import Archive
from storage.history.version_records import VersionRecord, history
from storage.models import Article, ArticleState
from tests.support.command import Done, permalien

pytestmark = pytest.mark.timeout(400)

TRUTH = {edition: DemoSite.articles(edition) for edition in EDITIONS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def done(folder: Path) -> Done:
    return demo(folder, "--port", "0")


@pytest.fixture(scope="module")
def archived(done: Done, folder: Path) -> dict[str, tuple[Article, list[VersionRecord]]]:
    """Each article by its path, with its versions."""
    archive = Archive(where(folder)["database"])
    with archive.reading() as session:
        found = {
            urlsplit(article.url).path: (article, history(session, article.id))
            for article in session.scalars(select(Article))
        }
    archive.close()
    return found


def test_it_ends_well_and_says_what_to_try_next(done: Done) -> None:
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    assert "sitemap" in done.out
    assert f"{len(TRUTH[1]):>8,}  new articles" in done.out
    assert "Next: permalien search" in done.out


def test_every_article_of_all_editions_is_archived_once(
    archived: dict[str, tuple[Article, list[VersionRecord]]],
) -> None:
    assert set(archived) == {*TRUTH[1], *TRUTH[2], *TRUTH[3]}


@pytest.mark.parametrize("path", sorted(TRUTH[3]))
def test_texts_are_what_the_editors_wrote(
    archived: dict[str, tuple[Article, list[VersionRecord]]], path: str
) -> None:
    article, versions = archived[path]
    assert article.state is ArticleState.LIVE
    assert (versions[-1].title, versions[-1].text) == TRUTH[3][path]


@pytest.mark.parametrize("path", sorted({*TRUTH[1], *TRUTH[2]}))
def test_there_is_a_version_for_each_edit_and_for_nothing_else(
    archived: dict[str, tuple[Article, list[VersionRecord]]], path: str
) -> None:
    """Of every text, old ones too, the words are the editors' and no furniture's."""
    told = [TRUTH[edition][path] for edition in EDITIONS if path in TRUTH[edition]]
    edits = [text for text, before in zip(told[1:], told, strict=False) if text != before]
    assert [(it.title, it.text) for it in archived[path][1]] == [told[0], *edits]


def test_the_new_theme_is_on_record_and_can_be_asked_for(done: Done, folder: Path) -> None:
    """And what the site was when it was first read is no change of it."""
    assert done.code == 0
    (name,) = [it["name"] for it in permalien("sources", "--json", **where(folder)).json()]
    shown = permalien("boilerplate", name, "--changes", **where(folder)).out
    (headline,) = [line for line in shown.splitlines() if line and line[0] != " "]
    assert "a new layout" in headline
    assert "  came           Écouter cet article avec l’application du Sémaphore  (on " in shown
    assert "Laissez un avis" not in shown


@pytest.mark.parametrize("path", sorted({*TRUTH[1], *TRUTH[2]} - set(TRUTH[3])))
def test_what_was_removed_is_kept_as_it_was(
    archived: dict[str, tuple[Article, list[VersionRecord]]], path: str
) -> None:
    article, versions = archived[path]
    assert article.state is ArticleState.GONE
    assert versions[-1].text == TRUTH[1][path][1]


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = demo(tmp_path, "--port", str(taken.getsockname()[1]))
    assert refused.code == 1
    assert refused.err.count("\n") == 1
    assert "--port 0" in refused.err


def demo(folder: Path, *arguments: str) -> Done:
    return permalien("demo", *arguments, **where(folder))


def where(folder: Path) -> dict[str, Any]:
    return {"database": f"sqlite:///{folder / 'demo.db'}", "cwd": folder}
