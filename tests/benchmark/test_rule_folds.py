"""What is told of a rule by folds."""

from tests.benchmark.rule_folds import line

WHOLE = {
    -1: {"F1": 0.9, "leak": 3.0},
    0: {"F1": 0.9},
    1: {"F1": 0.9},
}


def test_a_rule_that_helps_in_one_fold_alone_is_marked() -> None:
    less = {-1: {"F1": 0.89, "leak": 5.0}, 0: {"F1": 0.88}, 1: {"F1": 0.9}}
    told = line("rule: link", WHOLE, less)
    assert "F1  +10.0 (1 fall, 0 rise)" in told
    assert told.endswith("leak +2  ONE FOLD")


def test_one_that_helps_in_more_or_in_none_is_not() -> None:
    assert "ONE FOLD" not in line("a", WHOLE, {-1: {"F1": 0.89}, 0: {"F1": 0.88}, 1: {"F1": 0.89}})
    harmful = line("b", WHOLE, {-1: {"F1": 0.91}, 0: {"F1": 0.92}, 1: {"F1": 0.9}})
    assert "(0 fall, 1 rise)" in harmful
    assert "ONE FOLD" not in harmful
