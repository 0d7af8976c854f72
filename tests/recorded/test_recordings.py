"""Are real recordings read whole: every line a row or a reason, and every number the one that was sent?"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from perpscope.sources import Part, Reading, read_file
from tests.unit.sources.samples import entry

pytestmark = pytest.mark.needs_shared

BOOKS = {
    "binance_usdm_btcusdt_20240808": ("binanceusdm", "linear", 6_551, 66_089, 21_313, 1),
    "binance_usdm_ethusdt_20240808": ("binanceusdm", "linear", 6_586, 53_992, 14_076, 1),
    "binance_cm_btcusd_perp_20240808": ("binancecoinm", "inverse", 26_847, 19_136, 2_286, 1),
    "binance_cm_btcusd_perp_20240809": ("binancecoinm", "inverse", 17_948, 29_219, 2_949, 0),
    "binance_spot_btcusdt_20240808": ("binance", "spot", 3_451, 28_040, 9_757, 1),
    "binance_spot_btcusdt_20240809": ("binance", "spot", 3_044, 45_134, 10_147, 0),
    "binance_spot_ethusdt_20240808": ("binance", "spot", 3_434, 24_077, 6_106, 1),
}
"""Changes, best quotes, trades and snapshots, as the recordings' README counts them."""

CAPTURES = {
    "BITMEX.ws.1.0": ("bitmex", r'"table":"(?:orderBookL2|quote)","action"'),
    "DYDX.ws.1.0": ("dydx3", r'^\d+\.\d+: \{"type":"(?:subscribed|channel_data)".*"channel":"v3_orderbook"'),
    "GATEIO_FUTURES.http.0.0": ("gate", r"/order_book\?"),
    "GATEIO_FUTURES.ws.1.0": ("gate", r'"channel":"futures\.(?:order_book_update|book_ticker)","event":"update"'),
    "BINANCE_FUTURES.http.0.0": ("binanceusdm", r'"lastUpdateId"'),
    "BINANCE_FUTURES.ws.1.0": ("binanceusdm", r'"e":"(?:depthUpdate|bookTicker)"'),
    "BINANCE_DELIVERY.http.0.0": ("binancecoinm", r'"lastUpdateId"'),
    "BINANCE_DELIVERY.ws.1.0": ("binancecoinm", r'"e":"(?:depthUpdate|bookTicker)"'),
    "BINANCE.http.0.0": ("binance", r'"lastUpdateId"'),
    "BINANCE.ws.1.0": ("binance", r'"e":"depthUpdate"|@bookTicker","data"'),
    "BYBIT.ws.25.0": ("bybit", r'"topic":"orderBookL2_25'),
    "BYBIT.ws.26.0": ("bybit", r'"topic":"orderBookL2_25'),
    "OKX.ws.1.0": ("okx", r'"channel":"(?:books|tickers)","instId":"[^"]+"\},("action"|"data")'),
    "KRAKEN_FUTURES.ws.1.0": ("krakenfutures", r'"feed":"book(?:_snapshot)?","product_id"'),
    "BITGET.ws.1.0": ("bitget", r'^\d+\.\d+: \{"action".*"channel":"books'),
    "BITGET.ws.2.0": ("bitget", r'^\d+\.\d+: \{"action".*"channel":"books'),
}
"""Venue of each capture, and what the lines that hold a book message have in common."""


def read_lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", errors="replace") as file:
        return file.read().split("\n")


@cache
def reading_of(path: Path) -> Reading:
    reading = read_file(path, entry())
    lines = sum(bool(line.strip()) for line in read_lines(path))
    told = [row for part in reading.parts for row in (*part.frame["row"], *part.rejected["row"])] + reading.rejected["row"].to_list()
    if reading.counted == "line":
        assert len(set(told)) == lines, "a line is neither a row nor rejected"
    return reading


def part_of(reading: Reading, table: str) -> Part:
    return next(part for part in reading.parts if part.table.name == table)


