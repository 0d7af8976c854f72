"""Does each rule hold what it says, and do looks carry the rates and payments of their hours?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.carry.arbitrage import Looks
from perpscope.analysis.carry.looks import STALE_MS, paid_between, with_rate
from perpscope.analysis.carry.strategies import STRATEGIES, Terms, deviations, held_by

HOUR = 3_600_000
TERMS = Terms(0.0001, 0.0005, 1095.0)


def looks(premiums: list[float], carry: float = 0.05) -> Looks:
    """Look at a coin at 100 and a perpetual at a premium (F - S) / F."""
    n = len(premiums)
    perp = np.array([100 / (1 - premium) for premium in premiums])
    return Looks(np.arange(n, dtype=np.int64) * HOUR, perp, np.full(n, 100.0), np.zeros(n), np.full(n, carry))


def test_deviations_by_hand() -> None:
    found = deviations(looks([0.0, 0.001]), TERMS)  # interest 10.95 % above the carry: the clamp pulls up
    assert found == pytest.approx([0.5475 - 0.05, 1.095 + 0.5475 - 0.05])
    assert deviations(looks([0.0, 0.001]), TERMS, clamped=False) == pytest.approx([-0.05, 1.045])


def test_each_rule_by_hand() -> None:
    premiums = [0.0, -0.0006, -0.0002, 0.0001]
    assert held_by("correct", looks(premiums), TERMS).tolist() == [-1, 1, -1, -1]
    assert held_by("correct", looks(premiums), TERMS, 0.55).tolist() == [0, 0, 0, -1]
    assert held_by("long_only", looks(premiums), TERMS).tolist() == [-1, 0, -1, -1]
    assert held_by("no_clamp", looks(premiums), TERMS).tolist() == [1, 1, 1, -1]
    assert held_by("carry", looks(premiums), TERMS).tolist() == [-1] * 4
    assert STRATEGIES == ("correct", "no_clamp", "long_only", "carry")


def test_a_payment_belongs_to_the_look_at_or_after_it() -> None:
    hours = pl.DataFrame({"close_at": [HOUR, 2 * HOUR, 4 * HOUR]})
    fixings = pl.DataFrame({"slot": [HOUR, 2 * HOUR + 1, 3 * HOUR, 5 * HOUR], "funding_rate": [0.1, 0.2, 0.4, 0.8]})
    assert paid_between(hours, fixings).tolist() == pytest.approx([0.1, 0.0, 0.6])


def test_rates_are_averaged_and_go_stale() -> None:
    hours = pl.DataFrame({"close_at": [HOUR, 2 * HOUR, STALE_MS + 2 * HOUR]})
    one = pl.DataFrame({"since": [0, 2 * HOUR], "rate": [0.02, 0.04]})
    other = pl.DataFrame({"since": [HOUR, STALE_MS], "rate": [0.06, 0.08]})
    found = with_rate(hours, [one, other])
    assert found["close_at"].to_list() == [HOUR, 2 * HOUR, STALE_MS + 2 * HOUR]
    assert found["rate"].to_list() == pytest.approx([0.04, 0.05, 0.06])
    assert with_rate(hours, [one.head(1), other])["close_at"].to_list() == [HOUR, 2 * HOUR]
