"""Teach the second opinion on pages whose right answer is known, and write its file.

    python -m tests.benchmark.teaching FOLDER…      corpora, or folders of them

What is learned is numbers, and which names of elements tell text from furniture; only names that
many sites have are looked at. Crawling needs none of this, nor LightGBM: the file is all it reads.
"""

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from crawler.extraction.body.features import PageFeatures, Row
from crawler.extraction.body.second_opinion import (
    MODEL,
    SecondOpinion,
    looked_at,
    with_context,
    with_names,
    write_model,
)
from crawler.extraction.body.selection import find_body
from crawler.extraction.body.trees import DECIMALS, Trees
from crawler.extraction.errors import ExtractionError
from crawler.extraction.extract import claims_of
from crawler.extraction.metadata.gather import read_metadata
from crawler.extraction.page import decode
from crawler.extraction.page.blocks import Scope, read_blocks
from crawler.extraction.page.scopes import with_outer
from crawler.extraction.page.structured import read_structured
from tests.benchmark.block_labels import Label, label_blocks
from tests.benchmark.corpora import Case, part_of, read_corpora, site_of

DEPTH = 6
PARAMETERS = {
    "objective": "binary",
    "max_depth": DEPTH,
    "num_leaves": 31,
    "learning_rate": 0.08,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "use_missing": False,
    "verbose": -1,
    "num_threads": 1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
}
TREES = 150
# of a page
MOST_BLOCKS = 150
# a name must stand on pages of so many sites
SITES_OF_A_NAME = 12
# so many sites' worth of doubt is added to what a name is scored
DOUBT = 4
# the second look learns from what the first says of sites it has not seen
PARTS = 3
# news with their whole text, of which there are few, beside guides and beside single passages
WEIGHTS = {"fundus-eval": 3.0, "fundus-parsers": 3.0}


@dataclass(frozen=True, slots=True)
class Lesson:
    """A page, the blocks of it that are looked at, and which of these its right answer holds."""

    site: str
    weight: float
    page: PageFeatures
    looked_at: range
    rows: Sequence[Row]
    labels: Sequence[Label]

    @property
    def known(self) -> list[int]:
        """Which of the blocks looked at have a label, counted from the first of them; of a long
        page some, evenly spread."""
        known = [at for at, i in enumerate(self.looked_at) if self.labels[i] is not None]
        return known[:: -(-len(known) // MOST_BLOCKS) or 1]


def main() -> None:
    """Teach on all the pages."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--to", type=Path, default=MODEL, metavar="FILE")
    options = parser.parse_args()
    write_model(teach(lessons(read_corpora(options.folders))), options.to)


def lessons(corpora: Mapping[str, Iterable[Case]]) -> list[Lesson]:
    """What can be learned from each page that has text."""
    found = []
    for name, cases in corpora.items():
        for case in cases:
            with suppress(ExtractionError):
                lesson = _lesson(case, WEIGHTS.get(name, 1.0))
                if lesson is not None:
                    found.append(lesson)
    return found


def _lesson(case: Case, weight: float) -> Lesson | None:
    tree = decode.parse(case.body)
    structured = read_structured(tree)
    metadata = read_metadata(tree, structured, url=case.url)
    blocks = read_blocks(tree, case.url or metadata.canonical_url)
    claims = claims_of(metadata, structured)
    numbers = looked_at(blocks, find_body(blocks, claims).kept)
    if not numbers:
        return None
    page = PageFeatures(blocks, claims)
    return Lesson(
        site_of(case),
        weight,
        page,
        numbers,
        page.rows(numbers),
        label_blocks(case, blocks),
    )


def teach(lessons: Sequence[Lesson]) -> SecondOpinion:
    """The same lessons in the same order give the same opinion."""
    scores = score_names(lessons)
    rows = [with_names(lesson.page, lesson.looked_at, lesson.rows, scores) for lesson in lessons]
    likely: list[Sequence[float]] = [()] * len(lessons)
    parts = [part_of(f"part {lesson.site}", PARTS) for lesson in lessons]
    for part in range(PARTS):
        others = [at for at, of in enumerate(parts) if of != part]
        first = _train([lessons[at] for at in others], [rows[at] for at in others])
        for at, of in enumerate(parts):
            if of == part:
                likely[at] = first.probabilities(rows[at])
    again = [
        with_context(lesson.page, lesson.looked_at, own, chances)
        for lesson, own, chances in zip(lessons, rows, likely, strict=True)
    ]
    return SecondOpinion(scores, _train(lessons, rows), _train(lessons, again))


def score_names(lessons: Iterable[Lesson]) -> dict[str, float]:
    """How much more often than not blocks in elements of a name are text: -0.5 to 0.5."""
    counts: defaultdict[str, defaultdict[str, list[float]]]
    counts = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    for lesson in lessons:
        blocks = lesson.page.blocks
        texts = [blocks[i] for i in lesson.looked_at if lesson.labels[i]]
        holding: Counter[Scope] = Counter()
        for block in texts:
            holding.update(with_outer(block.scope))
        for i in lesson.looked_at:
            label = lesson.labels[i]
            if label is None:
                continue
            names = set(blocks[i].names)
            for scope in with_outer(blocks[i].scope):
                if texts and 2 * holding[scope] > len(texts):
                    break  # what holds the text is named alike for all of it
                names |= scope.names
            for name in names:
                count = counts[name][lesson.site]
                count[0] += label
                count[1] += 1
    return {
        name: round(sum(t / n - 0.5 for t, n in sites.values()) / (len(sites) + DOUBT), 3)
        for name, sites in counts.items()
        if len(sites) >= SITES_OF_A_NAME
    }


def _train(lessons: Sequence[Lesson], rows: Sequence[Sequence[Sequence[float]]]) -> Trees:
    table, labels, weights = [], [], []
    for lesson, own in zip(lessons, rows, strict=True):
        known = lesson.known
        for at in known:
            table.append(own[at])
            labels.append(lesson.labels[lesson.looked_at[at]])
            weights.append(lesson.weight / math.sqrt(len(known)))
    data = np.round(np.array(table), DECIMALS).astype(np.float32)
    booster = lightgbm.train(
        PARAMETERS, lightgbm.Dataset(data, np.array(labels), weight=np.array(weights)), TREES
    )
    trees = [one["tree_structure"] for one in booster.dump_model()["tree_info"]]
    return _completed(trees)


def _completed(trees: Sequence[Mapping[str, Any]]) -> Trees:
    """Trees of one depth: below a leaf that is higher, every node leads left."""
    nodes = 2**DEPTH - 1
    feature = np.zeros((len(trees), nodes), dtype=np.int16)
    threshold = np.full((len(trees), nodes), np.inf, dtype=np.float32)
    leaf: NDArray[np.float32] = np.zeros((len(trees), nodes + 1), dtype=np.float32)
    for number, tree in enumerate(trees):
        todo = [(tree, 0)]
        while todo:
            node, at = todo.pop()
            if "leaf_value" in node:
                while at < nodes:
                    at = 2 * at + 1
                leaf[number, at - nodes] = node["leaf_value"]
                continue
            feature[number, at] = node["split_feature"]
            threshold[number, at] = node["threshold"]
            todo += [(node["left_child"], 2 * at + 1), (node["right_child"], 2 * at + 2)]
    return Trees(feature, threshold, leaf)


if __name__ == "__main__":
    main()