@pytest.mark.parametrize("name", BOOKS)
def test_every_line_of_a_book_recording_is_kept(shared: Path, name: str) -> None:
    venue, market, changes, tops, trades, snapshots = BOOKS[name]
    reading = reading_of(shared / "fixtures" / "books" / f"{name}.jsonl.gz")
    part, traded = (part_of(reading, table) for table in ("book_messages", "trades"))
    kinds = dict(part.frame["kind"].value_counts().iter_rows())
    assert kinds == {kind: n for kind, n in (("change", changes), ("top", tops), ("snapshot", snapshots)) if n}
    assert reading.rejected.is_empty()
    assert (traded.frame.height, traded.rejected.height, part.rejected.height) == (trades, 0, 0)
    assert traded.frame.select("venue", "market").unique().rows() == [(venue, market)]
    assert (traded.frame["trade_id"].diff().drop_nulls() == 1).all(), "the venue numbers its trades without a gap"
    assert set(traded.frame["taker"]) == {"buy", "sell"}
    assert part.frame.select("venue", "market").unique().rows() == [(venue, market)]
    assert part.frame["sequence"].is_sorted()
    assert part.frame["native_id"].n_unique() == 1


@pytest.mark.parametrize("name", BOOKS)
def test_no_link_between_changes_is_lost(shared: Path, name: str) -> None:
    """Futures name the update before; spot covers every id."""
    part = part_of(reading_of(shared / "fixtures" / "books" / f"{name}.jsonl.gz"), "book_messages")
    changes = part.frame.filter(pl.col("kind") == "change")
    before = changes["last_update"].shift(1)
    linked = changes["previous_update"] == before if changes["previous_update"].null_count() == 0 else changes["first_update"] == before + 1
    assert linked.slice(1).all()


def test_levels_are_those_that_were_sent(shared: Path) -> None:
    path = shared / "fixtures" / "books" / "binance_usdm_btcusdt_20240808.jsonl.gz"
    part = part_of(reading_of(path), "book_messages")
    rows = {row["row"]: row for row in part.frame.head(3_000).iter_rows(named=True)}
    for number, line in enumerate(read_lines(path)[:3_000], 1):
        arrived, _, body = line.partition(" ")
        data = json.loads(body).get("data", json.loads(body))
        if number in rows and "bids" not in data and data.get("e") == "depthUpdate":
            row = rows[number]
            assert list(zip(row["bid_prices"], row["bid_quantities"], strict=True)) == [(float(p), float(q)) for p, q in data["b"]]
            assert row["received"].timestamp() == pytest.approx(int(arrived) / 1e9, abs=0.001)  # kept to the millisecond
            assert row["ts"].timestamp() == data["T"] / 1000


def test_snapshots_of_twenty_levels_stand_best_first(shared: Path) -> None:
    reading = reading_of(shared / "fixtures" / "books" / "hyperliquid_btcusd_20250126.jsonl.gz")
    part, traded = (part_of(reading, table) for table in ("book_messages", "trades"))
    assert (part.frame.height, reading.rejected.height) == (46, 0)
    assert (traded.frame.height, traded.rejected.height) == (64, 0), "nine messages of several trades each"
    assert set(part.frame["bid_prices"].list.len()) == {20}
    assert (part.frame["bid_prices"].list.first() < part.frame["ask_prices"].list.first()).all()


@pytest.mark.parametrize("name", CAPTURES)
def test_captures_give_every_book_message_they_hold(shared: Path, name: str) -> None:
    venue, words = CAPTURES[name]
    path = shared / "fixtures" / "cryptofeed" / f"{name}.txt.gz"
    part = next(part for part in reading_of(path).parts if part.table.name == "book_messages")
    assert part.frame["venue"].unique().to_list() == [venue]
    held = sum(bool(re.search(words, line)) and " <- " not in line[:80] for line in read_lines(path))
    assert part.frame.height + part.rejected.height == held > 0
    assert set(part.rejected["reason"].str.slice(0, 9)) <= {"not said:"}


