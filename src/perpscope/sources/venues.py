"""Which venue do these words mean?

Ids are ccxt's where it has one. Some words name a group of venues ("binance" runs a spot market and two markets of
futures, each with an id of its own): with them the payoff kind or a mapping has to decide.

Source
------
Ids: ccxt 4.5.78 (its list of exchanges); venues and price sources outside it carry short names of our own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from perpscope.catalogue.load import SIMULATED, resolve_venue, venue_ids
from perpscope.errors import InputError

_CCXT = """
alpaca apex aster backpack bequant bigone binance binancecoinm binanceus binanceusdm bingx bit2c bitbank bitbns bitfinex bitflyer
bitget bithumb bitmex bitopro bitrue bitso bitstamp bitteam bittrade bitvavo blockchaincom blofin btcbox btcmarkets btcturk btse
bullish bybit bybiteu bydfi cex coinbase coinbaseexchange coinbaseinternational coincheck coinex coinmate coinone coinsph coinspot
cryptocom cryptomus deepcoin delta deribit derive digifinex dydx extended fmfwio foxbit gate gateeu gemini grvt hashkey hibachi
hitbtc hollaex htx hyperliquid independentreserve indodax kraken krakenfutures kucoin kucoinfutures latoken lbank lighter luno
mercado mexc modetrade mudrex myokx nado ndax okx okxus onetrading p2b pacifica paradex paymium phemex poloniex revolutx
tokocrypto toobit upbit weex whitebit woo woofipro xt zaif zebpay
"""
_OTHER = """
aevo ascendex bakkt bitcom bitbay bittrex bitforex bibox bitmart bkex cboe cme coinbasederivatives coinflex coinlist drift dydx3
eris ftx ftxus gmx gmx2 injective itbit jupiter kwenta lmax mango mcdex okcoin oraclepools perp pionex prdt polynomial rabbitx
serum synthetix synthetix_v3_base synthetix_v3_arbitrum tradingview vertex zeta architect_ax yahoo tokeninsight coinmetrics
coingecko coinmarketcap cryptocompare kaiko coindesk glassnode stooq investing nasdaq fred bitcoinity cryptodatadownload messari
coinapi amberdata tardis aave compound
"""
IDS: frozenset[str] = frozenset(f"{_CCXT} {_OTHER}".split())

_ALIASES = {
    "huobi": "htx",
    "huobidm": "htx",
    "huobidmswap": "htx",
    "huobidmlinearswap": "htx",
    "huobiswap": "htx",
    "okex": "okx",
    "okexswap": "okx",
    "okexfutures": "okx",
    "okx5": "okx",
    "okex5": "okx",
    "gateio": "gate",
    "gateiofutures": "gate",
    "cryptofacilities": "krakenfutures",
    "krakenfutures": "krakenfutures",
    "binancefutures": "binanceusdm",
    "binanceusdtm": "binanceusdm",
    "binanceusdm": "binanceusdm",
    "binancedelivery": "binancecoinm",
    "binancecoinm": "binancecoinm",
    "kucoinfutures": "kucoinfutures",
    "bitgetfutures": "bitget",
    "bitfinexderivatives": "bitfinex",
    "bybitlinear": "bybit",
    "bybitinverse": "bybit",
    "dydxv3": "dydx3",
    "dydxv4": "dydx",
    "dydx4": "dydx",
    "synthetixv3base": "synthetix_v3_base",
    "synthetixv3": "synthetix_v3_base",
    "mexcglobal": "mexc",
    "mexcfutures": "mexc",
    "yahoofinance": "yahoo",
    "woox": "woo",
    "gdax": "coinbase",
    "hl": "hyperliquid",
}
_LISTS = re.compile(r"(hyperliquid|hl)[-_:](\w+)")
_GROUPS: dict[str, dict[str, str]] = {
    "binance": {"spot": "binance", "linear": "binanceusdm", "inverse": "binancecoinm"},
    "dydx": {"until October 2024": "dydx3", "its own chain": "dydx"},
}
"""Words that name several venues at once, and which."""
_FUTURES_OF = {"kucoin": "kucoinfutures", "kraken": "krakenfutures", "coinbase": "coinbaseinternational"}
"""Spot ids whose futures are one venue with an id of its own."""
STATES_ACCRUAL = frozenset({"deribit"})
"""Venues that publish several periods of a continuously paid rate under like names, so that a file must say which it holds."""


@dataclass(frozen=True, slots=True)
class Venue:
    """What a word was found to mean.

    Parameters
    ----------
    id : venue id; empty where the word leaves it open.
    market_list : sub-market the word names ("" where it names none).
    choices : ids the word may mean, where it leaves it open.
    """

    id: str
    market_list: str = ""
    choices: tuple[str, ...] = ()


def venue_of(text: str, market: str = "", *, stated: bool = False, new: bool = False) -> Venue:
    """Resolve a word of a column or a mapping.

    Parameters
    ----------
    text : the word. market : payoff kind of the contracts, "" where unknown.
    stated : whether a mapping said it, so that an exact id stands for itself.
    new : whether the mapping declares it a venue this program does not know.

    Raises
    ------
    InputError
        When nobody knows that venue.
    """
    word = text.strip()
    if word.startswith(SIMULATED):
        return Venue(SIMULATED + resolve_venue(word.removeprefix(SIMULATED)))
    if new and re.fullmatch(r"[a-z0-9_]+", word):
        return Venue(word)
    named = _LISTS.fullmatch(word.lower())
    plain = re.sub(r"[\s_.\-]+", "", word).lower()
    found = "hyperliquid" if named else word if word in IDS else _ALIASES.get(plain) or (plain if plain in IDS else _catalogued(word))
    if found in _FUTURES_OF and market not in {"", "spot"}:
        found = _FUTURES_OF[found]
    group = _GROUPS.get(plain, {})
    if group and group.get(market) != found and not (stated and "spot" not in group):
        return Venue("", choices=(group[market],) if market in group else tuple(group.values()))
    return Venue(found, market_list=named[2] if named else "")


def _catalogued(word: str) -> str:
    try:
        return resolve_venue(word)
    except InputError:
        known = ", ".join(sorted({*venue_ids(), "binance", "bybit", "okx", "bitmex"}))
        raise InputError(
            f"the venue {word!r}",
            f"it is unknown; among the known are {known}",
            "Use ccxt's id, or state new_venue = true for a new one.",
        ) from None
