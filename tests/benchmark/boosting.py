"""Trees taught by LightGBM, and how well they do on sites they have not seen."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import lightgbm
import numpy as np
from numpy.typing import NDArray

from crawler.extraction.body.trees import DECIMALS, Trees
from tests.benchmark.corpora import part_of

FOLDS: Final = 5

Row = Sequence[float]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one page teaches: a row and a label for each thing to be told apart on it."""

    corpus: str
    site: str
    rows: Sequence[Row]
    labels: Sequence[bool]
    weight: float = 1.0


def teach(lessons: Sequence[Lesson], *, trees: int, depth: int, **parameters: Any) -> Trees:
    """The same lessons in the same order give the same trees."""
    table = np.array([row for lesson in lessons for row in lesson.rows], dtype=np.float64)
    data = lightgbm.Dataset(
        np.round(table, DECIMALS).astype(np.float32),
        np.array([label for lesson in lessons for label in lesson.labels], dtype=np.int8),
        weight=np.array([lesson.weight for lesson in lessons for _ in lesson.rows]),
    )
    settings = {
        "objective": "binary", "max_depth": depth, "num_leaves": 8, "learning_rate": 0.08,
        "min_data_in_leaf": 20, "feature_fraction": 0.4, "bagging_fraction": 0.8,
        "bagging_freq": 1, "lambda_l2": 5.0, "use_missing": False, "verbose": -1,
        "num_threads": 1, "seed": 1, "deterministic": True, "force_row_wise": True,
    }  # fmt: skip
    booster = lightgbm.train(settings | parameters, data, trees)
    return _completed([it["tree_structure"] for it in booster.dump_model()["tree_info"]], depth)


def by_folds(
    lessons: Sequence[Lesson], teacher: Callable[[Sequence[Lesson]], Trees]
) -> list[list[float]]:
    """How likely each row of each lesson is, by trees that no page of its site has taught."""
    parts = [part_of(f"fold {lesson.site}", FOLDS) for lesson in lessons]
    likely: list[list[float]] = [[] for _ in lessons]
    for fold in range(FOLDS):
        known = [lesson for lesson, part in zip(lessons, parts, strict=True) if part != fold]
        trees = teacher(known)
        for at, part in enumerate(parts):
            if part == fold:
                likely[at] = trees.probabilities(lessons[at].rows)
    return likely


def record_of(
    lessons: Sequence[Lesson], figures: Mapping[str, float], code: Sequence[Path]
) -> dict[str, object]:
    """The training record: what taught, the figures by folds of sites, and by which code."""
    corpora = sorted({lesson.corpus for lesson in lessons})
    return {
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "data": {name: sum(it.corpus == name for it in lessons) for name in corpora},
        "sites": len({lesson.site for lesson in lessons}),
        "folds": FOLDS,
        "by folds of sites": {name: round(value, 4) for name, value in figures.items()},
        "code": {it.name: hashlib.sha256(it.read_bytes()).hexdigest()[:12] for it in code},
        "lightgbm": lightgbm.__version__,
    }


def _completed(trees: Sequence[Mapping[str, Any]], depth: int) -> Trees:
    """Trees of one depth: below a leaf that is higher, every node leads left."""
    nodes = 2**depth - 1
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
