"""In how many folds of sites each rule on blocks helps: one that helps in its own alone is to go.

    python -m tests.benchmark.rule_folds FOLDER…                 corpora, or folders of them
    python -m tests.benchmark.rule_folds --sample 120 FOLDER…    fewer pages of each

Each page is read once; then its text is put together without each rule in turn, by the rules alone:
the second opinion was taught on these pages, and would hide what they do. A line is a rule: what
F1, exact and seg lose without it, in thousandths, and in how many folds each falls and rises; then
how many passages more leak. A rule of whose loss one fold has all is marked.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crawler.extraction.body.claims import Claims
from crawler.extraction.body.paragraphs import paragraphs_of, part_of
from crawler.extraction.body.selection import find_body
from crawler.extraction.errors import ExtractionError
from crawler.extraction.extract import claims_of
from crawler.extraction.metadata.gather import read_metadata
from crawler.extraction.page import decode
from crawler.extraction.page.blocks import Block, read_blocks
from crawler.extraction.page.structured import read_structured
from tests.benchmark.ablation import parts, without
from tests.benchmark.corpora import Case, read_corpora, sample, site_of
from tests.benchmark.corpora import part_of as fold_of
from tests.benchmark.extraction_scores import Reading, score, summarize

FOLDS: Final = 5
COLUMNS: Final = ("F1", "exact", "seg")
# what is taken out before the blocks are read, or is no rule on them
_NOT_RULES: Final = ("structured", "JSON-LD", "micro", "article", "meta", "around", "Trafilatura")
_NOT_ON_BLOCKS: Final = ("embedded", "template", "second", "unclosed", "furniture: hidden", "body:")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the rules meet it."""

    case: Case
    fold: int
    blocks: Sequence[Block]
    claims: Claims


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--sample", type=int, default=sys.maxsize, metavar="N")
    parser.add_argument("--rule", action="append", metavar="RULE", help="these alone")
    options = parser.parse_args()
    pages = [
        page
        for cases in read_corpora(options.folders).values()
        for page in _pages(sample(cases, options.sample))
    ]
    whole = _figures(pages)
    for rule in options.rule or parts():
        if not rule.startswith((*_NOT_RULES, *_NOT_ON_BLOCKS)):
            with without(rule):
                sys.stdout.write(line(rule, whole, _figures(pages)) + "\n")
            sys.stdout.flush()


Figures = Mapping[int, Mapping[str, float]]
"""By fold, -1 for all of them, and by column."""


def line(rule: str, whole: Figures, less: Figures, columns: Sequence[str] = COLUMNS) -> str:
    """What is told of a rule, by the figures with it and without."""
    told = []
    alone = False
    for column in columns:
        lost = {
            fold: figures[column] - less[fold][column]
            for fold, figures in whole.items()
            if column in figures
        }
        total = lost.pop(-1, 0.0)
        falls = [value for value in lost.values() if value > 0.0005]
        rises = [value for value in lost.values() if value < -0.0005]
        alone = alone or (len(falls) == 1 and total > 0.0005)
        told.append(f"{column} {1000 * total:+6.1f} ({len(falls)} fall, {len(rises)} rise)")
    leaks = less[-1].get("leak", 0.0) - whole[-1].get("leak", 0.0)
    return f"{rule:<48}{'  '.join(told)}  leak {leaks:+.0f}{'  ONE FOLD' if alone else ''}"


def _pages(cases: Sequence[Case]) -> Iterator[Page]:
    for case in cases:
        with suppress(ExtractionError):
            tree = decode.parse(case.body)
            structured = read_structured(tree)
            metadata = read_metadata(tree, structured, url=case.url)
            blocks = read_blocks(tree, case.url or metadata.canonical_url)
            claims = claims_of(metadata, structured)
            yield Page(case, fold_of(site_of(case), FOLDS), blocks, claims)


def _figures(pages: Sequence[Page]) -> Figures:
    scores = defaultdict(list)
    for page in pages:
        found = find_body(page.blocks, page.claims)
        text = "\n".join(it.text for it in paragraphs_of(map(part_of, found.kept)))
        scored = score(page.case, Reading(text=text))
        scores[page.fold].append(scored)
        scores[-1].append(scored)
    return {fold: summarize(found) for fold, found in sorted(scores.items())}


if __name__ == "__main__":
    main()
