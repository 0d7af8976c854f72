"""Is the moment of a close the stated one, else counted, and are bars nobody traded in told apart?"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from perpscope.analysis.bars import closed_at, traded


def test_a_stated_close_comes_before_a_counted_one() -> None:
    begins, stated = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 0, 59, 59, 999_000, tzinfo=UTC)
    kind = pl.Datetime("ms", "UTC")
    bars = pl.DataFrame(
        {"ts": [begins, begins, begins], "close_ts": [stated, None, None], "bar_hours": [1.0, 1.0, 1 / 60]},
        schema_overrides={"ts": kind, "close_ts": kind},
    )
    start = int(begins.timestamp() * 1000)
    assert bars.select(closed_at())["close_at"].to_list() == [start + 3_599_999, start + 3_600_000, start + 60_000]


def test_bars_nobody_traded_in_are_left_out() -> None:
    opened = [10.0, 11.0, 12.0, 13.0, 12.5, 13.0, 12.4, 15.0]
    bars = pl.DataFrame(
        {
            "open_quote": opened,
            "high_quote": [price + 1.0 for price in opened[:5]] + [13.0, 13.0, 15.0],
            "low_quote": [price - 1.0 for price in opened[:5]] + [13.0, 12.0, 15.0],
            "close_quote": [price + 0.5 for price in opened[:5]] + [13.0, 12.6, 15.0],
        }
    )
    kept = traded(bars)["open_quote"].to_list()
    assert kept == [10.0, 13.0, 12.5, 12.4, 15.0]  # 11 and 12 lie on a line, 13 repeats the close before it; 15 is one new price
    alone = bars.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in ("open_quote", "high_quote", "low_quote"))
    assert traded(alone).height == bars.height
