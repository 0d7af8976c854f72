"""Are tails cut as the chain cuts them, and is the second stage of a median's mean to be had alone?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import Mean, MedianMean, trimmed
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.window import Window


@pytest.mark.parametrize(
    ("samples", "share", "kept"),
    [
        ([3, 1, 2], "0", [3, 1, 2]),
        ([3, 1, 2], "0.1", [3, 1, 2]),
        ([3, 1, 2], "0.2", [1, 2]),
        ([3, 1, 2], "0.5", [3, 1, 2]),
        ([5, 4, 3, 2, 1], "0.4", [3]),
        ([], "0.25", []),
    ],
)
def test_tails_are_cut_at_both_ends_and_the_odd_one_at_the_top(samples: list[int], share: str, kept: list[int]) -> None:
    """Of 3 x 0.4, cut, one goes; of 5 x 0.8 four; where all would go, none does."""
    given = list(samples)
    assert trimmed(samples, Fraction(share)) == kept
    assert samples == given


def test_medians_that_somebody_else_took_are_averaged_as_the_second_stage_does() -> None:
    whole = MedianMean(60, votes=15, at_least=60, grains=1000)
    assert whole.of_medians == Mean(60, 1000)
    rule = Rule(Observe("given"), whole.of_medians, Formula())
    assert rule.fix(Window(0, 3_600_000, {"premium": [Fraction(1)] * 31})).rate == Fraction(516, 1000)
