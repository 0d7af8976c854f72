"""Is the split of a quanto's return exact, and are its conventions what they say?"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.analysis.pricing.convexity import bias_by_covariance, ho_lee_bias, quanto_drift, simulated_bias
from perpscope.analysis.quanto.decomposition import by_year, decompose, paired, periods, quanto_return, with_funding
from perpscope.analysis.quanto.readings import foreseen, sensitivity
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.contract import Contract
from perpscope.market.time import to_ms

HOUR = 3_600_000
START = to_ms("2020-12-01T00:00:00Z")


def market(hours: int = 24 * 200, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal((2, hours))
    eth = 100 * np.exp(np.cumsum(0.01 * normal[0]))
    btc = 1000 * np.exp(np.cumsum(0.006 * normal[0] + 0.004 * normal[1]))
    at = [START + k * HOUR for k in range(hours)]
    return pl.DataFrame({"at": at, "base": eth, "margin": btc})


moves = st.fractions(min_value=Fraction(-9, 10), max_value=2)


@given(moves, moves)
def test_the_formula_is_the_payoff_of_the_contract(base: Fraction, margin: Fraction) -> None:
    contract = Contract("quanto", "BTC", Fraction(1, 1_000_000))
    coins = Fraction(contract.profit(Fraction(7), Fraction(300), 300 * (1 + base)))
    worth = Fraction(contract.value(Fraction(7), Fraction(300)))
    assert coins * (1 + margin) / worth == quanto_return(base, margin)


@pytest.mark.parametrize("hours", [24, 8, 1])
def test_the_parts_add_up(hours: int) -> None:
    found = periods(market(), hours=hours)
    parts = decompose(found, hours)
    assert parts.quanto - parts.base == pytest.approx(parts.product, abs=1e-12)
    year = 8760 / hours
    means = float(found["base"].to_numpy().mean() * found["margin"].to_numpy().mean())
    assert parts.product / year == pytest.approx((parts.covariance / year) * (parts.n - 1) / parts.n + means, abs=1e-15)
    assert parts.base_compounded == pytest.approx(math.expm1(np.log1p(found["base"].to_numpy()).mean() * year))


def test_snapshots_lie_at_the_hour_asked_for_and_a_hole_makes_no_period() -> None:
    whole = market()
    found = periods(whole, hours=8, snapshot=13)
    assert set(((found["at"] // HOUR) % 24).to_list()) == {5, 13, 21}
    holed = whole.filter(pl.col("at") != START + (24 * 5 + 5) * HOUR)
    assert periods(holed, hours=8, snapshot=13).height == found.height - 2
    assert periods(whole, start=START + 1, end=START + 96 * HOUR)["at"].to_list() == [START + k * HOUR for k in (48, 72, 96)]


def test_the_years_add_up_to_the_whole() -> None:
    found = periods(market())
    years = by_year(found)
    assert [year for year, *_ in years] == [2020, 2021]
    assert sum(share for *_, share in years) == pytest.approx(decompose(found).product)
    assert years[0][1] == 31  # the day that ends at midnight of 1 January is December's


def test_every_hour_convention_and_end_is_told_once_and_as_the_decomposition_has_it() -> None:
    ends = [START + 1200 * HOUR, START + 1400 * HOUR]
    found = sensitivity(market(24 * 60), start=START, ends=ends)
    assert len(found) == (24 + 24 + 1) * 2
    assert len({each[:3] for each in found}) == len(found)
    for each in found[::17]:
        whole = decompose(periods(market(24 * 60), hours=each.hours, snapshot=each.snapshot, start=START, end=each.end), each.hours)
        assert (each.base, each.quanto, each.product) == pytest.approx((whole.base, whole.quanto, whole.product), abs=1e-9)


def test_funding_belongs_to_the_day_it_is_paid_in_and_incomplete_days_are_left_out() -> None:
    found = periods(market(24 * 40))
    slots = [START + (24 * day + hour) * HOUR for day in range(39) for hour in (4, 12, 20)]
    rows = pl.DataFrame({"slot": slots, "funding_rate": [1e-4] * len(slots), "interval_hours": [8.0] * len(slots)})
    both = with_funding(found, rows)
    assert both.height == found.height
    assert decompose(both).funding == pytest.approx(0.1095)
    assert decompose(both).net == pytest.approx(decompose(found).product - 0.1095)
    assert with_funding(found, rows[:-1]).height == found.height - 1


def test_a_persistent_covariance_is_foreseen_and_a_mixed_one_is_not() -> None:
    rng = np.random.default_rng(3)
    level = np.repeat(np.exp(np.sin(np.arange(40) / 5)), 30) * 1e-3
    rows = pl.DataFrame({"product": level * (1 + 0.1 * rng.standard_normal(len(level)))})
    assert foreseen(rows).correlation > 0.9
    assert abs(foreseen(pl.DataFrame({"product": rng.standard_normal(3000)})).correlation) < 0.3


def test_closes_meet_where_both_are() -> None:
    one, two = (pl.DataFrame({"close_at": at, "close_quote": [1.0] * 3}) for at in ([1, 2, 3], [2, 3, 4]))
    assert paired(one, two)["at"].to_list() == [2, 3]


def test_too_few_periods_and_odd_hours_are_refused() -> None:
    with pytest.raises(NotEnoughData):
        decompose(periods(market(24 * 10)))
    with pytest.raises(InputError):
        periods(market(), hours=7)


@pytest.mark.parametrize(("sigma", "first", "second"), [(0.008, 1.0, 1.25), (0.012, 8.0, 8.25), (0.01, 5.0, 6.0)])
def test_half_sigma_squared_is_a_sum_of_covariances(sigma: float, first: float, second: float) -> None:
    assert bias_by_covariance(sigma, first, second, 7) == pytest.approx(ho_lee_bias(sigma, first, second), rel=1e-12)
    value, error = simulated_bias(sigma, first, second, paths=40_000, steps=60, seed=1)
    assert abs(value - ho_lee_bias(sigma, first, second)) < 4 * error


def test_the_quanto_extra_is_the_mean_product_of_lognormal_returns() -> None:
    rng = np.random.default_rng(5)
    normal = rng.standard_normal((2, 400_000))
    eth = np.expm1(0.05 * normal[0] - 0.05**2 / 2)
    btc = np.expm1(0.04 * (0.6 * normal[0] + 0.8 * normal[1]) - 0.04**2 / 2)
    error = (eth * btc).std() / math.sqrt(400_000)
    assert abs((eth * btc).mean() - quanto_drift(0.6, 0.05, 0.04, 1.0)) < 4 * error


def test_a_deposit_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InputError):
        ho_lee_bias(0.01, 2, 1)
