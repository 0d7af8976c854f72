"""Which venue is meant, and what do its ids name?"""

from __future__ import annotations

import pytest

from perpscope.errors import InputError
from perpscope.sources.symbols import Assets, assets_of, own_id
from perpscope.sources.venues import IDS, Venue, venue_of


@pytest.mark.parametrize(
    ("word", "market", "venue"),
    [
        ("bybit", "", "bybit"),
        ("Gate.io", "linear", "gate"),
        ("huobi", "linear", "htx"),
        ("OKEX", "inverse", "okx"),
        ("dydx_v3", "linear", "dydx3"),
        ("dydx-v4", "linear", "dydx"),
        ("binance", "spot", "binance"),
        ("binance-futures", "linear", "binanceusdm"),
        ("kucoin", "spot", "kucoin"),
        ("kucoin", "linear", "kucoinfutures"),
        ("kraken", "inverse", "krakenfutures"),
        ("cryptofacilities", "inverse", "krakenfutures"),
        ("coinflex", "linear", "coinflex"),
        ("sim:hyperliquid", "linear", "sim:hyperliquid"),
        ("cme", "dated", "cme"),
    ],
)
def test_words_for_venues(word: str, market: str, venue: str) -> None:
    assert venue_of(word, market).id == venue


def test_a_word_for_a_sub_market_names_it() -> None:
    assert venue_of("hyperliquid-xyz", "linear") == Venue("hyperliquid", "xyz")


@pytest.mark.parametrize(
    ("word", "market", "choices"), [("binance", "linear", ("binanceusdm",)), ("binance", "inverse", ("binancecoinm",))]
)
def test_a_word_for_several_venues_is_left_open(word: str, market: str, choices: tuple[str, ...]) -> None:
    assert venue_of(word, market) == Venue("", choices=choices)
    assert venue_of(word, market, stated=True) == Venue("", choices=choices)


def test_the_id_of_a_chain_stands_for_itself_only_where_it_is_stated() -> None:
    assert venue_of("dydx", "linear").choices == ("dydx3", "dydx")
    assert venue_of("dydx", "linear", stated=True).id == "dydx"


def test_an_unknown_venue_is_refused_unless_it_is_declared_new() -> None:
    with pytest.raises(InputError, match="'newdex': it is unknown"):
        venue_of("newdex", "linear")
    assert venue_of("newdex", "linear", new=True).id == "newdex"


def test_ids_are_plain_words() -> None:
    assert all(name.replace("_", "").isalnum() and name.islower() for name in IDS)


@pytest.mark.parametrize(
    ("venue", "native_id", "market", "symbol"),
    [
        ("binanceusdm", "BTCUSDT", "linear", "BTC/USDT:USDT"),
        ("binanceusdm", "1000SHIBUSDC", "linear", "1000SHIB/USDC:USDC"),
        ("binanceusdm", "ETHBTC", "linear", "ETH/BTC:BTC"),
        ("binancecoinm", "BTCUSD_PERP", "inverse", "BTC/USD:BTC"),
        ("binancecoinm", "ETHUSD_210924", "dated", "ETH/USD:ETH-210924"),
        ("binanceusdm", "BTCUSDT_240329", "dated", "BTC/USDT:USDT-240329"),
        ("okx", "BTC-USD-240329", "dated", "BTC/USD:BTC-240329"),
        ("gate", "BTC_USDT_20240329", "dated", "BTC/USDT:USDT-240329"),
        ("deribit", "BTC-29MAR24", "dated", "BTC/USD:BTC-240329"),
        ("binanceusdm", "BTCUSDT_241399", "dated", "BTC/USDT:USDT"),
        ("binance", "BTCUSDT", "spot", "BTC/USDT"),
        ("bybit", "BTCUSD", "inverse", "BTC/USD:BTC"),
        ("bybit", "ETHPERP", "linear", "ETH/USDC:USDC"),
        ("okx", "BTC-USD-SWAP", "inverse", "BTC/USD:BTC"),
        ("okx", "DOTUSD", "inverse", "DOT/USD:DOT"),
        ("gate", "BTC_USDT", "linear", "BTC/USDT:USDT"),
        ("htx", "BTCUSDT", "linear", "BTC/USDT:USDT"),
        ("bitmex", "XBTUSD", "inverse", "BTC/USD:BTC"),
        ("bitmex", "ETHUSD", "quanto", "ETH/USD:BTC"),
        ("kucoinfutures", "XBTUSDTM", "linear", "BTC/USDT:USDT"),
        ("kucoinfutures", "XBTUSDM", "inverse", "BTC/USD:BTC"),
        ("krakenfutures", "PF_XBTUSD", "linear", "BTC/USD:USD"),
        ("krakenfutures", "pi_xbtusd", "inverse", "BTC/USD:BTC"),
        ("mexc", "BTC_USDT", "linear", "BTC/USDT:USDT"),
        ("ftx", "BTC-PERP", "linear", "BTC/USD:USD"),
        ("coinflex", "BTC-USD-SWAP-LIN", "linear", "BTC/USD:USD"),
        ("bitget", "BTCUSDT_UMCBL", "linear", "BTC/USDT:USDT"),
        ("hyperliquid", "kPEPE", "linear", "kPEPE/USDC:USDC"),
        ("deribit", "BTC-PERPETUAL", "inverse", "BTC/USD:BTC"),
        ("deribit", "BTC_USDC-PERPETUAL", "linear", "BTC/USDC:USDC"),
        ("cme", "BTC1!", "dated", "BTC/USD:USD"),
        ("coinbase", "ALGO/USD", "spot", "ALGO/USD"),
        ("bybit", "BTC/USDT:USDT", "linear", "BTC/USDT:USDT"),
    ],
)
def test_ids_name_their_assets(venue: str, native_id: str, market: str, symbol: str) -> None:
    assets = assets_of(venue, native_id, market, {})
    assert assets is not None
    assert assets.symbol == symbol


def test_an_id_that_names_one_asset_only_is_left_open() -> None:
    assert assets_of("htx", "BTC", "linear", {}) is None
    assert assets_of("htx", "BTC", "linear", {"quote": "USDT"}) == Assets("BTC", "USDT", "USDT")
    assert assets_of("htx", "ETH-USD", "quanto", {}) is None
    assert assets_of("htx", "ETH-USD", "quanto", {"settle": "BTC"}) == Assets("ETH", "USD", "BTC")


@pytest.mark.parametrize(
    ("venue", "market", "assets", "native_id"),
    [
        ("okx", "linear", Assets("BTC", "USDT", "USDT"), "BTC-USDT-SWAP"),
        ("okx", "spot", Assets("BTC", "USDT", ""), "BTC-USDT"),
        ("binancecoinm", "inverse", Assets("ETH", "USD", "ETH"), "ETHUSD_PERP"),
        ("bybit", "linear", Assets("ETH", "USDC", "USDC"), "ETHPERP"),
        ("phemex", "inverse", Assets("BTC", "USD", "BTC"), "BTC/USD:BTC"),
    ],
)
def test_pairs_are_written_as_the_venue_writes_them(venue: str, market: str, assets: Assets, native_id: str) -> None:
    assert own_id(venue, market, assets) == native_id
