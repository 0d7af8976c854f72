"""Of several copies of one fact, is the stated one current?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.market.table import FUNDING, PRICES
from perpscope.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.unit.store.conftest import Named, Rows


def current(store: Store) -> list[str]:
    names = dict(store.sources().select("id", "name").iter_rows())
    return [names[each] for each in store.read(FUNDING)["source"]]


def test_the_first_import_wins_where_nothing_else_decides(store: Store, funding: Rows, source: Named) -> None:
    for name in ("late", "early"):
        store.write(FUNDING, funding([0, 8], source(name)), source(name))
    assert current(store) == ["late", "late"]


@pytest.mark.parametrize("order", [("poor", "rich"), ("rich", "poor")])
def test_a_premium_wins_and_then_the_fuller_row(store: Store, funding: Rows, source: Named, order: Sequence[str]) -> None:
    rich = {"premium_frac": pl.Series([0.1, None]), "mark_price_quote": 5.0}
    poor = {"funding_rate_8h": pl.Series([0.1, 0.2]), "mark_price_quote": 5.0, "index_price_quote": pl.Series([6.0, 7.0])}
    for name in order:
        store.write(FUNDING, funding([0, 8], source(name), **(rich if name == "rich" else poor)), source(name))
    assert current(store) == ["rich", "poor"]


def test_stated_precedence_goes_before_all_that(store: Store, funding: Rows, source: Named) -> None:
    store.write(FUNDING, funding([0], source("full"), premium_frac=0.1), source("full"))
    store.write(
        FUNDING,
        funding(
            [0],
            source("better"),
        ),
        source("better", precedence=1),
    )
    assert current(store) == ["better"]
    store.write(FUNDING, funding([0], source("full"), premium_frac=0.1), source("full", precedence=2))
    assert current(store) == ["full"], "the mapping's latest word on precedence holds"


def test_a_settled_rate_goes_before_every_prediction_of_it(store: Store, funding: Rows, source: Named) -> None:
    store.write(FUNDING, funding([0], source("guess"), kind="predicted", premium_frac=0.1), source("guess", precedence=9))
    store.write(FUNDING, funding([0], source("paid")), source("paid"))
    assert current(store) == ["paid"]


def test_float64_goes_before_float32(store: Store, prices: Rows, source: Named) -> None:
    told = {name: source(name, table="prices") for name in ("float32", "float64")}
    for name, each in told.items():
        store.write(PRICES, prices([0], each, precision=name), each)
    assert store.read(PRICES)["precision"].to_list() == ["float64"]


def test_a_source_may_state_its_precision_as_a_fact(store: Store, funding: Rows, source: Named) -> None:
    low = source("low", facts={"precision": "float32"})
    store.write(FUNDING, funding([0], low), low)
    store.write(FUNDING, funding([0], source("high")), source("high"))
    assert current(store) == ["high"]


def test_jitter_does_not_make_two_settlements_of_one(store: Store, funding: Rows, source: Named) -> None:
    late = [hour + 11 / 3_600_000 for hour in (0, 8)]
    store.write(FUNDING, funding([0, 8], source("round")), source("round"))
    store.write(FUNDING, funding(late, source("raw")), source("raw"))
    store.write(FUNDING, funding([-2 / 3600, 9], source("odd")), source("odd"))
    assert current(store) == ["round", "round", "odd"]
    assert store.read(FUNDING, current=False).height == 6


def test_two_bars_within_a_minute_stay_two(store: Store, prices: Rows, source: Named) -> None:
    told = source("s", table="prices")
    store.write(PRICES, prices([0, 1 / 3600], told, bar_hours=1 / 3600), told)
    assert store.read(PRICES).height == 2


@pytest.mark.needs_shared
def test_real_copies_are_counted_once(store: Store, shared: Path, source: Named) -> None:
    """data/README.md: 2192 Hyperliquid fixings are in two files; the one with a premium is current."""
    names = {
        "funding_cross_section_2025_2026.parquet": pl.col("venue") == "hyperliquid",
        "funding_hyperliquid_btc_eth_hourly_premium.parquet": pl.lit(value=True),
    }
    for name, wanted in names.items():
        told = source(name)
        raw = pl.read_parquet(shared / "data" / name).filter(wanted).rename({"premium": "premium_frac"}, strict=False)
        stated = {"market": "linear", "market_list": "", "kind": "settled", "accrual": "stamp", "source": told.id}
        frame = raw.with_columns(native_id=pl.col("symbol"), slot=pl.col("ts"), **{n: pl.lit(v) for n, v in stated.items()})
        store.write(FUNDING, FUNDING.conform(frame.select(n for n in FUNDING.names if n in frame.columns)), told)
    btc = store.read(FUNDING, native_id="BTC")
    every = store.read(FUNDING, native_id="BTC", current=False)
    assert every.height - btc.height == 2192
    assert btc["premium_frac"].is_not_null().sum() == 12_192
    assert store.disagreements(FUNDING).is_empty()
