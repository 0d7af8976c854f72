"""Are statements of funding read as their venues mean them, and refused where nobody confirmed what they mean?

The lines are those of `statements.py`.
"""

from __future__ import annotations

import gzip
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from perpscope.errors import InputError, PerpscopeError
from perpscope.market.receipt import Printed, Receipt, decimals, unit_of
from perpscope.market.time import to_ms
from perpscope.sources.receipts.clock import in_zone
from perpscope.sources.receipts.read import OWN, SHAPES, read_receipts
from tests.unit.sources.statements import (
    BITGET,
    BITMEX_EXECUTION,
    BYBIT_EXECUTION,
    BYBIT_LOG,
    COINFLEX,
    DERIBIT,
    DYDX_FOURTH,
    DYDX_THIRD,
    GATE,
    HTX,
    HYPERLIQUID,
    INCOME,
    KRAKEN,
    KUCOIN_CLASSIC,
    KUCOIN_UNIFIED,
    MEXC,
    OKX_BILL,
)


def read(tmp_path: Path, body: object, name: str = "statement.json", **how: str) -> tuple[Receipt, ...]:
    path = tmp_path / name
    path.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
    return read_receipts(path, **how).receipts


CASES: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    (INCOME, "binance", {"venue": "binanceusdm", "symbol": "ETH/USDT:USDT", "asset": "USDT", "at": 1621584000000}),
    (
        BYBIT_EXECUTION,
        "",
        {"venue": "bybit", "symbol": "XMR/USDT:USDT", "long": False, "contracts": Fraction("0.98"), "rate": Printed.read("0.000761")},
    ),
    (
        BYBIT_LOG,
        "",
        {"venue": "bybit", "symbol": "XRP/USDT:USDT", "long": True, "contracts": Fraction(100), "price": Printed.read("0.3676")},
    ),
    (OKX_BILL, "", {"venue": "okx", "symbol": "ETH/USD:ETH", "asset": "ETH", "contracts": Fraction(9), "long": None, "rate": None}),
    (
        BITMEX_EXECUTION,
        "",
        {"venue": "bitmex", "symbol": "BTC/USD:BTC", "asset": "BTC", "long": False, "rate": Printed.read("0.0001"), "contracts": 169},
    ),
    (HYPERLIQUID, "", {"venue": "hyperliquid", "symbol": "SOL/USDC:USDC", "asset": "USDC", "long": False, "contracts": Fraction("7375.9")}),
    (DYDX_THIRD, "", {"venue": "dydx3", "symbol": "SUSHI/USDC:USDC", "long": True, "price": Printed.read("1.524267")}),
    (DYDX_FOURTH, "", {"venue": "dydx", "symbol": "BTC/USDC:USDC", "long": False, "contracts": Fraction("0.5")}),
    (KRAKEN, "", {"venue": "krakenfutures", "symbol": "DOGE/USD:USD", "asset": "USD", "session": True, "rate": None}),
    (GATE, "", {"venue": "gate", "symbol": "XRP/USDT:USDT", "asset": "USDT", "at": 1646899200000}),
    (KUCOIN_CLASSIC, "", {"venue": "kucoinfutures", "symbol": "ETH/USDT:USDT", "long": True, "contracts": Fraction(12)}),
    (KUCOIN_UNIFIED, "", {"venue": "kucoinfutures", "symbol": "DOGE/USDT:USDT", "long": False, "contracts": Fraction(1)}),
    (BITGET, "", {"venue": "bitget", "symbol": "BTC/USDT:USDT", "asset": "USDT"}),
    (MEXC, "", {"venue": "mexc", "symbol": "BTC/USDT:USDT", "long": True, "notional": Printed.read("29.30024")}),
    (HTX, "", {"venue": "htx", "symbol": "BTC/USD:BTC", "asset": "BTC", "id": "1667161118"}),
    (DERIBIT, "", {"venue": "deribit", "symbol": "BTC/USD:BTC", "asset": "BTC", "session": True}),
    (COINFLEX, "coinflex", {"venue": "coinflex", "symbol": "BTC/USDT:USDT", "long": False, "contracts": Fraction("61.093")}),
]
AMOUNTS = {
    "binanceusdm": "0.00134317", "okx": "0.000014875271224", "bitmex": "0.00000182", "hyperliquid": "75.635093", "dydx3": "-0.000142",
    "dydx": "0.05625", "krakenfutures": "-0.0002", "gate": "-0.027722", "bitget": "-0.004992", "mexc": "0.00076180624",
    "htx": "-0.000000211306593188", "deribit": "-0.000002511", "coinflex": "-122.17530872",
}  # fmt: skip


