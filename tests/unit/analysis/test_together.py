"""Are likeness and distance told apart, pair by pair, over the moments both have?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.dispersion import aligned
from perpscope.analysis.series import fixings
from perpscope.analysis.together import correlation, pairs, side_by_side
from perpscope.errors import NotEnoughData
from tests.unit.analysis.frames import contract


def made(rates: list[float], venue: str) -> pl.DataFrame:
    return contract([(8.0 * (k + 1), rate, 8.0) for k, rate in enumerate(rates)], venue=venue)


def test_two_that_move_as_one_can_still_be_far_apart() -> None:
    base = [1e-5 * (k % 11) for k in range(100)]
    rows = fixings(pl.concat([made(base, "alpha"), made([rate + 0.0001 for rate in base], "beta")]))
    found = pairs(side_by_side(aligned(rows))).row(0, named=True)
    assert found["pearson"] == pytest.approx(1.0)
    assert found["spearman"] == pytest.approx(1.0)
    assert found["mean_gap"] == pytest.approx(-0.1095)
    assert found["sd_gap"] == pytest.approx(0.0, abs=1e-12)
    assert found["n"] == 100


def test_only_common_moments_count_and_too_few_are_no_pair() -> None:
    rows = fixings(pl.concat([made([1e-5 * k for k in range(120)], "alpha"), made([1e-5 * k for k in range(95)], "beta")]))
    wide = side_by_side(aligned(rows))
    assert pairs(wide).row(0, named=True)["n"] == 95
    with pytest.raises(NotEnoughData):
        pairs(wide, least=96)


def test_what_does_not_vary_has_no_correlation() -> None:
    assert correlation(np.ones(5), np.arange(5.0)) is None


def test_contracts_of_one_name_stay_apart() -> None:
    one, other = made([1e-5] * 3, "alpha"), made([2e-5] * 3, "alpha").with_columns(pl.lit("SECOND").alias("native_id"))
    wide = side_by_side(aligned(fixings(pl.concat([one, other]))))
    assert len(wide.columns) == 3
