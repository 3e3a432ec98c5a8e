"""`permalien boilerplate` and `permalien reextract`, over what a real crawl archived."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.demo.server import DemoSite
from storage.database.archive import Archive
from storage.query.articles import article_record
from tests.support.command import Done, permalien
from tests.support.databases import url_of

FURNITURE = "Laissez un avis"
NOTICE = "この記事は会員登録なしで全文をお読みいただけます。"


class Operator:
    """Gives commands on one archive, which holds a crawl of the demonstration site."""

    def __init__(self, database: str, cwd: Path, site: str) -> None:
        self._database, self._cwd = database, cwd
        self.site = site

    def run(self, *arguments: str) -> Done:
        return permalien(*arguments, database=self._database, cwd=self._cwd)

    def json(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert done.code == 0, done.err
        return done.json()

    def key_of(self, example: str) -> str:
        (key,) = {block["key"] for block in self.blocks() if block["example"] == example}
        return str(key)

    def blocks(self) -> list[Any]:
        """Those of all layouts."""
        layouts = self.json("boilerplate", self.site)["layouts"]
        return [block for layout in layouts for block in layout["blocks"]]

    def texts(self) -> dict[str, tuple[str, int]]:
        """Text and number of versions of each article, by path."""
        archive = Archive(self._database)
        with archive.reading() as session:
            records = [
                article_record(session, f"{self.site}{path}") for path in DemoSite.articles(1)
            ]
        archive.close()
        return {
            record.url.removeprefix(self.site): (record.shown.text, record.versions)
            for record in records
        }


@pytest.fixture
def operator(new_archive: Archive, tmp_path: Path) -> Iterator[Operator]:
    with DemoSite() as site:
        operator = Operator(url_of(new_archive), tmp_path, site.url)
        added = operator.run("add", site.url, "--allow-private", "--delay", "0")
        assert added.code == 0, added.err
        crawled = operator.run("crawl")
        assert crawled.code == 0, crawled.err
        yield operator


def test_an_operator_keeps_a_block_and_leaves_it_to_learning_again(operator: Operator) -> None:
    learned = operator.texts()
    assert learned == {path: (text, 1) for path, (_, text) in DemoSite.articles(1).items()}
    blocks = operator.blocks()
    assert {"key", "decision", "pages", "since", "place", "example"} == set(blocks[0])
    assert {FURNITURE, NOTICE} <= {block["example"] for block in blocks}

    # One that a page alone shows to be furniture, and one that the template alone takes out.
    keys = [operator.key_of(FURNITURE), operator.key_of(NOTICE)]
    for key in keys:
        operator.json("boilerplate", operator.site, "--pin", key)
    would = operator.json("reextract", "--dry-run")
    assert would["dry_run"]
    assert would["fields"] == {"text": would["changed"]}
    assert operator.texts() == learned

    did = operator.json("reextract", "--source", operator.site)
    assert did["changed"] == would["changed"] > 0
    kept = operator.texts()
    assert sum(FURNITURE in text for text, _ in kept.values()) == 8
    assert sum(NOTICE in text for text, _ in kept.values()) == 4
    assert {versions for _, versions in kept.values()} == {1}
    assert operator.json("reextract")["read"] == 0

    for key in keys:
        operator.json("boilerplate", operator.site, "--undo", key)
    operator.json("reextract")
    assert operator.texts() == learned

    refused = operator.run("boilerplate", operator.site, "--pin", "nonsense")
    assert refused.code == 1
    assert refused.err.splitlines() == [
        f"permalien: no block nonsense: see `permalien boilerplate {operator.site} --all`"
    ]