@pytest.mark.parametrize(("line", "venue", "said"), CASES, ids=[f"{case[2]['venue']}-{case[2]['symbol']}" for case in CASES])
def test_a_venues_own_line_is_read_as_the_venue_means_it(tmp_path: Path, line: dict[str, Any], venue: str, said: dict[str, Any]) -> None:
    (receipt,) = read(tmp_path, [line], venue=venue)
    assert {name: getattr(receipt, name) for name in said} == said
    if receipt.venue in AMOUNTS:
        assert str(receipt.amount) == AMOUNTS[receipt.venue]
    assert "entry 1" in receipt.origin


def test_a_fee_that_is_positive_where_paid_is_turned(tmp_path: Path) -> None:
    """Recorded at one stamp of 2026-10-06: the long paid, the short received."""
    pair = [{**BYBIT_EXECUTION, "side": "Buy", "execFee": "0.01987096"}, {**BYBIT_EXECUTION, "side": "Sell", "execFee": "-0.00849528"}]
    assert [str(receipt.amount) for receipt in read(tmp_path, pair)] == ["-0.01987096", "0.00849528"]


def test_an_entry_of_ccxt_is_read_by_the_venues_own_line_inside(tmp_path: Path) -> None:
    entry = {
        "info": BYBIT_EXECUTION, "symbol": "XMR/USDT:USDT", "code": "USDT", "timestamp": 1710950400000,
        "datetime": "2024-03-20T16:00:00.000Z", "id": "8d1ef156", "amount": -0.10232512, "rate": -0.000761,
    }  # fmt: skip
    (receipt,) = read(tmp_path, [entry])
    assert (receipt.venue, str(receipt.amount), receipt.long) == ("bybit", "0.10232512", False)


def test_an_entry_of_ccxt_without_a_known_line_needs_its_venue(tmp_path: Path) -> None:
    entry = {"info": {}, "symbol": "BTC/USDT:USDT", "code": "USDT", "timestamp": 1710950400000, "id": "1", "amount": -0.5}
    with pytest.raises(InputError, match="--venue"):
        read(tmp_path, [entry])
    (receipt,) = read(tmp_path, [entry], venue="binance")
    assert (receipt.venue, str(receipt.amount)) == ("binanceusdm", "-0.5")
    (turned,) = read(tmp_path, [entry], venue="bybit")
    assert str(turned.amount) == "0.5"


def test_json_lines_whole_answers_and_packed_files_are_read(tmp_path: Path) -> None:
    lines = "".join(json.dumps(line) + "\n" for line in (HYPERLIQUID, {**HYPERLIQUID, "time": 1734030000012}))
    assert len(read(tmp_path, lines, "a.jsonl")) == 2
    assert len(read(tmp_path, {"code": "200000", "data": {"dataList": [KUCOIN_CLASSIC], "hasMore": True}})) == 1
    assert len(read(tmp_path, {"retCode": 0, "result": {"list": [BYBIT_EXECUTION], "category": "linear"}})) == 1
    assert len(read(tmp_path, {"fundingPayments": [DYDX_THIRD]})) == 1
    packed = tmp_path / "statement.json.gz"
    packed.write_bytes(gzip.compress(json.dumps([GATE]).encode()))
    assert len(read_receipts(packed).receipts) == 1


def test_lines_about_other_things_are_counted_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "income.json"
    path.write_text(json.dumps([INCOME, {**INCOME, "incomeType": "COMMISSION"}]), encoding="utf-8")
    found = read_receipts(path, venue="binance")
    assert (len(found.receipts), found.others) == (1, {"COMMISSION is no funding": 1})


