"""Some seventy questions in a dozen languages: the same answers on both databases."""

import tomllib
from pathlib import Path

from storage.database.archive import Archive
from storage.search.options import Options, Sort
from storage.search.search import Search
from tests.support.archiving import Desk

DATA = tomllib.loads(Path(__file__).with_name("questions.toml").read_text(encoding="utf-8"))


def test_each_question_finds_just_what_it_should(archive: Archive) -> None:
    articles, questions = DATA["articles"], DATA["questions"]
    assert len(questions) > 60
    desk = Desk(archive)
    desk.languages = {title: language or None for language, title, _ in articles.values()}
    for name, (_, title, text) in articles.items():
        desk.read(f"/{name}", title, text)
    wrong = {}
    with Search(archive, patience=60) as search:
        for query, expected in questions.items():
            for sort in Sort:
                page = search.find(query, Options(sort=sort), limit=100)
                found = {hit.url.rpartition("/")[2] for hit in page.hits}
                if found != set(expected) or page.total != len(expected):
                    wrong[query] = found ^ set(expected)
    assert wrong == {}


def test_both_databases_rank_alike(sqlite_archive: Archive, postgresql_archive: Archive) -> None:
    answers = []
    for archive in (sqlite_archive, postgresql_archive):
        desk = Desk(archive)
        for name, (language, title, text) in DATA["articles"].items():
            desk.languages[title] = language or None
            desk.read(f"/{name}", title, text)
        with Search(archive, patience=60) as search:
            answers.append(
                {
                    query: [(hit.url, hit.version, hit.snippet) for hit in search.find(query).hits]
                    for query in DATA["questions"]
                }
            )
    assert answers[0] == answers[1]
