"""Does a position in both legs earn what its cash flows say, trade by trade, and is it summed up by the stated conventions?"""

from __future__ import annotations

import math

import numpy as np
import pytest

from perpscope.analysis.carry.arbitrage import Looks, gains, performance
from perpscope.errors import InputError, NotEnoughData

HOUR = 3_600_000


def _looks(perp: list[float], spot: list[float], paid: list[float], carry: float = 0.0, step: int = HOUR) -> Looks:
    n = len(perp)
    return Looks(np.arange(n, dtype=np.int64) * step, np.array(perp), np.array(spot), np.array(paid), np.full(n, carry))


def test_a_trade_by_hand() -> None:
    looks = _looks([101.0, 102.0, 100.0, 100.0, 100.0], [100.0, 102.0, 100.0, 100.0, 100.0], [0, 0.001, -0.0005, 0, 0])
    found = gains(looks, [-1, -1, 1, 0, 0], cost=0.0004)
    first = 0.02 - (102 / 101 - 1) + 0.001 - 0.0004  # long the coin, short the perpetual: convergence, funding received, entry
    second = (100 / 102 - 1) - (100 / 102 - 1) - 0.0005  # both legs lose alike; the short paid
    assert found.tolist() == pytest.approx([first, second, -0.0008, -0.0004], abs=1e-15)  # turned round (two trades), then closed


def test_carry_is_owed_for_the_time_between_looks() -> None:
    for step in (HOUR, 8 * HOUR):
        looks = _looks([100.0] * 3, [100.0] * 3, [0.0] * 3, carry=0.0876, step=step)
        assert gains(looks, [-1, -1, 0]).tolist() == pytest.approx([-0.00001 * step / HOUR] * 2)
        assert gains(looks, [1, 1, 0]).tolist() == pytest.approx([0.00001 * step / HOUR] * 2)


def test_the_sum_and_its_conventions() -> None:
    spot = [100.0] * 5
    looks = _looks(spot, spot, [0.0, 0.01, -0.03, 0.0, 0.02])
    found = performance(looks, [-1, -1, 0, -1, 0])
    gain = np.array([0.01, -0.03, 0.0, 0.02])  # the third step is active: a position was closed at its start
    years = 4 / 8760
    assert found.gain_1y == pytest.approx(0.0 / years, abs=1e-9)
    assert found.active_hours == pytest.approx(4 / years)
    assert found.sharpe == pytest.approx(gain.mean() / gain.std(ddof=1) * math.sqrt(8760), abs=1e-9)
    assert found.drawdown == pytest.approx(-0.03)
    assert found.drawdown_compounded == pytest.approx(0.97 - 1)


def test_hours_out_of_the_market_count_neither_for_nor_against() -> None:
    n = 200
    rng = np.random.default_rng(2)
    paid, flat = rng.normal(1e-4, 1e-3, n), np.full(n, 100.0)
    looks = Looks(np.arange(n) * HOUR, flat, flat, paid, np.zeros(n))
    held = np.where(np.arange(n) < 100, -1, 0)
    found, active = performance(looks, held), gains(looks, held)[:101]
    years = (n - 1) / 8760
    assert found.sharpe == pytest.approx(active.mean() / active.std(ddof=1) * math.sqrt(101 / years))


def test_what_cannot_be_summed_up_says_so() -> None:
    looks = _looks([100.0] * 3, [100.0] * 3, [0.0] * 3)
    with pytest.raises(InputError, match="one position a look"):
        gains(looks, [1, 1])
    with pytest.raises(NotEnoughData, match="active hours"):
        performance(looks, [0, 0, 0])
    assert math.isnan(performance(looks, [1, 1, 1]).sharpe)