def test_packed_frames_are_unpacked(shared: Path) -> None:
    """1,296 received lines, of which 16 answer a subscription and 6 are trades."""
    (part,) = reading_of(shared / "fixtures" / "cryptofeed" / "HUOBI_SWAP.ws.1.0.txt.gz").parts
    assert (part.frame.height, part.rejected.height) == (1_296 - 16 - 6, 0)
    assert part.frame["native_id"].str.ends_with("-USD").all()


def test_the_full_book_is_whole(shared: Path) -> None:
    (part,) = reading_of(shared / "fixtures" / "cryptofeed" / "BITMEX.ws.1.0.txt.gz").parts
    first = part.frame.filter((pl.col("native_id") == "XBTUSD") & (pl.col("kind") == "snapshot")).row(0, named=True)
    assert len(first["bid_prices"]) + len(first["ask_prices"]) == 9_346
    assert first["bid_prices"][0] < first["ask_prices"][0]
    lacking = {reason.removeprefix("not said: ") for reason in part.rejected["reason"]}
    assert lacking == {f"quote (bitmex {name})" for name in ("XRPU21", "TRXU21")} | {
        f"market (bitmex {name})" for name in ("UNIUSDT", "ADAUSDT", "SOLUSDT", "EOSUSDT", "TRXUSDT", "MATICUSDT")
    }


def test_fair_prices_and_their_inputs_are_those_of_the_answer(shared: Path) -> None:
    path = shared / "fixtures" / "cryptofeed" / "BITMEX.0.txt.gz"
    sent = {each["symbol"]: each for each in json.loads(read_lines(path)[0].partition(": ")[2])}
    (part,) = reading_of(path).parts
    rows = part.frame.rows(named=True)
    assert Counter(row["market"] for row in rows) == Counter(
        "dated" if told["typ"] == "FFCCSX" else "inverse" if told["isInverse"] else "quanto" for told in sent.values()
    )
    for row in rows:
        told = sent[row["native_id"]]
        assert (row["mark_price_quote"], row["index_price_quote"]) == (told["fairPrice"], told["indicativeSettlePrice"])
        assert (row["impact_bid_quote"], row["impact_ask_quote"]) == (told["impactBidPrice"], told["impactAskPrice"])
        assert (row["funding_rate"], row["predicted_rate"]) == (told["fundingRate"], told["indicativeFundingRate"])
        assert row["interval_hours"] == (None if told["fundingRate"] is None else 8.0)
    xbt = next(row for row in rows if row["native_id"] == "XBTUSD")
    assert (xbt["symbol"], xbt["market"], xbt["initial_margin_frac"]) == ("BTC/USD:BTC", "inverse", 0.01)
    assert xbt["next_funding"].isoformat() == "2021-07-23T04:00:00+00:00"


@pytest.mark.parametrize(("name", "venue", "contracts"), [("DYDX.0", "dydx3", 27), ("GATEIO_FUTURES.0", "gate", 302)])
def test_lists_of_contracts_are_instants(shared: Path, name: str, venue: str, contracts: int) -> None:
    (part,) = reading_of(shared / "fixtures" / "cryptofeed" / f"{name}.txt.gz").parts
    assert (part.table.name, part.frame.height, part.rejected.height) == ("contexts", contracts, 0)
    assert part.frame["venue"].unique().to_list() == [venue]
    assert part.frame.select(pl.col("index_price_quote", "predicted_rate", "initial_margin_frac").null_count()).row(0) == (0, 0, 0)


def test_contexts_of_all_lists_keep_every_digit(shared: Path) -> None:
    path = shared / "fixtures" / "hyperliquid" / "all_dexs_asset_ctxs_2026.json.gz"
    with gzip.open(path, "rt") as file:
        lists = dict(json.load(file)["data"]["ctxs"])
    (part,) = read_file(path, entry(observed_at="2026-05-01T00:00:00Z")).parts
    assert part.frame.height + part.rejected.height == 230 + 182
    assert part.rejected.is_empty()
    for row in part.frame.rows(named=True):
        told = lists[row["market_list"]][int(row["native_id"].removeprefix("@"))]
        assert row["index_price_quote"] == float(told["oraclePx"])
        assert row["premium_frac"] == (None if told["premium"] is None else float(told["premium"]))
        assert [row["impact_bid_quote"], row["impact_ask_quote"]] == [
            None if told["impactPxs"] is None else float(p) for p in told["impactPxs"] or (0, 0)
        ]