def test_a_history_that_does_not_say_its_venue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="several venues write them so"):
        read(tmp_path, [INCOME])
    assert read(tmp_path, [INCOME], venue="aster")[0].venue == "aster"


def test_the_digits_of_a_number_are_kept_in_json(tmp_path: Path) -> None:
    (receipt,) = read(tmp_path, '[{"time":1700000000000,"symbol":"BTC/USDT:USDT","amount":-0.50,"asset":"USDT"}]', venue="okx")
    assert receipt.amount == Printed(Fraction(-1, 2), Fraction(1, 100))


def test_a_transaction_history_names_no_contract(tmp_path: Path) -> None:
    text = (
        '"User_ID","UTC_Time","Account","Operation","Coin","Change","Remark"\n'
        '"1","2023-01-05 16:00:00","USDT-Futures","Funding Fee","USDT","-0.30000000",""\n'
        '"1","2023-01-05 08:00:00","USDT-Futures","Fee","USDT","-1.2",""\n'
    )
    (receipt,) = read(tmp_path, text, "binance.csv")
    assert (receipt.symbol, receipt.venue, str(receipt.amount)) == ("", "binanceusdm", "-0.30000000")
    assert receipt.at == to_ms("2023-01-05T16:00:00Z")


def test_a_clock_without_a_zone_is_nobodys(tmp_path: Path) -> None:
    text = "User_ID,Time,Account,Operation,Coin,Change,Remark\n1,25-11-12 13:00:00,USD-M Futures,Funding Fee,USDT,0.39940,\n"
    with pytest.raises(InputError, match="--timezone"):
        read(tmp_path, text, "binance.csv")
    (receipt,) = read(tmp_path, text, "binance.csv", timezone="+08:00")
    assert receipt.at == to_ms("2025-11-12T05:00:00Z")


def test_a_time_the_clocks_skipped_or_showed_twice_is_refused() -> None:
    assert in_zone("2024-07-01 14:00:00", "Europe/Berlin", "row") == to_ms("2024-07-01T12:00:00Z")
    for text in ("2024-03-31 02:30:00", "2024-10-27 02:30:00"):
        with pytest.raises(InputError, match="never or twice"):
            in_zone(text, "Europe/Berlin", "row")
    with pytest.raises(InputError, match="none of that name"):
        in_zone("2024-07-01 14:00:00", "Mars/Olympus", "row")


def test_an_export_with_padded_zeros_has_no_more_digits_than_the_venue_counts(tmp_path: Path) -> None:
    text = (
        "UID: 1,Company Name: ,Country:\n"
        "Uid,Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,Cash Flow,Change,"
        "Wallet Balance,Action,Time(UTC)\n"
        "1,USDT,XAUTUSDT,TRADE,SELL,0.02,0.02,4356.0,0,-0.08712,1.0375,0.95038,306.66,CLOSE,2026-09-22 19:11:48\n"
        "1,USDT,XAUTUSDT,SETTLEMENT,BUY,--,0.02000000000000000000,--,-0.00436130000000000000,0,0,-0.0043613,306.6,SETTLEMENT,"
        "2026-09-22 20:00:00\n"
    )
    (receipt,) = read(tmp_path, text, "bybit.csv")
    assert receipt.amount == Printed(Fraction("-0.0043613"), Fraction(1, 10**8))
    assert (receipt.contracts, receipt.long, receipt.at) == (Fraction("0.02"), True, to_ms("2026-09-22T20:00:00Z"))


def test_day_and_month_are_told_apart_or_refused(tmp_path: Path) -> None:
    head = "time,coin,sz,side,payment,rate\n"
    clear = head + "20/05/2025 02:00:00,PAXG,1.05,Short,1.293073,0.0000250038\n01/06/2025 02:00:00,PAXG,1.05,Long,-1.2,0.00002\n"
    first, second = read(tmp_path, clear, "hl.csv", timezone="UTC")
    assert (first.at, second.at) == (to_ms("2025-05-20T02:00:00Z"), to_ms("2025-06-01T02:00:00Z"))
    assert (first.long, second.long) == (False, True)
    with pytest.raises(InputError, match="cannot be told apart"):
        read(tmp_path, head + "05/06/2025 02:00:00,PAXG,1.05,Short,1.2,0.00002\n", "hl.csv", timezone="UTC")


