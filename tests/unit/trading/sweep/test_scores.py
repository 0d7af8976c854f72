"""Are the scores of many curves those of each alone, by the text of the backtest's own?"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.trading.backtest.summary import drawdown
from perpscope.trading.backtest.summary import sharpe as of_backtest
from perpscope.trading.sweep.scores import daily_returns, scores

HOURS = 24.0 * 12


@given(st.lists(st.lists(st.integers(1, 300), min_size=12, max_size=12), min_size=1, max_size=5))
def test_scores_are_those_of_a_backtest_on_the_same_curve(rows: list[list[int]]) -> None:
    capital = np.full(len(rows), 100.0)
    found = scores(np.array(rows, dtype=np.float64), capital, HOURS)
    for k, row in enumerate(rows):
        equity = (100, *row)
        returns = [after / before - 1 for before, after in zip(equity, row, strict=False)]
        own = of_backtest(returns, HOURS, len(returns))
        assert found.max_drawdown[k] == pytest.approx(drawdown(equity), abs=1e-12)
        assert found.net_return[k] == pytest.approx(row[-1] / 100 - 1, abs=1e-12)
        assert found.apr[k] == pytest.approx((row[-1] / 100 - 1) / HOURS * 8760, abs=1e-12)
        if own is None:
            assert math.isnan(found.sharpe[k]) or abs(found.sharpe[k]) > 1e9
        else:
            assert found.sharpe[k] == pytest.approx(own, rel=1e-9, abs=1e-12)


def test_nothing_is_earned_once_nothing_is_left() -> None:
    found = daily_returns(np.array([[50.0, 0.0, 0.0], [50.0, -10.0, 20.0]]), np.array([100.0, 100.0]))
    assert found.tolist() == [[-0.5, -1.0, 0.0], [-0.5, -1.2, 0.0]]


def test_one_day_has_no_ratio() -> None:
    assert math.isnan(scores(np.array([[101.0]]), np.array([100.0]), 24.0).sharpe[0])


def test_a_risk_free_rate_is_taken_off_as_a_backtest_does() -> None:
    equity = (100, 102, 101, 104)
    returns = [after / before - 1 - 0.05 * 24 / 8760 for before, after in pairwise(equity)]
    found = scores(np.array([equity[1:]], dtype=np.float64), np.array([100.0]), 72.0, 0.05)
    assert found.sharpe[0] == pytest.approx(of_backtest(returns, 72.0, 3))
