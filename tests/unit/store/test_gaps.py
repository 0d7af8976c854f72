"""Are missing stamps counted where they are missing, and nowhere else?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.market.table import CONTEXTS, FUNDING, PRICES
from perpscope.store.gaps import coverage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.unit.store.conftest import Rows

HOUR = 3_600_000
START = 1_600_000_000_000 // (24 * HOUR) * (24 * HOUR)


@pytest.mark.parametrize(
    ("hours", "missing"),
    [
        ([0, 8, 16, 24], 0),
        ([0, 8, 24, 32], 1),
        ([0, 8, 8 + 8 * 31, 8 * 33], 30),
        ([0, 8.01, 15.99, 24], 0),
        ([0, 9, 16, 24], 0),  # settled an hour late
        ([0, 11, 16, 24], 0),  # settled three hours late
        ([0], 0),
    ],
)
def test_stamps_missing_between_neighbours(funding: Rows, hours: Sequence[float], missing: int) -> None:
    covered = coverage(FUNDING, funding(hours))
    assert (covered.expected, covered.present, covered.missing) == (len(hours) + missing, len(hours), missing)
    assert sum(gap.missing for gap in covered.gaps) == missing


def test_a_gap_is_named_by_its_neighbours(funding: Rows) -> None:
    (gap,) = coverage(FUNDING, funding([0, 8, 32]).reverse()).gaps
    assert (gap.after, gap.before, gap.missing) == (START + 8 * HOUR, START + 32 * HOUR, 2)
    assert gap.to_dict() == {
        "venue": "v",
        "market_list": "",
        "native_id": "BTC",
        "symbol": "BTC/USDT:USDT",
        "from": "2020-09-13T08:00:00Z",
        "to": "2020-09-14T08:00:00Z",
        "missing": 2,
    }


def test_a_change_of_interval_is_no_gap(funding: Rows) -> None:
    parts = [funding(range(0, 24, 8)), funding(range(20, 40, 4), interval_hours=4.0), funding(range(37, 46), interval_hours=1.0)]
    back = funding([48, 56], interval_hours=8.0)  # three hours after the last hour: the first 8-hour interval is short
    assert coverage(FUNDING, pl.concat([*parts, back])).missing == 0


def test_series_do_not_fill_each_other_s_gaps(funding: Rows) -> None:
    both = pl.concat([funding([0, 16]), funding([0, 8, 16], native_id="ETH"), funding([0, 8, 16], market_list="xyz")])
    assert coverage(FUNDING, both).missing == 1


def test_sources_do(funding: Rows) -> None:
    assert coverage(FUNDING, pl.concat([funding([0, 16]), funding([8], "t")])).missing == 0


def test_predictions_are_no_settlements(funding: Rows) -> None:
    both = pl.concat([funding([0, 16]), funding([8], kind="predicted")])
    assert coverage(FUNDING, both).missing == 1


def test_bars_have_a_grid_and_moments_have_none(prices: Rows) -> None:
    assert coverage(PRICES, pl.concat([prices([0, 1, 4]), prices([2, 3], market="spot")])).missing == 2
    assert coverage(CONTEXTS, CONTEXTS.empty()).missing is None


def test_real_gaps_are_the_ones_its_keepers_counted(shared: Path) -> None:
    """data/README.md: HTX one gap of two settlements per symbol, Gate ETH 93 settlements; Hyperliquid 12,192 of 17,472 hours."""
    told = {"venue": "venue", "symbol": "native_id"}

    def load(name: str) -> pl.DataFrame:
        raw = (
            pl.read_parquet(shared / "data" / name)
            .rename(told, strict=False)
            .select("venue", "native_id", "ts", "funding_rate", "interval_hours")
        )
        texts = {"symbol": "X/Y:Y", "market": "linear", "market_list": "", "kind": "settled", "accrual": "stamp", "source": "s"}
        return FUNDING.conform(raw.with_columns(slot=pl.col("ts"), **{n: pl.lit(t) for n, t in texts.items()}))

    others = coverage(FUNDING, load("funding_other_venues_btc_eth.parquet"))
    assert sorted((gap.venue, gap.missing) for gap in others.gaps) == [("gate", 93), ("htx", 2), ("htx", 2)]
    hours = coverage(FUNDING, load("funding_hyperliquid_btc_eth_hourly_premium.parquet"))
    assert (hours.expected, hours.present, len(hours.gaps)) == (17_472, 12_192, 25)
    assert coverage(FUNDING, load("funding_bitmex_xbtusd.parquet")).missing == 0
