"""Do the quanto claims follow their data, and does the funding leg come alive when it is imported?"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from perpscope.claims.quanto import BEHIND, FIRST
from tests.unit.claims.held import Held, funding, held, prices, tried

HOURS = (BEHIND - FIRST) // 3_600_000
MULTIPLE = 365 * 3


@cache
def _walks(correlation: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    """Hourly ETH and BTC with the drifts of figure 6 and a covariance of 66 points a year."""
    rng = np.random.default_rng(1)
    normal = rng.standard_normal((2, HOURS))
    normal -= normal.mean(axis=1, keepdims=True)
    eth = 1.1 * normal[0] / math.sqrt(8760) + 0.83 / 8760
    other = correlation * normal[0] + math.sqrt(1 - correlation**2) * normal[1]
    btc = 0.75 * other / math.sqrt(8760) + 0.5 / 8760
    return tuple(100 * np.cumprod(np.concatenate([[1.0], 1 + each])) for each in (eth, btc))  # type: ignore[return-value]  # two of them


def _spot(correlation: float = 0.8) -> list:  # type: ignore[type-arg]  # tables and frames
    eth, btc = _walks(correlation)
    start = FIRST - 3_600_000
    return [prices("binance", "ETH/USDT", start, eth), prices("binance", "BTC/USDT", start, btc)]


def _paying(yearly: float, correlation: float = 0.8) -> Held:
    rng = np.random.default_rng(2)
    count = (BEHIND - FIRST) // (8 * 3_600_000)
    rates = yearly / MULTIPLE + rng.normal(0, 2e-4, count)
    return held(*_spot(correlation), funding("bitmex", "ETH/USD:BTC", FIRST - 4 * 3_600_000, rates, native_id="ETHUSD"))


def test_the_identity_holds_without_any_data() -> None:
    found = tried("F10", held())
    assert found.verdict == "holds"
    assert found.found["largest_error"] == 0
    assert found.certificate is None


def test_without_funding_the_figure_says_so_and_the_verdict_is_not_whole() -> None:
    found = tried("F11", held(*_spot()))
    assert found.found["covariance"] == pytest.approx(0.66, abs=0.08)
    assert found.found["return_quanto"] - found.found["return_eth"] == pytest.approx(found.found["covariance"])
    assert found.verdict == "holds with changes"
    assert found.figures[0].marked is not None
    assert "funding" not in found.found
    assert "cannot be tried without the contract's funding" in found.why.en


def test_imported_funding_makes_the_claim_whole() -> None:
    found = tried("F11", _paying(0.63))
    assert found.verdict == "holds"
    assert found.found["funding"] == pytest.approx(0.63, abs=0.02)
    assert found.lead == found.claim.texts["lead_holds"]
    assert found.found["net"] == pytest.approx(found.found["covariance"] - found.found["funding"], abs=0.01)
    assert found.figures[0].marked is None
    assert tried("F27", _paying(0.66)).verdict == "holds"


def test_funding_that_the_covariance_does_not_explain_fails() -> None:
    found = tried("F11", _paying(0.11))
    assert found.verdict == "fails"
    assert found.found["net"] > 0.3
    other = tried("F27", _paying(0.11))
    assert other.verdict == "holds with changes"
    assert other.found["net"] > 0.3
    assert other.lead == other.claim.texts["lead_not_neutral"]


def test_a_market_without_correlation_has_no_extra() -> None:
    found = tried("F11", held(*_spot(0.0)))
    assert found.verdict == "fails"
    assert abs(found.found["covariance"]) < 0.1


@pytest.mark.parametrize("n", [17, 120, 2000])
def test_funding_of_fewer_than_nine_tenths_of_the_days_is_no_leg(n: int) -> None:
    few = held(*_spot(), funding("bitmex", "ETH/USD:BTC", FIRST - 4 * 3_600_000, [0.0001] * n, native_id="ETHUSD"))
    assert "funding" not in tried("F11", few).found
    assert "net" not in tried("F27", few).found


def test_funding_of_other_years_takes_nothing_away() -> None:
    later = held(*_spot(), funding("bitmex", "ETH/USD:BTC", BEHIND, [0.0001] * 120, native_id="ETHUSD"))
    assert tried("F11", later).verdict == tried("F11", held(*_spot())).verdict != "cannot be tested"


def test_without_prices_the_claim_names_them() -> None:
    found = tried("F11", held())
    assert found.verdict == "cannot be tested"
    assert "store holds no" in found.why.en
