"""Do the claims about insiders turn with the market they are given?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from perpscope.claims.insiders import CONTROLS, CROSS, PREMIA, Step
from perpscope.claims.shorts import EPOCH
from perpscope.market.table import FUNDING
from tests.unit.claims.held import Held, funding, held, prices, tried

if TYPE_CHECKING:
    import polars as pl

    from perpscope.market.table import Table

EIGHT = 8 * 3_600_000
INTEREST = 0.0001


def _clamped(premium: np.ndarray, interest: float) -> np.ndarray:
    return premium + np.clip(interest - premium, -0.0005, 0.0005)


def _cross(*, premium_moves: bool, seed: int = 1) -> list[tuple[Table, pl.DataFrame]]:
    """Coins at two venues; at one BNB has no interest term, and its premium makes up for it or does not."""
    rng = np.random.default_rng(seed)
    n = (CROSS[1] - CROSS[0]) // EIGHT
    frames = []
    for coin in ("BNB", *CONTROLS):
        shared = np.cumsum(rng.normal(0, 5e-6, n))
        shared += 3e-4 * np.sin(np.arange(n) / 40) - shared.mean() + 1e-4
        for venue in ("binanceusdm", "bybit"):
            interest = 0.0 if (coin, venue) == ("BNB", "binanceusdm") else INTEREST
            premium = shared + rng.normal(0, 1e-4, n) + (2e-4 if venue == "bybit" else 0.0)  # all coins trade dearer there
            rates = _clamped(premium, INTEREST) if premium_moves else _clamped(premium, interest)
            frames.append(funding(venue, f"{coin}/USDT:USDT", CROSS[0] - EIGHT, rates))
    return frames


def _premium(share: float, seed: int = 1) -> list[tuple[Table, pl.DataFrame]]:
    """Hourly perpetual and spot prices; late in each window the premium is pushed back by `share` of its average so far."""
    rng = np.random.default_rng(seed)
    n = 8 * 1500
    frames = []
    for coin in ("BTC", "ETH"):
        premium = np.zeros(n)
        for t in range(1, n):
            premium[t] = 0.9 * premium[t - 1] + 2e-4 * rng.normal()
            hour = t % 8
            if hour >= 5:
                premium[t] -= share * premium[t - hour : t].mean()
        spot = 100 * np.exp(np.cumsum(rng.normal(0, 1e-3, n)))
        # bar k closes at PREMIA[0] + (k + 1) h: bars of hours 0 to 7 of a window close at 1 to 8 h after its start
        frames += [
            prices("binance", f"{coin}/USDT", PREMIA[0], spot),
            prices("binanceusdm", f"{coin}/USDT:USDT", PREMIA[0], spot * (1 + premium), market="linear"),
        ]
        rates = _clamped(premium.reshape(-1, 8).mean(axis=1), INTEREST)
        frames.append(funding("binanceusdm", f"{coin}/USDT:USDT", PREMIA[0], rates))
    return frames


def test_a_rate_that_follows_the_rule_speaks_against() -> None:
    found = tried("F18", held(*_cross(premium_moves=False), *_premium(0.0)))
    assert found.found["passed"] == pytest.approx(found.found["plateau_share"], abs=0.15)
    assert found.found["tests_for"] == 0
    assert found.verdict == "fails"


def test_a_rate_that_is_aimed_at_speaks_for() -> None:
    found = tried("F18", held(*_cross(premium_moves=True), *_premium(0.3)))
    assert found.found["passed"] == pytest.approx(0, abs=0.1)
    assert found.found["tests_for"] == 2
    assert found.found["variance_ratio_BTC"] < 1
    assert found.verdict in ("holds with changes", "cannot be tested")  # T3 sees no target of the rate in this market
    assert found.lead == found.claim.texts["lead_changes" if found.verdict == "holds with changes" else "lead_open"]


def test_one_test_alone_decides_nothing() -> None:
    found = tried("F18", held(*_cross(premium_moves=False)))
    assert found.verdict == "cannot be tested"
    assert found.found["tests_against"] == 1
    assert "absent" in found.why.en


@pytest.mark.parametrize(
    ("passed", "error", "sign"), [(0.0, 0.1, "for"), (0.5, 0.1, "against"), (0.2, 0.4, "open"), (0.25, 0.05, "open"), (1.0, 0.1, "against")]
)
def test_a_step_speaks_only_where_it_tells_the_two_apart(passed: float, error: float, sign: str) -> None:
    assert Step(passed, error, 300, 0.5, 0, 1).sign == sign


def test_without_any_of_the_data_the_tests_are_named_as_missing() -> None:
    found = tried("F18", held())
    assert found.verdict == "cannot be tested"
    assert "store holds no" in found.why.en


def test_the_interest_term_is_paid_by_longs_under_the_rules_alone() -> None:
    found = tried("A17", held())
    assert found.verdict == "holds with changes"
    assert found.found["rate_at_no_premium"] == pytest.approx(0.0001)
    assert found.found["maker_collects"] == pytest.approx(0.0001)
    assert found.found["sum"] == 0
    assert 0 < found.found["rules_paying"] < found.found["rules"]
    assert "share_at_interest" not in found.found


def test_the_part_of_the_interest_term_is_counted_where_rates_are_at_hand() -> None:
    n = (EPOCH[1] - EPOCH[0]) // EIGHT
    rates = np.where(np.arange(n) % 4 == 0, 0.0004, 0.0001)
    shelf: Held = held(funding("binanceusdm", "BTC/USDT:USDT", EPOCH[0] - EIGHT, rates))
    found = tried("A17", shelf)
    assert shelf.given[FUNDING.name].height == n
    assert found.found["share_at_interest"] == pytest.approx(0.75, abs=1e-3)
    assert found.found["part_of_all"] == pytest.approx(3 / 7, abs=1e-3)
