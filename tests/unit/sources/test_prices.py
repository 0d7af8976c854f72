"""Does every bar stand at its own time, with prices and volumes in the units they are in?"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from perpscope.market.table import DATED_FUTURES, PRICES, VELOCITY_EVENTS
from perpscope.sources import Refused, read_file
from tests.unit.sources.samples import HOUR, START, bars, entry, only, parquet, read, reasons, stamps, text

SPOT = {"venue": "binance", "market": "spot", "symbol": "BTCUSDT", "price": "trade"}


def spans(path: Path, **facts: Any) -> list[tuple[float, float | None]]:  # noqa: ANN401 - facts
    """Opens and closes in hours after the start."""
    frame = only(read(path, **{**SPOT, **facts})).frame.select(pl.col("ts", "close_ts").dt.timestamp("ms"))
    return [((ts - START) / HOUR, None if close is None else (close - START) / HOUR) for ts, close in frame.iter_rows()]


@pytest.mark.parametrize(
    ("stamp", "bar", "expected"),
    [
        ("open", "1h", [(0, 1), (1, 2)]),
        ("close", "1h", [(-1, 0), (0, 1)]),
        ("open", "8h", [(0, 8), (1, 9)]),
        ("hour bucket of one-minute bins stamped at their end (one minute late)", "1h", [(-1 / 60, 1 - 1 / 60), (1 - 1 / 60, 2 - 1 / 60)]),
    ],
)
def test_a_bar_stands_at_its_open(tmp_path: Path, stamp: str, bar: str, expected: list[tuple[float, float]]) -> None:
    assert spans(parquet(tmp_path, bars(2)), stamp=stamp, bar=bar) == [pytest.approx(pair) for pair in expected]


@pytest.mark.parametrize(
    ("close_at", "expected"),
    [
        ("24:00 UTC of date", (0, 24)),
        ("00:00 UTC of date", (-24, 0)),
        ("15:00 America/Chicago", (-3, 21)),
        ("16:00 +08:00", (-16, 8)),
        ("unstated (whoever)", (0, None)),
    ],
)
def test_a_dated_bar_closes_where_the_mapping_says(tmp_path: Path, close_at: str, expected: tuple[float, float | None]) -> None:
    frame = bars(1).drop("ts").with_columns(pl.lit(date(2024, 1, 1)).alias("date"))
    assert spans(parquet(tmp_path, frame), close_at=close_at, bar="1d") == [expected]


def test_clocks_are_changed_in_the_zone_of_the_close(tmp_path: Path) -> None:
    frame = pl.DataFrame({"date": [date(2024, 3, 8), date(2024, 3, 11)], "close": [1.0, 2.0]})
    part = only(read(parquet(tmp_path, frame), venue="cme", market="dated", symbol="BTC1!", close_at="15:00 America/Chicago"))
    assert part.table is DATED_FUTURES
    assert part.frame["close_ts"].to_list() == [datetime(2024, 3, 8, 21, tzinfo=UTC), datetime(2024, 3, 11, 20, tzinfo=UTC)]
    assert part.frame["ts"].to_list() == [datetime(2024, 3, 8, tzinfo=UTC), datetime(2024, 3, 11, tzinfo=UTC)]


def test_two_files_of_like_columns_are_refused_until_somebody_says_what_they_are(tmp_path: Path) -> None:
    path = parquet(tmp_path, bars(3, venue=["binance"] * 3, symbol=["BTCUSDT"] * 3))
    with pytest.raises(Refused) as caught:
        read(path)
    assert all(f"{fact} (" in caught.value.there for fact in ("market", "venue", "bar", "price", "stamp"))
    told = {"bar": "1h", "stamp": "open", "price": "trade"}
    kinds = [
        only(read(path, market=market, venue=venue, **told)).frame.row(0, named=True)
        for market, venue in (("spot", "binance"), ("linear", "binanceusdm"))
    ]
    assert [(row["venue"], row["market"], row["symbol"]) for row in kinds] == [
        ("binance", "spot", "BTC/USDT"),
        ("binanceusdm", "linear", "BTC/USDT:USDT"),
    ]


@pytest.mark.parametrize("before", [0, 1, 1000])
def test_opening_and_closing_times_tell_the_bar(tmp_path: Path, before: int) -> None:
    closes = (pl.col("open_time").dt.timestamp("ms") + HOUR - before).alias("close_time")
    frame = bars(2).rename({"ts": "open_time"}).with_columns(closes)
    assert spans(parquet(tmp_path, frame)) == [(0, 1), (1, 2)]
    with pytest.raises(Refused, match=r"4 h.* 1 h apart"):
        spans(parquet(tmp_path, frame), bar="4h")


def test_the_source_keeps_its_bits(tmp_path: Path) -> None:
    told = {**SPOT, "bar": "1h", "stamp": "open"}
    short = only(read(parquet(tmp_path, bars(1).with_columns(pl.col("close").cast(pl.Float32))), **told)).frame
    assert (short["precision"].item(), short["close_quote"].item()) == ("float32", 1.5)
    assert only(read(parquet(tmp_path, bars(1)), **told)).frame["precision"].item() == "float64"
    assert only(read(parquet(tmp_path, bars(1)), **told, precision="float32")).frame["precision"].item() == "float32"


@pytest.mark.parametrize(
    ("market", "price", "stated", "base", "quote"),
    [
        ("spot", "trade", None, 7.0, None),
        ("linear", "trade", None, 7.0, None),
        ("inverse", "trade", None, None, None),
        ("spot", "aggregate", None, None, None),
        ("inverse", "trade", "quote", None, 7.0),
        ("inverse", "trade", "base", 7.0, None),
        ("spot", "trade", "contracts", None, None),
    ],
)
def test_a_volume_is_kept_only_in_a_known_unit(
    tmp_path: Path, market: str, price: str, stated: str | None, base: float | None, quote: float | None
) -> None:
    facts: dict[str, Any] = {"venue": "bybit", "market": market, "symbol": "BTCUSD", "bar": "1h", "stamp": "open", "price": price}
    reading = read(parquet(tmp_path, bars(1, volume=[7.0])), **facts, **({"volume_unit": stated} if stated else {}))
    row = only(reading).frame.row(0, named=True)
    assert (row["volume_base"], row["volume_quote"]) == (base, quote)
    assert any("volume" in note for note in reading.notes) == (base is None and quote is None and stated is None)


def test_a_volume_named_after_an_asset_is_of_that_asset(tmp_path: Path) -> None:
    path = parquet(tmp_path, bars(1, volume_usd=[100.0], volume_btc=[2.0], minutes=[60]))
    told = {"venue": "bitmex", "bar": "1h", "stamp": "open", "price": "trade"}
    inverse = only(read(path, **told, market="inverse", symbol="XBTUSD")).frame.row(0, named=True)
    assert (inverse["volume_base"], inverse["volume_quote"], inverse["minutes"]) == (2.0, 100.0, 60)
    quanto = only(read(path, **told, market="quanto", symbol="ETHUSD")).frame.row(0, named=True)
    assert (quanto["volume_base"], quanto["volume_quote"]) == (None, 100.0)


def test_impossible_prices_are_rejected_and_an_absent_open_is_not(tmp_path: Path) -> None:
    frame = bars(5, open=[None, 1.0, 1.0, 1.0, 1.0], close=[1.5, -1.5, 0.0, float("nan"), 1.5], high=[2.0, 2.0, 2.0, 2.0, 0.1])
    part = only(read(parquet(tmp_path, frame), **SPOT, bar="1h", stamp="open"))
    assert reasons(part) == [
        (2, "close_quote is not above zero"),
        (3, "close_quote is not above zero"),
        (4, "close_quote is not a number"),
        (5, "high is below low"),
    ]
    assert part.frame["open_quote"].to_list() == [None]


def test_a_stated_scale_brings_cents_to_quote_units(tmp_path: Path) -> None:
    part = only(read(parquet(tmp_path, bars(1, close=[150])), **SPOT, bar="1h", stamp="open", price_scale=0.01))
    assert part.frame.select("close_quote", "high_quote").row(0) == (1.5, 0.02)


def test_a_wide_file_gives_a_row_per_contract_and_counts_once(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"venue": ["cme"] * 3, "date": [date(2024, 1, day) for day in (1, 2, 3)], "f1": [1.0, 2.0, None], "f2": [3.0, None, None]}
    )
    told = {"table": "dated_futures", "market": "dated", "close_at": "24:00 UTC of date", "columns": "f1 -> BTC1!, f2 -> BTC2!"}
    part = only(read(parquet(tmp_path, frame), **told))
    assert (part.table, part.wide) == (DATED_FUTURES, True)
    assert part.frame.select("row", "native_id", "close_quote").rows() == [(1, "BTC1!", 1.0), (1, "BTC2!", 3.0), (2, "BTC1!", 2.0)]
    assert reasons(part) == [(3, "close_quote is missing")]


def test_a_front_contract_goes_by_the_stated_symbol(tmp_path: Path) -> None:
    frame = pl.DataFrame({"venue": ["cme"], "symbol": ["BTC1 (somebody's BTC=F)"], "date": [date(2024, 1, 1)], "close": [5.0]})
    row = only(read(parquet(tmp_path, frame), table="dated_futures", market="dated", symbol="BTC1!", close_at="unstated")).frame.row(
        0, named=True
    )
    assert (row["native_id"], row["symbol"], row["close_ts"]) == ("BTC1!", "BTC/USD:USD", None)


def test_ids_that_are_not_the_venues_own_become_its_own(tmp_path: Path) -> None:
    frame = bars(3, venue=["okx"] * 3, symbol=["BTC/USDT", "BTCUSDT", "BTCUSD_PERP"], kind=["spot", "perpetual", "perpetual"])
    told = entry(
        ({"kind": "spot"}, {"market": "spot"}),
        ({"symbol": "BTCUSD_PERP"}, {"market": "inverse"}),
        ({}, {"market": "linear"}),
        bar="1h",
        stamp="open",
        price="trade",
        symbols="not the venue's own ids",
    )
    part = only(read_file(parquet(tmp_path, frame), told))
    assert part.table is PRICES
    assert part.frame["native_id"].to_list() == ["BTC-USDT", "BTC-USDT-SWAP", "BTC-USD-SWAP"]


def test_drifting_rates_need_their_unit(tmp_path: Path) -> None:
    columns = {"venue": ["synthetix_v3_base"] * 3, "symbol": ["BTC"] * 3, "ts": stamps(3, 1), "block": [5, 5, 4], "price": [1.0] * 3}
    frame = pl.DataFrame(
        {**columns, "size": [1.0, -2.0, 3.0], "skew": [1.0, -1.0, 2.0], "funding_rate": [0.1] * 3, "funding_velocity": [0.2] * 3}
    )
    path = parquet(tmp_path, frame)
    with pytest.raises(Refused, match="rate_unit"):
        read(path, market="linear")
    with pytest.raises(Refused, match="does not follow"):
        read(path, market="linear", rate_unit="percent/8h")
    part = only(read(path, market="linear", rate_unit="percent/day"))
    assert part.table is VELOCITY_EVENTS
    assert part.frame["sequence"].to_list() == [1, 2, 0]
    assert part.frame["funding_rate_1d"].to_list() == pytest.approx([0.001] * 3)


def test_a_file_of_rates_in_the_clothes_of_candles_is_what_the_mapping_says(tmp_path: Path) -> None:
    content = "date,open,high,low,close,volume\n2021-11-18 00:00:00.017+00:00,0.0001,0.0,0.0,0.0,0.0\n"
    told = {
        "table": "funding",
        "venue": "binanceusdm",
        "market": "linear",
        "symbol": "XRPUSDT",
        "interval_hours": 8,
        "columns": "open -> funding_rate",
    }
    row = only(read(text(tmp_path, content), **told)).frame.row(0, named=True)
    assert (row["funding_rate"], row["slot"], row["ts"].microsecond) == (0.0001, datetime(2021, 11, 18, tzinfo=UTC), 17_000)


@pytest.mark.parametrize(("market", "price", "kept"), [("spot", "trade", True), ("inverse", "trade", False), ("linear", "mark", False)])
def test_what_takers_bought_is_kept_where_volumes_count_units(tmp_path: Path, market: str, price: str, kept: bool) -> None:  # noqa: FBT001 - a case
    told = {"venue": "bybit", "market": market, "symbol": "BTCUSD", "bar": "1h", "stamp": "open", "price": price}
    frame = bars(1, volume=[7.0], taker_buy_volume=[3.0], taker_buy_quote_volume=[4.5])
    row = only(read(parquet(tmp_path, frame), **told)).frame.row(0, named=True)
    assert (row["taker_buy_base"], row["taker_buy_quote"]) == ((3.0, 4.5) if kept else (None, None))


def test_a_candle_of_binance_says_what_takers_bought(tmp_path: Path) -> None:
    bar = [1_704_067_200_000, "1", "2", "1", "1.5", "7", 1_704_070_799_999, "10.5", 3, "4", "6", "0"]
    answer = f"https://fapi.binance.com/fapi/v1/klines?symbol=BTCUSDT&interval=1h -> 1704070800.5: {json.dumps([bar])}\n"
    row = only(read(text(tmp_path, answer, "candles.txt"))).frame.row(0, named=True)
    assert (row["venue"], row["volume_base"], row["taker_buy_base"], row["taker_buy_quote"]) == ("binanceusdm", 7.0, 4.0, 6.0)


def test_candles_without_a_header_are_known_by_their_twelve_numbers(tmp_path: Path) -> None:
    opened = [1_704_067_200_000 + k * 3_600_000 for k in range(3)]
    lines_of = [f"{at},1,2,1,{1.5 + k},7,{at + 3_599_999},10.5,3,4,6,0" for k, at in enumerate(opened)]
    told = {"venue": "binance", "market": "spot", "symbol": "BTCUSDT", "price": "trade"}
    frame = only(read(text(tmp_path, "\n".join(lines_of) + "\n"), **told)).frame
    kept = frame.select("bar_hours", "close_quote", "volume_base", "volume_quote", "taker_buy_base", "taker_buy_quote").rows()
    assert kept == [(1.0, 1.5 + k, 7.0, 10.5, 4.0, 6.0) for k in range(3)]  # an hour, exactly: bars of one length are one series
    assert (frame["close_ts"] - frame["ts"]).dt.total_hours().to_list() == [1, 1, 1]


def test_a_part_above_its_whole_is_no_volume(tmp_path: Path) -> None:
    told = {"venue": "bybit", "market": "linear", "symbol": "BTCUSDT", "bar": "1h", "stamp": "open", "price": "trade"}
    part = only(read(parquet(tmp_path, bars(2, volume=[7.0, 7.0], taker_buy_volume=[3.0, 8.0])), **told))
    assert (part.frame.height, reasons(part)) == (1, [(2, "taker_buy_base is above the volume it is part of")])
