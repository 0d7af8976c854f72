"""Is a contract what its assets say, and its identity more than a ticker?"""

from __future__ import annotations

import pytest

from perpscope.errors import InputError
from perpscope.market.instrument import MARKETS, Identity, Instrument, market_of, parse_symbol


@pytest.mark.parametrize(
    ("symbol", "assets", "market"),
    [
        ("BTC/USDT:USDT", ("BTC", "USDT", "USDT"), "linear"),
        ("BTC/USD:BTC", ("BTC", "USD", "BTC"), "inverse"),
        ("ETH/USD:BTC", ("ETH", "USD", "BTC"), "quanto"),
        ("BTC/USDT", ("BTC", "USDT", ""), "spot"),
        ("1000PEPE/USDT:USDT", ("1000PEPE", "USDT", "USDT"), "linear"),
        ("BTC/USD:BTC-250926", ("BTC", "USD", "BTC"), "inverse"),
    ],
)
def test_symbols_say_their_assets_and_the_assets_their_market(symbol: str, assets: tuple[str, str, str], market: str) -> None:
    assert parse_symbol(symbol) == assets
    assert market_of(*assets) == market
    assert market in MARKETS


@pytest.mark.parametrize("symbol", ["", "BTC", "BTCUSDT", "BTC/USDT:", "/USDT", "BTC/USDT:USDT:X", "BTC /USDT"])
def test_what_is_no_symbol(symbol: str) -> None:
    with pytest.raises(InputError, match="not of the form"):
        parse_symbol(symbol)


def test_an_instrument_tells_its_symbol_and_market() -> None:
    one = Instrument(Identity("somewhere", "ETHUSD"), "ETH", "USD", "BTC")
    assert (one.symbol, one.market) == ("ETH/USD:BTC", "quanto")
    assert Instrument(Identity("somewhere", "BTCUSDT"), "BTC", "USDT").symbol == "BTC/USDT"


def test_a_ticker_used_twice_is_two_instruments() -> None:
    assert Identity("somewhere", "LITUSDT", 1) != Identity("somewhere", "LITUSDT", 2)
