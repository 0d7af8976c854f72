"""Would other markets give other verdicts? Stories tried on markets that were made to be of one kind or of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from perpscope.claims.peg import EIGHT_FROM, FROM
from perpscope.claims.wording import in_bp, reasons
from perpscope.market.time import day_ms
from tests.unit.claims.held import Held, case_of, funding, held, prices, tried

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

BP = 1e-4
HOURS = 8000
DAYS = 1200


def _wandering(n: int, pulled: Callable[[float, int], float], seed: int, noise: float = 1.5) -> Vector:
    """A premium of which `pulled(premium, hour)` is taken back in each step."""
    rng = np.random.default_rng(seed)
    x = np.zeros(n)
    for k in range(1, n):
        x[k] = x[k - 1] - pulled(float(x[k - 1]), k) + noise * BP * rng.standard_normal()
    return x


def _banded(x: float, _: int) -> float:
    return 0.5 * (min(x + 4 * BP, 0.0) + max(x - 6 * BP, 0.0))


def _everywhere(x: float, _: int) -> float:
    return 0.3 * x


def _around_the_stamp(x: float, k: int) -> float:
    return _banded(x, k) + (0.3 * x if k % 8 in {7, 0} else 0.0)


def _market(hourly: Callable[[float, int], float], clamped: float, plain: float, seed: int = 3) -> Held:
    """Hourly premiums of two coins and eight-hour ones of three venues; `clamped` and `plain` are pulls over eight hours."""
    rng = np.random.default_rng(seed)
    spot = 30_000 * np.exp(np.cumsum(rng.standard_normal(HOURS) / 200))
    frames = []
    for place, coin in enumerate(("BTC", "ETH")):
        premium = _wandering(HOURS, hourly, seed + place)
        frames.append(prices("binance", f"{coin}/USDT", FROM, spot))
        frames.append(prices("binanceusdm", f"{coin}/USDT:USDT", FROM, spot * (1 + premium), market="linear"))
    wide = 30_000 * np.exp(np.cumsum(rng.standard_normal(DAYS) / 100))
    for place, (venue, where, share) in enumerate(
        (("binanceusdm", "binance", clamped), ("bybit", "bybit", clamped), ("okx", "okx", plain))
    ):
        premium = _wandering(DAYS, lambda x, _, share=share: share * x, seed + 10 + place, 1.0)  # type: ignore[misc]  # the share is bound here
        frames.append(prices(where, "BTC/USDT", EIGHT_FROM, wide, hours=8))
        frames.append(prices(venue, "BTC/USDT:USDT", EIGHT_FROM, wide * (1 + premium), hours=8, market="linear"))
    return held(*frames)


@pytest.mark.parametrize(
    ("hourly", "clamped", "plain", "verdict"),
    [
        (_banded, 0.1, 0.9, "holds with changes"),
        (_around_the_stamp, 0.1, 0.9, "holds"),
        (_everywhere, 0.3, 0.9, "fails"),
        (_banded, 0.9, 0.2, "fails"),
    ],
)
def test_funding_is_believed_to_pull_only_where_it_does(
    hourly: Callable[[float, int], float], clamped: float, plain: float, verdict: str
) -> None:
    found = tried("A16", _market(hourly, clamped, plain))
    assert found.verdict == verdict
    assert found.found["pull_8h_inside_okx"] == pytest.approx(plain, abs=0.12)
    if hourly is _banded:
        assert found.found["btc_low_edge"] == pytest.approx(-4 * BP, abs=1.01 * BP)
        assert found.found["btc_high_edge"] == pytest.approx(6 * BP, abs=1.01 * BP)
    if hourly is _around_the_stamp:
        assert found.intervals["btc_extra_before_the_stamp"][0] > 0


def test_a_peg_by_convention_would_be_believed() -> None:
    found = tried("F21", _market(_everywhere, 0.3, 0.9))
    assert found.verdict == "holds"
    assert found.found["pull_inside"] == pytest.approx(0.3, abs=0.05)
    assert "skew_events" not in found.found
    assert tried("F21", _market(_banded, 0.3, 0.9)).verdict == "holds with changes"


def _settled(x: Vector) -> Vector:
    """What the clamp rule makes of the windows' averages with rising weights."""
    weights = np.arange(1, 9) / 36
    windows = x[: len(x) // 8 * 8].reshape(-1, 8) @ weights
    return windows + np.clip(BP - windows, -5 * BP, 5 * BP)


def _months_of(*, quiet_rests: bool) -> Held:
    """Thirty months, half of them quiet: around the interest, or far from it."""
    rng = np.random.default_rng(8)
    n = 913 * 24
    months = (np.datetime64(FROM, "ms") + np.arange(n) * np.timedelta64(1, "h")).astype("datetime64[M]").astype(int)
    quiet = months % 2 == 0
    level = np.where(quiet, BP if quiet_rests else 8 * BP, BP)
    premium = level + np.where(quiet, 0.5, 5.0) * BP * rng.standard_normal(n)
    spot = 30_000.0 + 10 * np.cos(2 * np.arange(n))
    return held(
        prices("binance", "BTC/USDT", FROM, spot),
        prices("binanceusdm", "BTC/USDT:USDT", FROM, spot * (1 + premium), market="linear"),
        funding("binanceusdm", "BTC/USDT:USDT", FROM, np.round(_settled(premium), 8)),
    )


def test_quiet_months_decide_whether_arbitrage_makes_the_number() -> None:
    calm, far = tried("A06", _months_of(quiet_rests=True)), tried("A06", _months_of(quiet_rests=False))
    assert calm.found["rank_correlation_with_spread"] < 0 < far.found["rank_correlation_with_spread"]
    assert calm.found["settled_at_interest"] > far.found["settled_at_interest"] + 0.3
    assert calm.found["same_answer"] > 0.95
    assert (calm.verdict, far.verdict) == ("holds", "holds with changes")


def test_a_premium_that_is_not_small_fails() -> None:
    rng = np.random.default_rng(9)
    n = 200 * 24
    premium = 40 * BP * rng.standard_normal(n) + 50 * BP
    spot = 30_000.0 + 10 * np.cos(2 * np.arange(n))
    shelf = held(
        prices("binance", "BTC/USDT", day_ms("2021-01-01"), spot),
        prices("binanceusdm", "BTC/USDT:USDT", day_ms("2021-01-01"), spot * (1 + premium), market="linear"),
        funding("binanceusdm", "BTC/USDT:USDT", day_ms("2021-01-01"), np.round(_settled(premium), 8)),
    )
    assert tried("A06", shelf).verdict in {"fails", "cannot be tested"}


def test_cash_and_carry_is_paid_by_hand() -> None:
    spot = 10_000.0 + 10 * np.cos(2 * np.arange(48))
    premium = np.linspace(0.0, 0.001, 48)
    shelf = held(
        prices("binance", "BTC/USDT", FROM, spot),
        prices("binanceusdm", "BTC/USDT:USDT", FROM, spot * (1 + premium), market="linear"),
        funding("binanceusdm", "BTC/USDT:USDT", FROM, [0.0001, 0.0002, -0.0001, 0.0001, 0.0001, 0.0001]),
    )
    found = tried("A14", shelf)
    perp = spot * (1 + premium)
    paid = sum(rate * perp[8 * k + 7] for k, rate in enumerate([0.0, 0.0002, -0.0001, 0.0001, 0.0001, 0.0001]))
    assert found.found["funding"] == pytest.approx(paid)
    legs = (spot[47] - spot[7]) - (perp[47] - perp[7])
    assert found.found["price_legs"] == pytest.approx(legs)
    assert found.found["profit"] == pytest.approx(paid + legs)
    assert found.found["paid_at"] == pytest.approx(1 / 5)
    assert found.verdict in {"fails", "holds with changes"}


def test_a_paragraph_for_one_outcome_is_not_told_for_another() -> None:
    case = case_of("A14", held())
    told = dict.fromkeys(("profit", "funding", "price_legs", "at_interest"), 0.0) | {"n": 1}
    assert reasons(case, "fails", told) == [case.say("plain", **told)]
    assert reasons(case, "holds with changes", told) == [case.say("plain", **told)]  # the long sentence names numbers that are not there
    assert in_bp({"a": 0.0001}) == {"a_bp": 1.0}


def _crashing(*, funded: bool) -> Held:
    """A market that falls by a third at times, after very high rates (and with rates that foretell it), or before low ones."""
    rng = np.random.default_rng(5)
    n = 24 * 600
    returns = rng.standard_normal(n) / 400
    starts = range(24 * 40, n - 24 * 10, 24 * 50)
    rates = np.full(n // 8, 0.0001) + rng.standard_normal(n // 8) * 1e-5
    for start in starts:
        returns[start : start + 4] = -0.12
        returns[start + 30 : start + 34] = 0.12
        if funded:
            rates[start // 8 - 4 : start // 8] = 0.003
        else:
            rates[start // 8 + 2 : start // 8 + 6] = -0.00375
    price = 10_000 * np.exp(np.cumsum(returns))
    begin, late = day_ms("2017-08-01"), day_ms("2020-01-01")
    hourly = price[: 24 * 500]
    return held(
        funding("bitmex", "BTC/USD:BTC", begin, rates, native_id="XBTUSD"),
        prices("bitmex", "BTC/USD:BTC", begin, price, market="inverse"),
        funding("binanceusdm", "BTC/USDT:USDT", late, rates[: len(hourly) // 8]),
        prices("binance", "BTC/USDT", late, hourly),
    )


def test_who_goes_first_decides_about_cascades() -> None:
    late, early = tried("A09", _crashing(funded=False)), tried("A09", _crashing(funded=True))
    assert late.verdict == "holds with changes"
    assert late.found["high_rate_before"] < 0.5 < early.found["high_rate_before"]
    assert late.found["stamps_at_the_cap_after_the_low"] > 0
    assert early.found["crashes"] == late.found["crashes"] > 5
