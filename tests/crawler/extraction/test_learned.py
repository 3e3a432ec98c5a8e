import json
from pathlib import Path

import numpy as np
import pytest

from crawler.extraction.body.trees import Trees
from crawler.extraction.learned import read_model, write_model
from crawler.extraction.metadata import titles

TREES = Trees(
    np.array([[0, 1, 1]], dtype=np.int16),
    np.array([[0.5, np.inf, 2.0]], dtype=np.float32),
    np.array([[-1.0, 0.0, 0.5, 2.0]], dtype=np.float32),
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    write_model(path, ["one", "other"], TREES, {"day": "2026-12-06"})
    model = read_model(path)
    assert model.features == ("one", "other")
    assert model.record == {"day": "2026-12-06"}
    rows = [[0.0, 9.0], [1.0, 1.0], [1.0, 3.0]]
    assert model.trees.probabilities(rows) == TREES.probabilities(rows) == [0.2689, 0.6225, 0.8808]


def test_the_digest_is_of_the_numbers_alone(tmp_path: Path) -> None:
    first, second, other = (tmp_path / name for name in ("first", "second", "other"))
    write_model(first, ["one", "other"], TREES, {"day": "2026-12-06"})
    write_model(second, ["one", "other"], TREES, {"day": "2026-12-07"})
    write_model(other, ["other", "one"], TREES, {"day": "2026-12-06"})
    assert read_model(first).digest == read_model(second).digest != read_model(other).digest


@pytest.mark.parametrize("path", [titles.MODEL], ids=lambda path: path.name)
def test_a_model_of_ours_says_how_it_was_trained(path: Path) -> None:
    record = read_model(path).record
    assert {"day", "data", "sites", "folds", "by folds of sites", "code"} <= record.keys()
    json.dumps(record)


def test_the_titles_model_looks_at_what_is_given_to_it() -> None:
    assert read_model(titles.MODEL).features == titles.FEATURES
