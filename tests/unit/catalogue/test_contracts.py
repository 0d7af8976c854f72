"""Does the catalogue know which contract a symbol names, how large it is, how it is paid, and does it say what it assumed?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.catalogue.contracts import known_contract, native_ids, perpetual_venue
from perpscope.catalogue.load import load_venue
from perpscope.errors import InputError
from perpscope.market.time import day_ms

MAY = day_ms("2024-05-01")


@pytest.mark.parametrize(
    ("venue", "symbol", "native_id"),
    [
        ("binanceusdm", "BTC/USDT:USDT", "BTCUSDT"),
        ("okx", "BTC/USDT:USDT", "BTC-USDT-SWAP"),
        ("okx", "BTC/USD:BTC", "BTC-USD-SWAP"),
        ("bitmex", "BTC/USD:BTC", "XBTUSD"),
        ("kucoinfutures", "BTC/USDT:USDT", "XBTUSDTM"),
        ("hyperliquid", "BTC/USDC:USDC", "BTC"),
        ("deribit", "BTC/USD:BTC", "BTC-PERPETUAL"),
        ("dydx3", "BTC/USDC:USDC", "BTC-USD"),
        ("krakenfutures", "BTC/USD:BTC", "PI_XBTUSD"),
    ],
)
def test_the_usual_spelling_comes_first(venue: str, symbol: str, native_id: str) -> None:
    assert native_ids(load_venue(venue), symbol)[0] == native_id


@pytest.mark.parametrize(
    ("venue", "symbol", "payoff", "asset", "size"),
    [
        ("binanceusdm", "BTC/USDT:USDT", "linear", "USDT", "1"),
        ("deribit", "BTC/USD:BTC", "inverse", "BTC", "10"),
        ("bitmex", "BTC/USD:BTC", "inverse", "BTC", "1"),
        ("bitmex", "ETH/USD:BTC", "quanto", "BTC", "0.000001"),
        ("binancecoinm", "BTC/USD:BTC", "inverse", "BTC", "100"),
        ("binancecoinm", "ETH/USD:ETH", "inverse", "ETH", "10"),
    ],
)
def test_sizes_with_a_source(venue: str, symbol: str, payoff: str, asset: str, size: str) -> None:
    found = known_contract(venue, symbol, MAY)
    assert (found.contract.payoff, found.contract.asset, found.contract.size) == (payoff, asset, Fraction(size))
    assert "size" not in found.assumed


def test_a_size_nobody_knows_is_assumed_in_words() -> None:
    assert known_contract("gate", "XYZ/USDT:USDT", MAY).assumed.startswith("one contract is assumed to be one base unit")


def test_the_callers_size_wins() -> None:
    found = known_contract("gate", "XYZ/USDT:USDT", MAY, given={"contract_size": Fraction("0.5")})
    assert (found.contract.size, found.assumed) == (Fraction("0.5"), "")


def test_how_venues_pay() -> None:
    assert known_contract("binanceusdm", "BTC/USDT:USDT", MAY).settle.grace_s == 15
    assert known_contract("deribit", "BTC/USD:BTC", MAY).settle.flow == "through"
    assert known_contract("hyperliquid", "BTC/USDC:USDC", MAY).settle.price == "oracle"
    assert known_contract("bitmex", "BTC/USD:BTC", MAY).settle.lag == 1
    assert known_contract("sim:deribit", "BTC/USD:BTC", MAY).settle.flow == "through"


def test_a_time_without_a_rule_is_assumed_in_words() -> None:
    found = known_contract("bitmex", "BTC/USD:BTC", day_ms("2015-05-01"))
    assert found.assumed == "payment at the stamp is assumed: no rule of bitmex is on record for that time"


@pytest.mark.parametrize(
    ("venue", "symbol", "words"),
    [
        ("binanceusdm", "BTC/USDT", "a spot market pays no funding"),
        ("gate", "ETH/USD:BTC", "its multiplier is not given"),
        ("nowhere", "BTC/USDT:USDT", "the venue 'nowhere'"),
        ("perpfi1", "BTC/USDC:USDC", "its venue had closed by then"),
    ],
)
def test_what_is_no_contract(venue: str, symbol: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        known_contract(venue, symbol, MAY)


@pytest.mark.parametrize(
    ("house", "name", "venue"),
    [
        ("binance", "BTC/USDT:USDT", "binanceusdm"),
        ("binance", "BTCUSDT", "binanceusdm"),
        ("binance", "BTCUSD_PERP", "binancecoinm"),
        ("binance", "BTC/USD:BTC", "binancecoinm"),
        ("binance", "BTC/USDT", "binance"),
        ("binance", "no such contract", "binance"),
        ("okx", "BTC-USDT-SWAP", "okx"),
    ],
)
def test_a_house_that_trades_spot_is_asked_for_its_perpetual(house: str, name: str, venue: str) -> None:
    assert perpetual_venue(house, name) == venue
