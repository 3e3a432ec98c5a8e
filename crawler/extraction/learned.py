"""A learned decision as a file of numbers: what it looks at, its trees, and how it was trained.

Prediction takes NumPy alone; LightGBM only trains (`tests/benchmark/boosting.py`).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from crawler.extraction.body.trees import Trees


@dataclass(frozen=True, slots=True)
class Model:
    """`features` names the numbers of a row in order; `record` is of the training: data, folds,
    figures, code, day; `digest` is of the numbers alone."""

    features: Sequence[str]
    record: Mapping[str, object]
    trees: Trees
    digest: str


@cache
def read_model(path: Path) -> Model:
    """The model in a file; read once in a process."""
    given = json.loads(path.read_text(encoding="utf-8"))
    numbers = [given[name] for name in ("features", "feature", "threshold", "leaf")]
    return Model(
        tuple(given["features"]),
        given["record"],
        Trees(
            np.array(given["feature"], dtype=np.int16),
            np.array([[np.inf if it is None else it for it in row] for row in given["threshold"]],
                     dtype=np.float32),
            np.array(given["leaf"], dtype=np.float32),
        ),
        hashlib.sha256(json.dumps(numbers).encode()).hexdigest()[:12],
    )  # fmt: skip


def write_model(
    path: Path, features: Sequence[str], trees: Trees, record: Mapping[str, object]
) -> None:
    """A tree a line; a threshold of None is infinite, which all numbers are below."""
    lists: dict[str, Sequence[object]] = {
        "feature": trees.feature.tolist(),
        "threshold": [
            [None if np.isinf(it) else round(float(it), 5) for it in row] for row in trees.threshold
        ],
        "leaf": [[round(float(it), 5) for it in row] for row in trees.leaf],
    }
    parts = [
        f'"record": {json.dumps(record, indent=1, ensure_ascii=False)}',
        f'"features": {json.dumps(features)}',
        *(f'"{name}": [\n{_lines(rows)}\n]' for name, rows in lists.items()),
    ]
    path.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


def _lines(rows: Sequence[object]) -> str:
    return ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
