"""What does a result come to, under which convention?"""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest

from perpscope.trading.backtest.model import PLACES, Result
from perpscope.trading.backtest.rounding import apportioned, rounded
from perpscope.trading.backtest.summary import drawdown, sharpe, steps, summary
from perpscope.trading.costs.figure import Figure
from perpscope.trading.sweep.scores import scores
from tests.unit.trading.backtest.cases import HOUR

CURVE = (100_00, 100_00, 110_00, 99_00, 108_90)
RESULT = Result(
    at=tuple(k * HOUR for k in range(5)),
    equity=CURVE,
    by_reason={"funding": 9_00, "fee": -10},
    places=2,
    asset="USDT",
    active=(False, False, True, True, True),
    trades=1,
    by_leg={"one": {"funding": 9_00}, "": {"fee": -10}},
)


def points(result: Result) -> list[tuple[int, int]]:
    return list(zip(result.at, result.equity, strict=True))


def test_the_keys_of_the_contract() -> None:
    found = summary(RESULT)
    assert {"net_return", "apr", "sharpe", "max_drawdown", "by_reason", "liquidations", "trades"} <= set(found)
    assert found["net_return"] == 0.089
    assert found["apr"] == pytest.approx(0.089 / 4 * 8760)
    assert found["max_drawdown"] == pytest.approx(-0.1)
    assert json.loads(json.dumps(found)) == found


def test_the_ratio_of_days_is_the_one_a_sweep_ranks_by() -> None:
    """Every other hour of five days and a part of a sixth, from 20:00 on: days end at midnight, what is known then is of the day before."""
    rng = np.random.default_rng(3)
    equity = [1_000_000, *(1_000_000 + np.cumsum(rng.normal(100, 900, 60))).astype(int).tolist()]
    at = [20 * HOUR + k * 2 * HOUR for k in range(61)]
    told = summary(Result(tuple(at), tuple(equity), {"funding": equity[-1] - equity[0]}, 2, "USDT", (True,) * 61))
    ends = [equity[k] for k in range(1, 61) if at[k] % (24 * HOUR) == 0 or k == 60]
    assert len(ends) == 6
    swept = scores(np.array([ends], dtype=np.float64), np.array([equity[0]], dtype=np.float64), 120.0)
    assert told["sharpe_days"] == pytest.approx(swept.sharpe[0], rel=1e-12)
    assert told["max_drawdown_days"] == pytest.approx(swept.max_drawdown[0], rel=1e-12)
    assert told["max_drawdown_days"] != told["max_drawdown"]
    assert told["sharpe_days"] != pytest.approx(told["sharpe"], rel=0.01)


def test_two_sharpe_ratios_and_which_is_meant() -> None:
    """Steps of 0, 10 %, -10 % and 10 %; the first hour nothing was held.

    All hours: mean 0.025, deviation root of (0.025^2 + 2 x 0.075^2 + 0.125^2) / 3 = 0.0957, times the root of 8760 hours a year.
    Active hours: mean 0.0333, deviation 0.11547, times the root of 8760 x 3 / 4.
    """
    found = summary(RESULT)
    assert found["sharpe_all_hours"] == found["sharpe"] == pytest.approx(0.025 / math.sqrt(0.0275 / 3) * math.sqrt(8760))
    assert found["sharpe_active_hours"] == pytest.approx((0.1 / 3) / math.sqrt(0.04 / 3) * math.sqrt(8760 * 3 / 4))
    assert found["active_hours_1y"] == 8760 * 3 / 4
    assert found["conventions"]["sharpe"] == "sharpe_all_hours"  # type: ignore[index]  # a mapping


def test_the_ratio_of_active_hours_is_that_of_the_analysis() -> None:
    from perpscope.analysis.pricing.shares import active_sharpe

    returns = [0.1, -0.1, 0.1]
    found = summary(RESULT)["sharpe_active_hours"]
    assert found == pytest.approx(float(active_sharpe(sum(returns) / 3, math.sqrt(0.04 / 3), 8760 * 3 / 4)))


def test_a_rate_without_risk_is_subtracted_hour_by_hour() -> None:
    plain, less = steps(points(RESULT)), steps(points(RESULT), 0.0876)
    assert [a - b for a, b in zip(plain, less, strict=True)] == pytest.approx([1e-5] * 4)


def test_returns_that_never_change_have_no_ratio() -> None:
    assert sharpe([0.1], 1, 1) is None
    assert sharpe([0.1, 0.1, 0.1 + 1e-16], 3, 3) is None
    assert sharpe([0.0, 0.0], 2, 2) is None
    assert sharpe([0.1, 0.2], 0, 2) is None


def test_from_where_nothing_is_left() -> None:
    ruined = Result((0, HOUR, 2 * HOUR, 3 * HOUR), (10, 0, 0, -1), {}, 0, "USDT", (False, True, True, True))
    assert steps(points(ruined)) == [-1.0, 0.0, 0.0]
    assert drawdown(ruined.equity) == -1.1


def test_what_the_capital_would_earn_elsewhere_is_told_beside() -> None:
    found = summary(RESULT, opportunity=Figure.assumed(0.0876, "a guess"))["opportunity"]
    assert found["money"] == pytest.approx(100 * 0.0876 * 4 / 8760)  # type: ignore[index]  # a mapping
    assert found["rate"]["status"] == "assumed"  # type: ignore[index]  # a mapping
    assert summary(RESULT)["opportunity"] is None
    unknown = summary(RESULT, opportunity=Figure.unknown("nobody said"))["opportunity"]
    assert unknown["money"] is None  # type: ignore[index]  # a mapping


def test_an_amount_is_exact() -> None:
    assert RESULT.amount(108_90) == Fraction("108.9")


def test_rounded_sums_still_add_up() -> None:
    """Thirds of a unit: 1 / 3 + 1 / 3 + 1 / 3 = 1, and nothing is off by a whole unit."""
    third = 10**PLACES // 3
    cells = {"a": third, "b": third, "c": 10**PLACES - 2 * third, "d": -third}
    total = rounded(sum(cells.values()), 0)
    found = apportioned(cells, total, 0)
    assert sum(found.values()) == total == 1
    assert all(abs(found[key] * 10**PLACES - value) < 10**PLACES for key, value in cells.items())
