"""Are the detectors silent where nothing is wrong, and do they find exactly what is known to be wrong in the real histories?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.market.table import FUNDING
from perpscope.simulation.generated import funding
from perpscope.simulation.scenarios.first_look import FIRST_LOOK
from perpscope.store.quality import Rules, check
from tests.unit.quality import lifelike, plant, real

KNOWN_FUNDING = {
    ("bybit", "INJUSDT", "gap"): 1,  # the row without an interval, which is no row
    ("deribit", "BTC-PERPETUAL", "gap"): 1,
    ("gate", "ETH_USDT", "gap"): 1,
    ("htx", "BTCUSDT", "gap"): 1,
    ("htx", "ETHUSDT", "gap"): 1,
    ("htx", "BTCUSDT", "off-slot"): 7,
    ("htx", "ETHUSDT", "off-slot"): 7,
    ("hyperliquid", "BTC", "gap"): 25,
    ("hyperliquid", "TON", "filler"): 1,  # zeros from 2026-06-15 11:00 on, when the other venues ended the contract
}
KNOWN_PRICES = {
    ("binance", "ETHUSDT", "gap"): 28,
    **{("coinbase", f"{coin}/USD", "gap"): 1 for coin in ("ATOM", "BAND", "CELO", "COMP", "DAI", "KNC", "MKR", "NMR", "XRP")},
}
"""What the README of the shared data says is wrong, and nothing else."""
NO_RULES: Rules = {}


def counts(problems: pl.DataFrame) -> dict[tuple[str, str, str], int]:
    return {(v, i, k): n for v, i, k, n in problems.group_by("venue", "native_id", "kind").len().iter_rows()}


@pytest.mark.parametrize("rules", [NO_RULES, real.RULES], ids=["without facts", "with facts"])
def test_real_fundings_have_the_known_faults_and_no_others(shared: Path, rules: Rules) -> None:
    assert counts(check(real.fundings(shared), rules)) == KNOWN_FUNDING


def test_real_prices_have_the_known_faults_and_no_others(shared: Path) -> None:
    assert counts(check(real.prices(shared))) == KNOWN_PRICES


def test_every_series_alone_is_as_silent_as_in_company(shared: Path) -> None:
    found: dict[tuple[str, str, str], int] = {}
    for who in real.series_names(real.fundings(shared)):
        for key, n in counts(check(plant.one(real.fundings(shared), who))).items():
            found[key] = found.get(key, 0) + n
    assert found == KNOWN_FUNDING


@pytest.mark.parametrize("seed", range(12))
def test_any_part_of_any_series_in_any_company_is_silent(shared: Path, seed: int) -> None:
    """A history can be cut off anywhere: also in the middle of a long rest, which is then its end."""
    rng = np.random.default_rng(seed)
    everything = real.fundings(shared)
    names = real.series_names(everything)
    parts = []
    for i in rng.choice(len(names), rng.integers(1, 12), replace=False):
        rows = plant.one(everything, names[i])
        n = int(rng.integers(1, len(rows) + 1))
        first = int(rng.integers(0, len(rows) - n + 1))
        parts.append(rows[first : first + n])
    for rules in (NO_RULES, real.RULES):
        found = set(counts(check(pl.concat(parts), rules)))
        assert found <= set(KNOWN_FUNDING)


@pytest.mark.parametrize("decimals", [5, 6, 7])
def test_fewer_decimals_are_no_fault(shared: Path, decimals: int) -> None:
    rows = real.fundings(shared).with_columns(pl.col("funding_rate").round(decimals))
    assert set(counts(check(rows))) <= set(KNOWN_FUNDING)


def test_float32_is_no_fault(shared: Path) -> None:
    rows = real.fundings(shared).with_columns(pl.col("funding_rate").cast(pl.Float32).cast(pl.Float64))
    assert counts(check(rows, real.RULES)) == KNOWN_FUNDING


def test_the_order_of_rows_says_nothing(shared: Path) -> None:
    rows = real.fundings(shared).filter(pl.col("venue").is_in(["htx", "gate", "bitmex"]))
    assert check(rows.sample(fraction=1.0, shuffle=True, seed=1)).equals(check(rows))


@pytest.mark.parametrize("hours", [8.0, 4.0, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_lifelike_histories_are_silent(seed: int, hours: float) -> None:
    assert check(lifelike.rows(seed, 2000, hours)).is_empty()


@pytest.mark.parametrize("as_real", [False, True])
def test_generated_histories_are_silent(as_real: bool) -> None:  # noqa: FBT001 - a parameter of the test
    rows = FUNDING.conform(funding(FIRST_LOOK).with_columns(source=pl.lit("generated")))
    if as_real:
        rows = rows.with_columns(pl.col("venue").str.strip_prefix("sim:"))
    assert check(rows).is_empty()
