"""Does the convexity bias agree with QuantLib's?"""

from __future__ import annotations

import math

import pytest
import QuantLib

from perpscope.analysis.pricing.convexity import ho_lee_bias


@pytest.mark.parametrize(("sigma", "first"), [(0.008, 1.0), (0.010, 5.0), (0.012, 8.0)])
def test_bias_is_hull_whites_without_reversion(sigma: float, first: float) -> None:
    second = first + 0.25
    simple = 0.03
    theirs = QuantLib.HullWhite.convexityBias(100 - 100 * simple, first, second, sigma, 1e-8)
    future = math.log1p(simple * 0.25) / 0.25  # the same futures rate, continuously compounded
    forward = math.log1p((simple - theirs) * 0.25) / 0.25
    jensen = 0.5 * sigma**2 * first * 0.25  # theirs is the mean of the simple rate, ours of the continuous one
    assert future - forward == pytest.approx(ho_lee_bias(sigma, first, second) + jensen, rel=1e-3)
