"""What do the risk models say of a history that is real?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.risk.assess import Asked, Position, funding_at_risk
from perpscope.analysis.risk.fitted import fit_premium
from perpscope.analysis.risk.flow import flow_windows
from perpscope.analysis.risk.law import law_in_force
from perpscope.analysis.ruled import Contract
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def rows(shared: Path) -> pl.DataFrame:
    raw = pl.read_parquet(shared / "data" / "funding_binance_usdm_btc_eth.parquet").filter(pl.col("symbol") == "BTCUSDT")
    return raw.select(pl.col("ts").dt.epoch("ms").alias("slot"), "funding_rate", pl.col("interval_hours").cast(pl.Float64)).sort("slot")


def test_the_bootstrap_keeps_the_mean_of_the_history_and_its_tail_lies_where_the_past_lay(rows: pl.DataFrame) -> None:
    law = law_in_force(Contract("binanceusdm", "", "BTCUSDT", "linear", 8.0), int(rows["slot"][-1]))
    asked = Asked(levels=(0.95,), models=("bootstrap",))
    found = funding_at_risk(rows, law, Position("long", 1e6, 30), asked)
    (answer,) = found.answers
    assert answer["mean"] == pytest.approx(found.realised["mean"], rel=0.05)
    rates = rows["funding_rate"].to_numpy()
    past = np.convolve(rates, np.ones(90), "valid") * 1e6
    tail = answer["levels"][0]
    assert tail["var_low"] < np.quantile(past, 0.95) < tail["var_high"]
    assert answer["worst"] <= 90 * 0.003 * 1e6
    assert answer["backtest"]["origins"] > 60


def test_most_hours_of_a_calm_market_hide_the_premium(rows: pl.DataFrame) -> None:
    law = law_in_force(Contract("binanceusdm", "", "BTCUSDT", "linear", 8.0), int(rows["slot"][-1]))
    year = rows.filter(pl.col("slot") > rows["slot"][-1] - 3 * 365 * 24 * MS_PER_HOUR)
    model = fit_premium(flow_windows(year, law), law, seed=1)
    at = (year["funding_rate"] - 0.0001).abs() < 5e-11
    assert model.hidden == pytest.approx(at.mean(), abs=0.01)
    assert 0.5 < model.persistence < 1
    assert model.alpha + model.beta <= 0.999 + 1e-9
