"""Do real histories come through whole: every row an event, every hole a gap, every day's sum the same?"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from perpscope.bridges.bars import with_settlements
from perpscope.bridges.events import funding_events
from tests.unit.quality import real

CONTRACT = ("venue", "market_list", "native_id", "source")
HOUR = 3_600_000


@pytest.fixture(scope="module")
def series(shared: Path) -> list[pl.DataFrame]:
    """Settled rows of each real contract and source, the same slot once."""
    settled = real.fundings(shared).filter(pl.col("kind") == "settled").unique([*CONTRACT, "slot"], keep="first")
    return [own.sort("slot") for _, own in settled.group_by(CONTRACT, maintain_order=True)]


def window(own: pl.DataFrame) -> tuple[int, int]:
    stamps = own["slot"].dt.epoch("ms")
    return int(stamps[0]), int(stamps[-1])


def test_every_row_is_an_event_and_every_hole_a_gap(series: list[pl.DataFrame]) -> None:
    assert len(series) > 50
    holes = 0
    for own in series:
        found = funding_events(own, *window(own), allow_gaps=True)
        assert [event.at for event in found.events] == own["slot"].dt.epoch("ms").to_list()[1:]
        step = (own["interval_hours"] * HOUR).round().cast(pl.Int64)
        passed = own["slot"].dt.epoch("ms").diff()
        uncovered = (passed > step) | ((passed < step) & (passed > step.shift(1)))
        assert len(found.gaps) == uncovered.sum()
        holes += len(found.gaps)
    assert holes > 0


def test_daily_sums_are_those_of_a_plain_grouping(series: list[pl.DataFrame]) -> None:
    checked = 0
    for own in series:
        if own["accrual"][0] != "stamp" or own["market"][0] != "linear":
            continue
        checked += 1
        days = own.group_by_dynamic("slot", every="1d", closed="right").agg(pl.col("funding_rate").sum(), pl.len())
        bars = days.select(pl.col("slot").alias("ts"))
        start, end = int(bars["ts"].dt.epoch("ms")[0]), window(own)[1]
        placed = with_settlements(bars, funding_events(own, start, end, allow_gaps=True), bar_hours=24)
        assert placed["settlements"].to_list() == days["len"].to_list()
        # sums of at most 24 doubles below 0.05 in two orders
        assert placed["funding_rate_sum"].to_list() == pytest.approx(days["funding_rate"].to_list(), abs=1e-15)
    assert checked > 50