def test_names_come_from_the_universe(shared: Path) -> None:
    path = shared / "fixtures" / "hyperliquid" / "testnet_meta_and_asset_ctxs_20241221.json.gz"
    (part,) = read_file(path, entry(observed_at="2024-12-21T00:00:00Z")).parts
    assert part.frame.height + part.rejected.height == 142
    assert {"SOL/USDC:USDC", "BTC/USDC:USDC", "kPEPE/USDC:USDC"} <= set(part.frame["symbol"])


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("tardis_mapper_messages", {"book_messages", "contexts"}),
        ("jkorf_rest_stream_fixtures", {"book_messages", "contexts", "funding"}),
        ("nautilus_adapter_payloads", {"book_messages", "contexts", "funding"}),
    ],
)
def test_collections_of_payloads_are_read_line_by_line(shared: Path, name: str, tables: set[str]) -> None:
    reading = reading_of(shared / "fixtures" / "payloads" / f"{name}.jsonl.gz")
    kept = {part.table.name for part in reading.parts if not part.frame.is_empty()}
    assert tables <= kept
    broken = reading.rejected.filter(pl.col("reason").str.contains("cannot be read"))
    assert broken.height <= 3, broken["reason"].to_list()


def test_a_snapshot_table_of_25_levels(shared: Path) -> None:
    path = shared / "fixtures" / "books" / "binance_futures_btcusdt_book25_tardis.csv.gz"
    (part,) = read_file(path, entry(market="linear")).parts
    assert part.frame.height == 10
    assert set(part.frame["bid_prices"].list.len()) == {25}
    assert part.frame["ts"].dt.timestamp("ms").to_list()[0] == 1_598_918_403_696


def test_other_files_of_the_collection_are_read_with_a_mapping(shared: Path) -> None:
    fixtures = shared / "fixtures"
    binance = {"venue": "binanceusdm", "market": "linear", "symbol": "XRPUSDT"}
    (rates,) = read_file(
        fixtures / "binance" / "freqtrade_xrpusdt_8h-funding_rate.csv.gz",
        entry(**binance, table="funding", interval_hours=8, columns="open -> funding_rate"),
    ).parts
    assert (rates.frame.height, rates.rejected.height) == (91, 0)
    assert (rates.frame["slot"].dt.hour() % 8 == 0).all()
    (marks,) = read_file(
        fixtures / "binance" / "freqtrade_xrpusdt_1h-mark.csv.gz", entry(**binance, bar="1h", stamp="open", price="mark")
    ).parts
    assert (marks.frame.height, marks.frame["volume_base"].null_count()) == (100, 100)
    bitmex = entry(
        venue="bitmex", market="inverse", symbol="XBTUSD", bar="1m", stamp="close", price="trade", price_scale=0.01, volume_unit="quote"
    )
    (minutes,) = read_file(fixtures / "bitmex" / "xbtusd_1m_2018_2021.parquet", bitmex).parts
    assert minutes.frame.height == 1_959_840
    assert 3_000 < float(str(minutes.frame["close_quote"].min())) < float(str(minutes.frame["close_quote"].max())) < 70_000
    samples = entry(
        **{**binance, "symbol": "BTCUSDT"},
        premium_is="impact prices of 25,000 against the spot mid",
        columns="premium_vs_spot_mid -> premium",
    )
    (premium,) = read_file(fixtures / "books" / "derived_btcusdt_impact_premium_5s.csv", samples).parts
    assert (premium.table.name, premium.frame.height) == ("premium_samples", 68)
