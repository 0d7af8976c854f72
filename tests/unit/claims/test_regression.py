"""Does the verdict on figure 5 follow the data: both returns, one of them, none?"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.returns.daily import funding_beside_returns, regress_funding
from perpscope.claims.model import Text
from perpscope.claims.regression import BEHIND, FIRST, MUCH, Run, Variant, _stronger
from tests.unit.claims.held import Held, funding, held, prices, tried

DAY = 86_400_000
DAYS = (BEHIND - FIRST) // DAY


@cache
def moved(seed: int) -> np.ndarray:
    """Daily log returns, from forty days before the window."""
    return np.random.default_rng(seed).standard_normal(DAYS + 40) * 0.04


def world(*, same: float, prior: float, noise: float = 3e-4) -> Held:
    """Two coins whose funding follows their returns with these coefficients, a third of the day's at each stamp."""
    tables = []
    for seed, coin in ((1, "BTC"), (2, "ETH")):
        close = 100 * np.exp(np.cumsum(moved(seed)))
        start = FIRST - 40 * DAY
        today = close[40:] / close[39:-1] - 1
        month = close[39:-1] / close[9:-31] - 1
        rng = np.random.default_rng(seed + 10)
        each = (5e-4 + same * today + prior * month + noise * rng.standard_normal(today.size)) / 3
        tables += [
            prices("yahoo", f"{coin}/USD", start, close.tolist(), hours=24),
            funding("binanceusdm", f"{coin}/USDT:USDT", FIRST - DAY // 3, np.repeat(each, 3)),
        ]
    return held(*tables)


def test_both_returns_at_work_hold_and_their_coefficients_are_found() -> None:
    one = tried("F09", world(same=2e-3, prior=2e-3))
    assert one.verdict == "holds"
    for coin in ("btc", "eth"):
        assert one.found[f"{coin}_same"] == pytest.approx(2e-3, rel=0.2)
        assert one.found[f"{coin}_prior"] == pytest.approx(2e-3, rel=0.1)
        low, high = one.intervals[f"{coin}_prior"]
        assert low < 2e-3 < high
    assert one.n == 2 * DAYS


def test_the_month_alone_holds_with_changes() -> None:
    one = tried("F09", world(same=0.0, prior=2e-3))
    assert one.verdict == "holds with changes"
    assert "does not raise it beyond noise" in one.why.en


def test_a_day_as_strong_as_the_month_or_no_month_at_all_fails() -> None:
    assert tried("F09", world(same=1.1e-2, prior=2e-3)).verdict == "fails"
    assert tried("F09", world(same=2e-3, prior=0.0)).verdict == "fails"
    assert tried("F09", world(same=2e-3, prior=-2e-3)).verdict == "fails"


def test_a_stamp_at_midnight_can_be_counted_for_the_day_it_ends() -> None:
    """Where it belongs to the day it opens, moving it takes a third of the day's effect away (no month here, which would give it back)."""
    (grid,) = tried("F09", world(same=4e-3, prior=0.0)).grids
    same = {row[0].en: row[3] for row in grid.rows if isinstance(row[0], Text)}
    ratio = float(same["BTC: 00:00 stamp counted for the day it ends"]) / float(same["BTC: as written (Binance, UTC days, Yahoo)"])  # type: ignore[arg-type] # numbers
    assert ratio == pytest.approx(2 / 3, abs=0.1)


def test_a_lead_that_may_be_chance_is_none() -> None:
    rng = np.random.default_rng(6)
    table = pl.DataFrame({"period": range(14), "funding": rng.standard_normal(14), "same": rng.standard_normal(14)})
    table = table.with_columns((pl.col("funding") * 0.5 + pl.Series(rng.standard_normal(14))).alias("prior"))
    run = Run(Variant("base", "BTC", "venue", "BTC/USDT:USDT"), regress_funding(table), table)
    lead, error = run.lead()
    assert run.prior.partial_r2 >= MUCH * run.same.partial_r2
    assert 0 < lead < 1.96 * error
    assert not _stronger(run)


def test_what_is_not_at_hand_is_left_out_and_the_rest_is_tried() -> None:
    one = tried("F09", world(same=2e-3, prior=2e-3))
    (grid,) = one.grids
    assert len(grid.rows) == 2 * 4  # the base, the other boundary, logs, a month of memory
    assert len(one.figures[0].categories) == len(grid.rows)


def test_a_coin_without_funding_is_left_out_and_said_to_be() -> None:
    whole = world(same=2e-3, prior=2e-3).given
    one = tried("F09", Held(None, given={**whole, "funding": whole["funding"].filter(pl.col("symbol").str.starts_with("ETH"))}))
    assert one.verdict == "holds"
    assert "Only ETH is at hand" in one.why.en
    assert not [name for name in one.found if name.startswith(("btc", "pooled"))]
    assert tried("F09", Held(None, given={"prices": whole["prices"]})).verdict == "cannot be tested"


@pytest.mark.needs_shared
def test_the_base_is_what_a_plain_reading_gives(shared: object) -> None:
    """The sentence of figure 5 written out with pandas-free arithmetic and statsmodels, from the files themselves."""
    import statsmodels.api as sm

    rates = pl.read_parquet(f"{shared}/data/funding_binance_usdm_btc_eth.parquet").filter(pl.col("symbol") == "BTCUSDT")
    rates = rates.with_columns(pl.col("ts").dt.date().alias("day")).filter(pl.col("ts").dt.epoch("ms") < BEHIND)
    summed = rates.group_by("day").agg(pl.col("funding_rate").sum(), pl.len().alias("k")).filter(pl.col("k") == 3)
    closes = pl.read_parquet(f"{shared}/data/spot_daily_btc_eth.parquet").filter(
        (pl.col("venue").str.to_lowercase() == "yahoo") & pl.col("symbol").str.starts_with("BTC")
    )
    close = closes.sort("date").select(pl.col("date").cast(pl.Date).alias("day"), "close")
    told = close.with_columns(
        (pl.col("close") / pl.col("close").shift(1) - 1).alias("a"), (pl.col("close").shift(1) / pl.col("close").shift(31) - 1).alias("b")
    )
    joined = summed.join(told, on="day").sort("day")
    theirs = sm.OLS(joined["funding_rate"].to_numpy(), sm.add_constant(joined.select("a", "b").to_numpy())).fit()
    fixings = rates.select(pl.col("ts").dt.epoch("ms").alias("slot"), "funding_rate", pl.col("interval_hours").cast(pl.Float64))
    observed = close.select(
        (pl.col("day").cast(pl.Datetime("ms")).dt.epoch("ms") + DAY).alias("close_at"), pl.col("close").alias("close_quote")
    )
    ours = regress_funding(funding_beside_returns(fixings, observed))
    np.testing.assert_allclose(ours.coef, theirs.params, rtol=1e-9)
    assert ours.n == int(theirs.nobs)
