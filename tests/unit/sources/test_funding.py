"""Do columns of rates become fractions per their own interval, and is anything else named for what it is?"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.errors import SourceError
from perpscope.market.table import FUNDING
from perpscope.sources import Refused, read_file
from tests.unit.sources.samples import BYBIT, HOUR, START, entry, funding, only, parquet, read, reasons, stamps, text


def test_rows_are_those_of_the_table(tmp_path: Path) -> None:
    part = only(read(parquet(tmp_path, funding(3)), **BYBIT))
    assert part.table is FUNDING
    assert part.frame.columns == ["row", *(name for name in FUNDING.names if name != "source")]
    row = part.frame.row(0, named=True)
    said = {name: row[name] for name in ("row", "venue", "native_id", "symbol", "market", "market_list", "kind", "accrual")}
    assert said == {
        "row": 1,
        "venue": "bybit",
        "native_id": "BTCUSDT",
        "symbol": "BTC/USDT:USDT",
        "market": "linear",
        "market_list": "",
        "kind": "settled",
        "accrual": "stamp",
    }
    assert part.rejected.is_empty()


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("fraction", 1.0), ("percent", 0.01), ("bp", 1e-4), ("day", 8 / 24), ("percent/h", 0.08), ("percent per year", 0.01 * 8 / 8760)],
)
def test_rates_are_converted_from_the_stated_unit(tmp_path: Path, unit: str, factor: float) -> None:
    part = only(read(parquet(tmp_path, funding(2, funding_rate=[0.5, -0.25])), **BYBIT, rate_unit=unit))
    assert part.frame["funding_rate"].to_list() == pytest.approx([0.5 * factor, -0.25 * factor], rel=1e-15)


def test_rates_of_a_stated_period_are_scaled_by_each_rows_own_interval(tmp_path: Path) -> None:
    part = only(read(parquet(tmp_path, funding(2, funding_rate=[0.024, 0.024], interval_hours=[8.0, 1.0])), **BYBIT, rate_unit="day"))
    assert part.frame["funding_rate"].to_list() == pytest.approx([0.008, 0.001], rel=1e-15)


@given(level=st.floats(0.00004, 0.0009), sign=st.sampled_from([-1, 1]), hours=st.sampled_from([1.0, 4.0, 8.0]))
@settings(max_examples=30)
def test_percent_is_not_taken_for_fractions_nor_fractions_for_percent(
    tmp_path_factory: pytest.TempPathFactory, level: float, sign: int, hours: float
) -> None:
    folder = tmp_path_factory.mktemp("rates")
    rates = [sign * level * hours / 8] * 40
    good = funding(40, funding_rate=rates, interval_hours=[hours] * 40)
    assert only(read(parquet(folder, good), **BYBIT)).rejected.is_empty()
    wrong = parquet(folder, good.with_columns(pl.col("funding_rate") * 100))
    with pytest.raises(Refused, match="percent or basis points") as caught:
        read(wrong, **BYBIT)
    assert "rate_unit" in caught.value.do
    assert caught.value.rows == 40
    assert only(read(wrong, **BYBIT, rate_unit="fraction")).frame.height == 40


@pytest.mark.needs_shared
def test_every_real_history_passes_as_fractions_and_none_as_percent(shared: Path) -> None:
    for path in sorted((shared / "data").glob("funding_*.parquet")):
        frame = pl.read_parquet(path)
        if "interval_hours" not in frame.columns:
            continue
        from perpscope.sources.rates import wrong_units

        known = frame.drop_nulls("interval_hours").with_columns(pl.col("symbol").alias("native_id"))
        assert wrong_units(known) == {}, path.name
        venues = set(known["venue"])
        assert set(wrong_units(known.with_columns(pl.col("funding_rate") * 100))) == venues, path.name


def test_few_rates_at_the_cap_are_not_called_percent(tmp_path: Path) -> None:
    assert only(read(parquet(tmp_path, funding(4, funding_rate=[0.00375] * 4)), **BYBIT)).frame.height == 4
    with pytest.raises(Refused, match="percent"):
        read(parquet(tmp_path, funding(4, funding_rate=[0.01] * 4)), **BYBIT)


def test_a_missing_interval_is_an_error_and_never_eight_hours(tmp_path: Path) -> None:
    path = parquet(tmp_path, funding().drop("interval_hours"))
    with pytest.raises(Refused, match="interval_hours") as caught:
        read(path, **BYBIT)
    assert caught.value.rows == 40
    assert set(only(read(path, **BYBIT, interval_hours=4)).frame["interval_hours"]) == {4.0}


def test_a_row_without_its_interval_is_rejected_alone(tmp_path: Path) -> None:
    part = only(read(parquet(tmp_path, funding(3, interval_hours=[8.0, None, 8.0])), **BYBIT))
    assert reasons(part) == [(2, "interval_hours is missing")]
    assert part.frame["row"].to_list() == [1, 3]


def test_intervals_are_read_off_the_stamps_across_changes_and_holes(tmp_path: Path) -> None:
    hours = [0, 8, 16, 24, 48, 56, 60, 64, 68, 69, 70, 71]  # 8 h with a hole of two, then 4 h, then 1 h
    frame = pl.DataFrame(
        {"ts": [START + h * HOUR for h in hours], "symbol": ["BTCUSDT"] * len(hours), "funding_rate": [0.0001] * len(hours)}
    )
    part = only(read(parquet(tmp_path, frame), **BYBIT, interval_hours="stamps"))
    assert part.frame["interval_hours"].to_list() == [8, 8, 8, 8, 8, 8, 4, 4, 4, 1, 1, 1]


def test_intervals_are_read_per_contract_in_any_order(tmp_path: Path) -> None:
    one, other = funding(6).drop("interval_hours"), funding(6, symbol=["ETHUSDT"] * 6, ts=stamps(6, 1)).drop("interval_hours")
    frame = pl.concat([one, other]).sample(fraction=1, shuffle=True, seed=3)
    part = only(read(parquet(tmp_path, frame), **BYBIT, interval_hours="stamps"))
    assert dict(part.frame.group_by("native_id").agg(pl.col("interval_hours").unique().first()).iter_rows()) == {
        "BTCUSDT": 8.0,
        "ETHUSDT": 1.0,
    }


def test_one_stamp_alone_tells_no_interval(tmp_path: Path) -> None:
    part = only(read(parquet(tmp_path, funding(1).drop("interval_hours")), **BYBIT, interval_hours="stamps"))
    assert reasons(part) == [(1, "interval_hours is missing")]


@pytest.mark.parametrize(
    ("late", "snapped"), [(0, True), (11, True), (-59_000, True), (60_000, True), (60_001, False), (2 * HOUR, True), (600_000, False)]
)
def test_jitter_is_taken_off_the_slot_and_kept_in_the_stamp(tmp_path: Path, late: int, snapped: bool) -> None:  # noqa: FBT001 - a column of the table
    raw = START + 8 * HOUR + late
    part = only(read(parquet(tmp_path, funding(1, ts=[raw])), **BYBIT))
    row = part.frame.select(pl.col("ts", "slot").dt.timestamp("ms")).row(0)
    assert row[0] == raw
    assert row[1] == (round(raw / HOUR) * HOUR if snapped else raw)


def test_what_is_no_number_is_rejected_with_its_row(tmp_path: Path) -> None:
    frame = funding(5, funding_rate=[0.0001, float("nan"), float("inf"), None, 2.0])
    part = only(read(parquet(tmp_path, frame), **BYBIT))
    assert reasons(part) == [
        (2, "funding_rate is not a number"),
        (3, "funding_rate is not a number"),
        (4, "funding_rate is missing"),
        (5, "funding_rate is above 1"),
    ]
    csv = text(
        tmp_path, "ts,symbol,funding_rate,interval_hours\n2024-01-01T08:00:00Z,BTCUSDT,0.0001,8\n2024-01-01T16:00:00Z,BTCUSDT,n/a,8\n"
    )
    assert reasons(only(read(csv, **BYBIT))) == [(2, "funding_rate n/a is not a number")]


def test_a_premium_needs_its_meaning(tmp_path: Path) -> None:
    path = parquet(tmp_path, funding(3, premium=[0.001, None, 0.002]))
    with pytest.raises(Refused, match="premium_is"):
        read(path, **BYBIT)
    assert only(read(path, **BYBIT, premium_is="mean of the hour")).frame["premium_frac"].to_list() == [0.001, None, 0.002]


def test_a_venue_of_several_rates_must_say_which_it_is(tmp_path: Path) -> None:
    path = parquet(tmp_path, funding(3, symbol=["BTC-PERPETUAL"] * 3, interval_hours=[1.0] * 3, interest_8h=[0.0002] * 3))
    with pytest.raises(Refused, match=r"accrual.*rate_is"):
        read(path, venue="deribit", market="inverse")
    part = only(read(path, venue="deribit", market="inverse", accrual="continuous", rate_is="realised over the hour before ts"))
    assert set(part.frame["accrual"]) == {"continuous"}
    assert part.frame["funding_rate_8h"].to_list() == [0.0002] * 3


def test_every_lacking_fact_is_named_at_once(tmp_path: Path) -> None:
    path = parquet(tmp_path, funding(3, venue=["binance"] * 3, premium=[0.1] * 3).drop("interval_hours"))
    with pytest.raises(Refused) as caught:
        read(path)
    assert all(fact in caught.value.there for fact in ("market", "venue", "interval_hours", "premium_is"))
    assert "binanceusdm" in caught.value.there
    assert "import.toml" in caught.value.do


def test_rule_books_may_say_what_a_mapping_leaves_out(tmp_path: Path) -> None:
    path = parquet(tmp_path, funding(3, venue=["hyperliquid"] * 3, symbol=["BTC"] * 3))
    with pytest.raises(Refused, match="market"):
        read_file(path)
    part = only(
        read_file(path, known=lambda venue, native_id: {"market": "linear"} if (venue, native_id) == ("hyperliquid", "BTC") else {})
    )
    assert set(part.frame["symbol"]) == {"BTC/USDC:USDC"}


def test_cases_of_a_mapping_speak_for_their_rows_only(tmp_path: Path) -> None:
    frame = funding(4, venue=["a", "a", "b", "c"], symbol=["X-USDT", "Y-USD", "X-USDT", "X-USDT"])
    told = entry(
        ({"venue": "a", "symbol": ["Y-USD"]}, {"venue": "okx", "market": "inverse"}),
        ({"venue": ["a", "b"]}, {"venue": "okx"}),
        ({}, {"venue": "gate"}),
        market="linear",
    )
    part = only(read_file(parquet(tmp_path, frame), told))
    assert part.frame.select("venue", "market").rows() == [("okx", "linear"), ("okx", "inverse"), ("okx", "linear"), ("gate", "linear")]
    assert part.frame["row"].to_list() == [1, 2, 3, 4]


def test_numbers_and_flags_of_a_case_are_compared_as_such(tmp_path: Path) -> None:
    frame = funding(3, interval_hours=[8.0, 4.0, None], old=[True, False, False])
    told = entry(({"interval_hours": ["8"]}, {"venue": "gate"}), ({"old": "false"}, {"venue": "okx"}), market="linear", symbol="BTC-USDT")
    assert only(read_file(parquet(tmp_path, frame), told)).frame["venue"].to_list() == ["gate", "okx"]


def test_a_case_about_a_column_the_file_has_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="when kind"):
        read_file(parquet(tmp_path, funding()), entry(({"kind": "x"}, {"market": "linear"}), venue="bybit"))


def test_an_empty_cell_for_the_contract_is_the_fault_of_its_row(tmp_path: Path) -> None:
    part = only(read(parquet(tmp_path, funding(2, symbol=["BTCUSDT", None])), **BYBIT))
    assert [row for row, _ in reasons(part)] == [2]
    assert "native_id is missing" in reasons(part)[0][1]


def test_an_unknown_venue_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="'mtgox2': it is unknown"):
        read(parquet(tmp_path, funding(3, venue=["mtgox2"] * 3)), market="linear")


def test_what_a_file_is_called_is_no_evidence(tmp_path: Path) -> None:
    frame = funding(3)
    named = [parquet(tmp_path, frame, name) for name in ("prices_spot_binance_1h.parquet", "funding.csv", "x")]
    parts = [only(read(path, **BYBIT)) for path in named]
    assert all(part.table is FUNDING and part.frame.equals(parts[0].frame) for part in parts)
