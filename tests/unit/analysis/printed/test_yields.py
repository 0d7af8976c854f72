"""Is a horizon the inverse of a yield, and do figures that were made alike share one?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.analysis.printed.yields import HOWS, How, Printed, annual, horizon, horizons, shared_horizon
from perpscope.errors import InputError
from perpscope.units import Rate

gains = st.floats(0.001, 0.5)
days = st.floats(2.0, 400.0)


@given(gains, days, st.sampled_from(HOWS))
def test_the_horizon_turns_a_yield_round(gain: float, lasted: float, how: How) -> None:
    assert horizon(gain, annual(gain, lasted, how), how) == pytest.approx(lasted, rel=1e-9)


@given(gains, days)
def test_the_three_ways_agree_with_rates_and_rank_as_they_must(gain: float, lasted: float) -> None:
    simple, compound, continuous = (annual(gain, lasted, how) for how in ("simple", "compound", "continuous"))
    rate = Rate(gain, lasted * 24)
    assert simple == pytest.approx(rate.apr)
    assert compound == pytest.approx(rate.apy)
    assert continuous >= simple
    assert (compound >= simple) == (lasted <= 365) or math.isclose(compound, simple, rel_tol=1e-9)


@given(st.lists(gains, min_size=2, max_size=5), st.integers(10, 300), st.sampled_from(HOWS))
def test_figures_of_one_horizon_share_it(profits: list[float], lasted: int, how: How) -> None:
    figures = [Printed(gain, max(round(annual(gain, lasted, how), 3), 0.001), 0.001) for gain in profits]
    shared = shared_horizon(figures, how)
    assert shared is not None
    assert shared[0] - 1e-9 <= lasted <= shared[1] + 1e-9


def test_figures_of_two_horizons_share_none() -> None:
    figures = [Printed(0.05, round(annual(0.05, lasted, "compound"), 4), 0.0001) for lasted in (50, 60)]
    assert shared_horizon(figures, "compound") is None
    assert [low < lasted < high for (low, high), lasted in zip((horizons(f, "compound") for f in figures), (50, 60), strict=True)] == [
        True
    ] * 2


@pytest.mark.parametrize("figure", [(0.0, 0.1, 0.001), (0.1, 0.0004, 0.001), (0.1, 0.1, 0.0)])
def test_what_has_no_horizon_is_refused(figure: tuple[float, float, float]) -> None:
    with pytest.raises(InputError, match="printed yield"):
        Printed(*figure)
