"""Pages with their right answers: corpora in folders, and the project's own.

A corpus in a folder has `cases.jsonl`, an object a line, and the pages as `html/<id>.html.gz`. Of
an object's fields `id` alone must be there:

    url, publisher       where the page was, and whose it is
    text                 the article
    paragraphs           the same in parts, of which those numbered in `optional` may be left out
    title, date
    authors              a list of names, or one text of them
    with, without        passages that must, and must not, be in the text
"""

import gzip
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from storage.frontier.domains import registered_domain

PAGES = Path(__file__).parents[1] / "crawler" / "extraction" / "pages"
# so many pages of a publisher are enough to learn its template from
LEARNABLE = 3

_BETWEEN_NAMES = re.compile(r"\s*(?:;|,| and | und | et )\s*")


@dataclass(frozen=True, slots=True)
class Case:
    """One page. What is None or empty is not known, and not scored."""

    id: str
    body: bytes
    url: str | None = None
    publisher: str | None = None
    text: str | None = None
    paragraphs: Sequence[str] = ()
    optional: frozenset[int] = frozenset()
    title: str | None = None
    authors: Sequence[str] = ()
    date: str | None = None
    wanted: Sequence[str] = ()
    unwanted: Sequence[str] = ()

    @classmethod
    def from_json(cls, fields: Mapping[str, Any], body: bytes) -> Self:
        return cls(
            id=fields["id"],
            body=body,
            url=fields.get("url"),
            publisher=fields.get("publisher"),
            text=fields.get("text"),
            paragraphs=fields.get("paragraphs") or (),
            optional=frozenset(fields.get("optional") or ()),
            title=fields.get("title"),
            authors=_listed(fields.get("authors") or ()),
            date=fields.get("date"),
            wanted=fields.get("with") or (),
            unwanted=fields.get("without") or (),
        )


def read_corpus(folder: Path) -> list[Case]:
    """The cases of a folder, in the order of its file."""
    cases = []
    with (folder / "cases.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            fields = json.loads(line)
            page = folder / "html" / f"{fields['id']}.html.gz"
            cases.append(Case.from_json(fields, gzip.decompress(page.read_bytes())))
    return cases


def read_corpora(folders: Iterable[Path]) -> dict[str, list[Case]]:
    """The corpora by name, of folders that are one or hold some."""
    found = {}
    for folder in folders:
        single = (folder / "cases.jsonl").exists()
        for cases in [folder / "cases.jsonl"] if single else sorted(folder.glob("*/cases.jsonl")):
            found[cases.parent.name] = read_corpus(cases.parent)
    return found


def site_of(case: Case) -> str:
    """The registered domain of a page, whichever corpus it is in."""
    return registered_domain(case.url) if case.url else case.publisher or case.id


def part_of(site: str, parts: int) -> int:
    """Which of so many parts a site is in, the same in every process."""
    return zlib.crc32(site.encode()) % parts


def read_pages(folder: Path = PAGES) -> list[Case]:
    """The pages that extraction is tested on: `page.html` beside `article.json`."""
    cases = []
    for page in sorted(folder.iterdir()):
        article = json.loads((page / "article.json").read_text(encoding="utf-8"))
        cases.append(
            Case(
                id=page.name,
                body=(page / "page.html").read_bytes(),
                url=f"https://paper.example/{page.name}",
                text="\n".join(text for _, text in article["paragraphs"]),
                title=article["title"],
            )
        )
    return cases


def _listed(authors: str | Sequence[str]) -> Sequence[str]:
    return _BETWEEN_NAMES.split(authors) if isinstance(authors, str) else authors


def sample(cases: Sequence[Case], size: int) -> Sequence[Case]:
    """As many cases as `size`, evenly spread; all of them where there are no more."""
    if size >= len(cases):
        return cases
    return [cases[number * len(cases) // size] for number in range(size)]


def by_publisher(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """The pages of each publisher that has enough of them to learn from."""
    found: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.publisher:
            found[case.publisher].append(case)
    return {name: pages for name, pages in found.items() if len(pages) >= LEARNABLE}
