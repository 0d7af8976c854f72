"""Are averages sums over sums, over the time all share, and do distributions put each fixing in its own period?"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from perpscope.analysis.averages import average_apr, common_window, distribution, gap_readings, within
from perpscope.analysis.series import fixings
from perpscope.analysis.terms import Terms, with_terms
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.table import FUNDING
from perpscope.market.time import day_ms
from tests.unit.analysis.frames import at, contract

HOUR = 3_600_000


def test_an_average_weighs_hours_and_not_fixings() -> None:
    rows = fixings(contract([(8.0, 0.0008, 8.0), (9.0, 0.0, 1.0), (10.0, 0.0, 1.0)]))
    assert average_apr(rows) == pytest.approx(0.0008 / 10 * 8760, rel=1e-15)
    assert rows["apr"].mean() != pytest.approx(average_apr(rows), rel=0.1)


def test_no_rows_are_no_average() -> None:
    with pytest.raises(NotEnoughData, match="no fixing"):
        average_apr(fixings(contract([(8.0, 0.0, 8.0)])).clear())


def test_a_window_holds_its_first_stamp_and_not_its_end() -> None:
    rows = fixings(contract([(8.0 * k, 0.0, 8.0) for k in range(1, 6)]))
    assert within(rows, at(16), at(32))["slot"].to_list() == [at(16), at(24)]
    assert within(rows, None, None).height == 5


def test_the_common_window_begins_with_the_latest_first_stamp_and_ends_where_the_first_to_stop_would_have_fixed_again() -> None:
    one = fixings(contract([(8.0 * k, 0.0, 8.0) for k in range(1, 10)]))
    other = fixings(contract([(8.0 * k + 4, 0.0, 8.0) for k in range(2, 6)]))
    low, high = common_window({"one": one, "other": other})
    assert (low, high) == (at(20), at(44 + 8))
    assert common_window({"one": one, "other": other}, at(24), at(40)) == (at(24), at(40))


def test_histories_that_do_not_meet_have_no_window() -> None:
    one = fixings(contract([(8.0, 0.0, 8.0)]))
    other = fixings(contract([(80.0, 0.0, 8.0)]))
    with pytest.raises(NotEnoughData, match="do not meet"):
        common_window({"one": one, "other": other})
    with pytest.raises(NotEnoughData, match="no fixing of other"):
        common_window({"one": one, "other": other.clear()})


def test_gaps_are_to_each_and_to_the_mean_of_all() -> None:
    assert gap_readings(0.5, {"a": 0.25, "b": 0.125}) == {"a": 0.25, "b": 0.375, "mean_of_others": 0.3125}
    with pytest.raises(InputError, match="nothing to compare"):
        gap_readings(0.5, {})


def test_a_fixing_belongs_to_the_period_its_interval_began_in() -> None:
    year_end = 24.0 * 361  # `at` counts from 5 January 2026
    rates = [(year_end - 8, 0.0001, 8.0), (year_end, 0.0003, 8.0), (year_end + 8, 0.0005, 8.0)]
    found = distribution(with_terms(fixings(contract(rates)), [Terms("alpha", 8, interest=0.0001)]), "year")
    assert found["n"].to_list() == [2, 1]
    assert found["apr"].to_list() == pytest.approx([0.0002 * 1095, 0.0005 * 1095])
    assert found["interest_hits"].to_list() == [1, 0]


def test_a_distribution_tells_signs_percentiles_and_atoms() -> None:
    rates = [(8.0 * (k + 1), rate, 8.0) for k, rate in enumerate([-0.0001, 0.0, 0.0001, 0.0001, 0.003])]
    termed = with_terms(fixings(contract(rates)), [Terms("alpha", 8, interest=0.0001, cap=0.003, floor=-0.003)])
    found = distribution(termed).row(0, named=True)
    assert (found["negative_share"], found["zero_share"], found["interest_share"], found["cap_hits"]) == (0.2, 0.2, 0.4, 1)
    assert found["p50"] == pytest.approx(0.1095)
    assert found["period"] is None


def test_an_empty_history_has_an_empty_distribution() -> None:
    termed = with_terms(fixings(contract([(8.0, 0.0, 8.0)])), []).clear()
    assert distribution(termed).is_empty()
    assert distribution(termed, "month").is_empty()


def test_months_add_up_to_the_whole() -> None:
    rates = [(8.0 * (k + 1), 1e-5 * (k % 7 - 2), 8.0) for k in range(400)]
    termed = with_terms(fixings(contract(rates)), [])
    months = distribution(termed, "month")
    whole = float((months["apr"] * months["n"]).sum()) / float(months["n"].sum())
    assert whole == pytest.approx(average_apr(termed), rel=1e-12)


@pytest.mark.parametrize(("symbol", "apr", "share"), [("BTCUSDT", 0.153, 0.417), ("ETHUSDT", 0.186, 0.419)])
def test_a_published_table_is_found_again(shared: Path, symbol: str, apr: float, share: float) -> None:
    """He, Manela, Ross and von Wachter, table B.1: mean funding and settlements at the interest term, 2020-01-08 to 2024-03-11."""
    rows = pl.read_parquet(shared / "data" / "funding_binance_usdm_btc_eth.parquet").filter(pl.col("symbol") == symbol)
    stamps = pl.col("ts").cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    facts = {"venue": "alpha", "native_id": symbol, "symbol": "BTC/USDT:USDT", "market": "linear", "market_list": ""}
    facts |= {"kind": "settled", "accrual": "stamp", "source": "s"}
    table = FUNDING.conform(
        rows.select(stamps.alias("ts"), stamps.alias("slot"), "funding_rate", pl.col("interval_hours").cast(pl.Float64)).with_columns(
            pl.lit(value).alias(name) for name, value in facts.items()
        )
    )
    held = within(fixings(table), day_ms("2020-01-08"), day_ms("2024-03-12"))
    found = distribution(with_terms(held, [Terms("alpha", 8, interest=0.0001)])).row(0, named=True)
    assert found["apr"] == pytest.approx(apr, abs=0.001)
    assert found["interest_share"] == pytest.approx(share, abs=0.01)
