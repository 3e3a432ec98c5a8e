"""An invented site, through weeks of redesigns, in seconds. `make soak` lives whole years."""

from datetime import timedelta

import pytest

from tests.simulation.rapid.year import Figures, live_year

SEED = 6


@pytest.fixture(scope="module")
def figures() -> Figures:
    return live_year(articles=40, sources=1, days=30, seed=SEED, step=timedelta(hours=6))


def test_no_version_is_false_and_none_is_missed(figures: Figures) -> None:
    assert figures.false == []
    assert figures.missed == []
    assert figures.recorded == figures.met > 40


def test_no_text_has_furniture_and_none_has_lost_words(figures: Figures) -> None:
    assert figures.misread == []
    assert (figures.furniture, figures.lost) == (0, 0)
