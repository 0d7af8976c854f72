"""Does the fitted model find the premium behind flat rates, and does what it simulates look like what it was fitted to?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.risk.assess import Asked, Position, funding_at_risk
from perpscope.analysis.risk.fitted import fit_premium, premium_paths, refitted, simulated
from perpscope.analysis.risk.flow import flow_windows
from perpscope.analysis.risk.latent import drawn_premium, premium_bounds, rates_of, truncated
from perpscope.analysis.risk.law import Law, Stage
from perpscope.analysis.series import fixings
from perpscope.errors import InputError, NotEnoughData
from perpscope.mechanisms.decide import Formula, decide
from tests.unit.analysis.frames import contract

CLAMP = Formula(period=8, interest=0.0001, damper=0.0005)
LAW = Law((Stage(8.0, -0.003, 0.003),), CLAMP)


def world(n: int = 2000, seed: int = 1) -> tuple[np.ndarray, pl.DataFrame]:
    """Make an autoregressive premium and the rates a clamp makes of it."""
    rng = np.random.default_rng(seed)
    premium = np.empty(n)
    premium[0] = 0.0003
    for t in range(1, n):
        premium[t] = 0.0002 + 0.85 * (premium[t - 1] - 0.0002) + rng.normal() * 0.0003
    rates = np.clip(rates_of(premium, CLAMP, 8.0, 8.0), -0.003, 0.003)
    return premium, fixings(contract([(8.0 * (k + 1), float(rate), 8.0) for k, rate in enumerate(rates)]))


@pytest.mark.parametrize("hours", [8.0, 4.0, 1.0])
def test_the_map_is_the_formula(hours: float) -> None:
    premium = np.linspace(-0.01, 0.01, 501)
    by_rule = [float(decide(float(p), hours, float("nan"), *CLAMP.numbers()).rounded) for p in premium]
    assert rates_of(premium, CLAMP, hours, 8.0) == pytest.approx(
        by_rule, abs=1e-14
    )  # pieces are found between -100 and 100: levels carry 2e-15
    assert rates_of(premium, None, hours, 8.0) == pytest.approx(premium * hours / 8)


def test_bounds_hold_the_premium_and_meet_where_the_rate_tells_it() -> None:
    premium, rows = world()
    low, high = premium_bounds(rows["funding_rate"].to_numpy(), CLAMP, 8.0, (-0.003, 0.003))
    assert (low <= premium + 1e-12).all()
    assert (premium <= high + 1e-12).all()
    outside = (premium < -0.0004 - 1e-9) | (premium > 0.0006 + 1e-9)
    assert np.array_equal(low == high, outside)
    assert low[outside] == pytest.approx(premium[outside])
    assert premium_bounds(np.array([0.003, -0.003]), CLAMP, 8.0, (-0.003, 0.003))[1][0] == 1.0


def test_what_is_drawn_lies_inside_and_remembers_like_the_truth() -> None:
    premium, rows = world()
    low, high = premium_bounds(rows["funding_rate"].to_numpy(), CLAMP, 8.0, (-0.003, 0.003))
    drawn = drawn_premium(low, high, np.random.default_rng(1))
    assert ((drawn >= low) & (drawn <= high)).all()
    assert (low != high).mean() > 0.5
    assert np.corrcoef(drawn[1:], drawn[:-1])[0, 1] == pytest.approx(np.corrcoef(premium[1:], premium[:-1])[0, 1], abs=0.05)
    assert drawn.mean() == pytest.approx(premium.mean(), abs=3e-5)
    assert drawn.std() == pytest.approx(premium.std(), rel=0.1)


def test_a_truncated_normal_keeps_its_bounds_far_in_the_tail() -> None:
    rng = np.random.default_rng(1)
    zero = np.zeros(2000)
    inside = truncated(zero, 1.0, zero + 8, zero + 9, rng)
    assert ((inside >= 8) & (inside <= 9)).all()
    assert inside.mean() == pytest.approx(8.1213, abs=0.01)  # phi(8)/Q(8)
    assert truncated(zero, 1.0, zero + 60, zero + 70, rng).min() >= 60
    assert truncated(zero, 1.0, zero - 1, zero + 1, rng).std() == pytest.approx(0.5396, abs=0.03)


def test_paths_return_to_the_mean_and_the_spread_of_the_history() -> None:
    premium, rows = world(4000)
    flow = flow_windows(rows, LAW)
    model = fit_premium(flow, LAW, seed=1)
    assert model.lags == (1, 3, 21, 90)
    assert 0.7 < model.persistence < 0.95
    paths = premium_paths(model, 400, 500, np.random.default_rng(1))[-100:]
    assert paths.mean() == pytest.approx(premium.mean(), abs=5e-5)
    assert paths.std() == pytest.approx(premium.std(), rel=0.2)


def test_simulated_rates_have_the_atom_at_the_interest_term() -> None:
    _, rows = world()
    flow = flow_windows(rows, LAW)
    model = fit_premium(flow, LAW, seed=1)
    paths = rates_of(premium_paths(model, 300, 200, np.random.default_rng(1))[-100:], CLAMP, 8.0, 8.0)
    share = (np.abs(paths - 0.0001) < 5e-11).mean()
    assert share == pytest.approx((rows["funding_rate"] - 0.0001).abs().lt(5e-11).mean(), abs=0.08)


def test_the_forecast_starts_from_where_the_premium_stands() -> None:
    premium, rows = world()
    law = Law((Stage(8.0),), CLAMP)
    calm = fit_premium(flow_windows(rows, law), law, seed=1)
    high = rows.with_columns(pl.when(pl.col("slot") > rows["slot"][-4]).then(0.0025).otherwise("funding_rate").alias("funding_rate"))
    flow = flow_windows(high, law)
    after = simulated(fit_premium(flow, law, seed=1), flow, law, 3, paths=2000, seed=1).paid.mean()
    assert after > simulated(calm, flow, law, 3, paths=2000, seed=1).paid.mean() + 0.001
    assert premium.mean() < 0.0004


def test_a_refit_is_another_model_of_the_same_kind() -> None:
    _, rows = world()
    model = fit_premium(flow_windows(rows, LAW), LAW, seed=1)
    other = refitted(model, np.random.default_rng(1), 30)
    assert not np.array_equal(other.slopes, model.slopes)
    assert other.persistence < 1
    assert (other.alpha, other.beta) == (model.alpha, model.beta)
    assert other.shocks.std() == pytest.approx(1)


def test_long_and_short_are_mirrors_and_the_answer_is_in_money() -> None:
    _, rows = world(1500)
    asked = Asked(levels=(0.9,), models=("bootstrap",), backtest=False)
    long, short = (funding_at_risk(rows, LAW, Position(side, 1000.0, 20), asked).answers[0] for side in ("long", "short"))
    assert long["mean"] == pytest.approx(-short["mean"])
    assert long["best"] == pytest.approx(-short["worst"])
    double = funding_at_risk(rows, LAW, Position("long", 2000.0, 20), asked).answers[0]
    assert double["levels"][0]["var"] == pytest.approx(2 * long["levels"][0]["var"])
    assert double["levels"][0]["es"] >= double["levels"][0]["var"]
    zero, percent = long["probabilities"]
    assert zero["paying"] + zero["receiving"] == pytest.approx(1, abs=0.01)
    assert percent["more_than"] == 10.0


def test_both_models_answer_with_errors_and_a_record() -> None:
    _, rows = world(2600)
    found = funding_at_risk(rows, LAW, Position("long", 1e6, 20), Asked(levels=(0.9,)))
    assert [answer["model"] for answer in found.answers] == ["bootstrap", "fitted"]
    for answer in found.answers:
        tail = answer["levels"][0]
        assert 0 < tail["var_error"] < abs(tail["var"])
        assert tail["var_low"] <= tail["var_high"]
        assert answer["backtest"]["origins"] >= 10
        assert answer["backtest"]["levels"][0]["p_exact"] > 0.01
    assert found.answers[0]["mean"] == pytest.approx(found.realised["mean"], rel=0.1)


def test_too_short_a_history_says_what_to_do() -> None:
    _, rows = world(200)
    with pytest.raises(NotEnoughData, match="twice the horizon"):
        funding_at_risk(rows, LAW, Position("long", 1.0, 60), Asked(models=("bootstrap",)))
    with pytest.raises(NotEnoughData, match="three months"):
        funding_at_risk(rows, LAW, Position("long", 1.0, 10), Asked(models=("fitted",)))


@pytest.mark.parametrize("bad", [("both", 1.0, 1.0), ("long", -1.0, 1.0), ("long", 1.0, float("nan"))])
def test_what_is_no_position_is_refused(bad: tuple[str, float, float]) -> None:
    with pytest.raises(InputError):
        Position(*bad)  # type: ignore[arg-type]  # a side that is none is the point


def test_levels_below_one_half_are_no_tails() -> None:
    with pytest.raises(InputError):
        Asked(levels=(0.05,))