def test_an_entry_that_sums_up_hours_says_so(tmp_path: Path) -> None:
    delta = {"type": "funding", "coin": "BTC", "usdc": "-14.391152", "szi": "0.54353", "fundingRate": "0.0000106497", "nSamples": 24}
    (receipt,) = read(tmp_path, [{"time": 1762387200000, "hash": "0x0", "delta": delta}])
    assert (receipt.hours, receipt.long) == (24, True)
    assert "24 hours" in receipt.note


def test_plainly_named_columns_are_read_in_any_case(tmp_path: Path) -> None:
    text = (
        "Time,Symbol,Amount,Asset,Quantity,Price,Rate\n"
        "2026-01-01T08:00:00Z,BTC/USDT:USDT,-12.00000000,USDT,2,60000.00,0.00010000\n"
        "1767283200000,ETH/USD:ETH,0.0001,ETH,,,\n"
    )
    first, second = read(tmp_path, text, "mine.csv", venue="okx")
    assert (first.quantity, str(first.rate), str(first.price)) == (Fraction(2), "0.00010000", "60000.00")
    assert (second.quantity, second.rate, second.symbol) == (None, None, "ETH/USD:ETH")


def test_a_rate_in_percent_is_refused(tmp_path: Path) -> None:
    text = "time,symbol,amount,asset,rate\n2026-01-01T08:00:00Z,BTC/USDT:USDT,-12,USDT,1.5\n"
    with pytest.raises(InputError, match="more than the whole notional"):
        read(tmp_path, text, "mine.csv", venue="okx")


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("when,what,how much\n1,2,3\n", "x.csv", "no statement on record has these names: when, what, how much"),
        ("[]", "x.json", "not one line"),
        ("time,symbol,amount\n2026-01-01T00:00:00Z,BTC/USDT:USDT,1\n", "x.csv", "asset is missing"),
        ("time,symbol,amount,asset\nyesterday,BTC/USDT:USDT,1,USDT\n", "x.csv", "'yesterday'"),
        ("time,symbol,amount,asset\n2026-01-01T00:00:00Z,BTC/USDT:USDT,much,USDT\n", "x.csv", "no finite decimal"),
        ('[{"time":1,"symbol":"BTC/USDT:USDT","amount":1,"asset":"USDT"}]', "x.json", "no time since 2008"),
        ('{"a": NaN}', "x.json", "NaN is not a number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_is_needed(tmp_path: Path, text: str, name: str, words: str) -> None:
    with pytest.raises(PerpscopeError) as refused:
        read(tmp_path, text, name, venue="okx")
    assert words in str(refused.value)
    assert refused.value.do


def test_no_line_fits_the_shapes_of_two_venues() -> None:
    for line, _, said in CASES:
        fitting = [shape for shape in OWN if shape.fits(line)]
        assert len(fitting) == 1, said["venue"]
    assert len({shape.name + str(shape.has) for shape in SHAPES}) == len(SHAPES)


def test_printed_numbers_keep_their_last_digit() -> None:
    assert Printed.read("-0.0120") == Printed(Fraction(-3, 250), Fraction(1, 10_000))
    assert Printed.read("2.11E-7").unit == Fraction(1, 10**9)
    assert Printed.read("60000").unit == 1
    assert Printed.read("0").unit == 0
    assert Printed.read("0.00").unit == Fraction(1, 100)
    assert Printed.read("1.50000", at_least=2).unit == Fraction(1, 100)
    assert str(-Printed.read("1.50")) == "-1.50"
    assert (decimals(Fraction(1, 8)), decimals(Fraction(1, 3)), unit_of([Fraction(1, 4), Fraction(3)])) == (3, 40, Fraction(1, 100))
    for text in ("", "NaN", "1e-50", "12a"):
        with pytest.raises(InputError):
            Printed.read(text)
