"""Teach which of a page's titles is its own, on pages whose title is known.

    python -m tests.benchmark.title_training CORPORA LIVES

CORPORA is a folder of corpora (tests.benchmark.corpora), LIVES one of sites' lives
(tests.benchmark.lives), whose feeds name their pages. Prints the share of right titles by folds of
sites, each told by trees that its site has not taught, then writes the file that crawling reads.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import mean

from crawler.extraction.body.trees import Trees
from crawler.extraction.errors import ExtractionError
from crawler.extraction.learned import write_model
from crawler.extraction.metadata import titles
from crawler.extraction.metadata.gather import site_names
from crawler.extraction.page import decode
from crawler.extraction.page.meta_tags import read_meta_tags
from crawler.extraction.page.structured import read_structured
from crawler.extraction.page.wording import words
from tests.benchmark.boosting import Lesson, by_folds, record_of, teach
from tests.benchmark.corpora import read_corpora, site_of
from tests.benchmark.lives import read_lives

# news, of which there are few pages, beside guides and beside sites with many pages alike
WEIGHTS = {"fundus-parsers": 2.0, "lives": 0.1}
PAGES_OF_A_LIFE = 40
LOOKS_APART = 4
# what can only speak against an option, and what says nothing by itself
_AGAINST = ("stated by logo", "is a site's name", "a site's name is its last part")
_OPEN = ("stated by h1 in navigation", "stated by later h1", "stated by h1 inside")
SIGNS = [
    -1
    if name in _AGAINST
    else int(name.startswith(("stated by", "like", "places", "shares")) and name not in _OPEN)
    for name in titles.FEATURES
]


def main() -> None:
    """Measure, then teach on all pages."""
    corpora, lives = map(Path, sys.argv[1:3])
    lessons = [*_of_corpora(corpora), *_of_lives(lives)]
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for lesson, likely in zip(lessons, by_folds(lessons, taught), strict=True):
        right[lesson.corpus].append(lesson.labels[likely.index(max(likely))])
    figures = {name: mean(its) for name, its in right.items()}
    sys.stdout.writelines(f"{name} {share:.4f}\n" for name, share in figures.items())
    record = record_of(lessons, figures, [Path(titles.__file__), Path(__file__)])
    write_model(titles.MODEL, titles.FEATURES, taught(lessons), record)


def taught(lessons: Sequence[Lesson]) -> Trees:
    return teach(lessons, trees=200, depth=4, monotone_constraints=SIGNS)


def _of_corpora(folder: Path) -> Iterator[Lesson]:
    for name, cases in read_corpora([folder]).items():
        for case in cases:
            if case.title:
                yield from _lesson(name, site_of(case), case.body, case.url, case.title)


def _of_lives(folder: Path) -> Iterator[Lesson]:
    for life in read_lives(folder):
        named = {
            look.files[path]: (life.url(path), title)
            for look in life.looks[::LOOKS_APART]
            for path, title in look.titles.items()
            if path in look.articles
        }
        pages = sorted(named.items(), key=lambda it: (it[1], len(it[0]), it[0]))
        random.Random(1).shuffle(pages)
        for body, (url, title) in pages[:PAGES_OF_A_LIFE]:
            yield from _lesson("lives", life.host, body, url, title)


def _lesson(corpus: str, site: str, body: bytes, url: str | None, title: str) -> Iterator[Lesson]:
    """The page's options, and which of them says what the title says."""
    with suppress(ExtractionError):
        tree = decode.parse(body)
        structured, meta = read_structured(tree), read_meta_tags(tree)
        url = url or meta.first("og:url")
        stated = titles.stated_titles(tree, structured, meta, url)
        sites = site_names(structured, meta, url)
        options = titles.options_of(stated, sites)
        if options:
            rows = titles.rows(options, stated, sites)
            key = words(title)
            labels = [words(option.text) == key for option in options]
            yield Lesson(corpus, site, rows, labels, WEIGHTS.get(corpus, 1.0))


if __name__ == "__main__":
    main()
