"""Which assets does a native id name, and what is the venue's own id of a pair?

The packaged rule books are asked first; what they do not know is read off the id itself: separators, endings that say
"perpetual", and a short list of quote assets. Nothing is guessed: an id that names one asset only, on a venue without
a fixed quote, is left open for the mapping to state.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from perpscope.sources.known import catalogued

_RENAMED = {"XBT": "BTC", "XDG": "DOGE"}
_QUOTES = (
    "USDT",
    "USDC",
    "FDUSD",
    "BUSD",
    "USDE",
    "DAI",
    "USD",
    "EUR",
    "GBP",
    "JPY",
    "AUD",
    "KRW",
    "BRL",
    "TRY",
    "BTC",
    "XBT",
    "ETH",
    "BNB",
)
_ENDINGS = {"SWAP", "PERP", "PERPETUAL", "LIN", "INV", "UMCBL", "DMCBL", "CMCBL", "SPBL", "REPO"}
_DAYS = ((r"\d{6}", "%y%m%d"), (r"\d{8}", "%Y%m%d"), (r"\d{1,2}[A-Z]{3}\d{2}", "%d%b%y"))
"""How ids write a day: pattern, and form of it."""
_PREFIX = re.compile(r"^(?:PI|PF|FI|FF|IN|PERP|SPOT)[_-]|^[ucs](?=[A-Z]{3})")
_FIXED: Mapping[str, tuple[str, str]] = {
    "hyperliquid": ("USDC", "USDC"),
    "deribit": ("USD", ""),
    "ftx": ("USD", "USD"),
    "cme": ("USD", "USD"),
    "dydx": ("USD", "USDC"),
    "dydx3": ("USD", "USDC"),
    "synthetix": ("USD", "USD"),
    "synthetix_v3_base": ("USD", "USD"),
    "yahoo": ("USD", ""),
    "lighter": ("USDC", "USDC"),
    "aevo": ("USDC", "USDC"),
    "drift": ("USDC", "USDC"),
    "vertex": ("USDC", "USDC"),
    "coinbaseinternational": ("USDC", "USDC"),
    "coinflex": ("USD", "USD"),
}
"""Venues whose ids may name the base alone, or whose contracts settle in an asset the id does not name: quote, settle."""
_QUANTO_SETTLE = {"bitmex": "BTC", "phemex": "BTC", "gate": "BTC"}
_DATED_IN_COIN = frozenset({"binancecoinm", "bybit", "deribit", "krakenfutures", "okx", "bitget", "htx"})
"""Venues whose dated contracts quoted in USD settle in the coin."""
_BARE_PERPETUAL = {"bybit": ("USDC", "USDC"), "coinbaseinternational": ("USDC", "USDC"), "ascendex": ("USDT", "USDT")}
"""What ids such as BTCPERP or BTC-PERP are quoted and paid in."""
_OWN: Mapping[tuple[str, str], str] = {
    ("binance", "spot"): "{base}{quote}",
    ("binanceusdm", "linear"): "{base}{quote}",
    ("binancecoinm", "inverse"): "{base}{quote}_PERP",
    ("bybit", "spot"): "{base}{quote}",
    ("bybit", "linear"): "{base}{quote}",
    ("bybit", "inverse"): "{base}{quote}",
    ("okx", "spot"): "{base}-{quote}",
    ("okx", "linear"): "{base}-{quote}-SWAP",
    ("okx", "inverse"): "{base}-{quote}-SWAP",
    ("gate", "linear"): "{base}_{quote}",
    ("mexc", "linear"): "{base}_{quote}",
    ("bitget", "linear"): "{base}{quote}",
    ("htx", "linear"): "{base}-{quote}",
    ("htx", "inverse"): "{base}-{quote}",
}
"""How venues write their own ids, for files that spell them otherwise."""


@dataclass(frozen=True, slots=True)
class Assets:
    """Base, quote and settle asset, and the day of expiry (YYMMDD); `settle` is empty for spot, `expiry` where none is told."""

    base: str
    quote: str
    settle: str
    expiry: str = ""

    @property
    def symbol(self) -> str:
        """Unified symbol."""
        return f"{self.base}/{self.quote}" + (f":{self.settle}" if self.settle else "") + (f"-{self.expiry}" if self.expiry else "")


def assets_of(venue: str, native_id: str, market: str, facts: Mapping[str, Any]) -> Assets | None:
    """Read the assets off an id; None where it does not name the quote and no fact does.

    Parameters
    ----------
    venue : venue id. native_id : the id. market : payoff kind. facts : `quote` and `settle` where a mapping states them.
    """
    known = catalogued(venue.removeprefix("sim:"), native_id) if market not in {"spot", "dated"} else None
    agreed = known is not None and (known.market == market or {known.market, market} == {"linear", "quanto"})
    if known is not None and agreed and not {"quote", "settle"} & set(facts):
        return Assets(known.base, known.quote, known.settle)
    pair = _pair(venue, native_id)
    base, quote, settle = pair or ("", "", "")
    quote = str(facts.get("quote", quote))
    if not base or not quote:
        return None
    if "settle" in facts:
        settle = str(facts["settle"])
    elif market == "quanto":
        settle = _QUANTO_SETTLE.get(venue, "")
        if not settle:
            return None
    else:
        in_coin = market == "inverse" or (market == "dated" and quote == "USD" and venue in _DATED_IN_COIN)
        settle = "" if market == "spot" else base if in_coin else settle or quote
    return Assets(base, quote, settle, _expiry(native_id) if market == "dated" else "")


def own_id(venue: str, market: str, assets: Assets) -> str:
    """Write the venue's own id of a pair; the unified symbol where its spelling is not on record."""
    form = "{base}PERP" if (venue, market, assets.quote) == ("bybit", "linear", "USDC") else _OWN.get((venue, market))
    return form.format(base=assets.base, quote=assets.quote) if form else assets.symbol


def plain(asset: str) -> str:
    """Asset code in the common spelling (XBT is BTC)."""
    return _RENAMED.get(asset, asset)


def _expiry(native_id: str) -> str:
    """Day of expiry (YYMMDD) that ends an id, as in BTCUSD_240927, BTC_USDT_20240927 and BTC-27SEP24; empty where none does."""
    last = re.split(r"[/_\- ]", native_id.strip().upper())[-1]
    form = next((form for shape, form in _DAYS if re.fullmatch(shape, last)), None)
    try:
        return datetime.strptime(last, form).replace(tzinfo=UTC).strftime("%y%m%d") if form else ""
    except ValueError:
        return ""


def _pair(venue: str, native_id: str) -> tuple[str, str, str] | None:
    """Read base, quote, settle as far as the id and the venue's fixed quote tell; None where nothing is left of the id."""
    quoted, settled = _FIXED.get(venue, ("", ""))
    name, _, after = native_id.strip().partition(":")
    if after and "/" not in name and name.islower():  # a sub-market's prefix, as in xyz:AAPL
        name, after = after, ""
    name = re.sub(r"(?<=.)\s*\(.*\)$|\d*!$", "", name if venue in {"hyperliquid", "lighter", "phemex"} else name.upper())
    parts = [part for part in re.split(r"[/_\- ]", name if venue == "hyperliquid" else _PREFIX.sub("", name)) if part]
    ended = any(part in _ENDINGS for part in parts[1:])
    days = {part for part in parts[1:] if re.fullmatch(r"\d{6}", part) or _expiry(part)}
    kept = [part for part in parts if part not in _ENDINGS and part not in days] or parts
    if not kept:
        return None
    if len(kept) >= 2:  # noqa: PLR2004 - a pair
        return plain(kept[0]), plain(kept[1]), plain(after or settled)
    base, quote = _split(kept[0], bare=bool(quoted) and venue not in {"cme", "deribit"} and not kept[0].endswith(("USD", "USDT", "USDC")))
    if not quote and kept[0].endswith("PERP") and venue in _BARE_PERPETUAL:
        base, ended = kept[0].removesuffix("PERP"), True
    if not quote and ended and venue in _BARE_PERPETUAL:
        quote, settled = _BARE_PERPETUAL[venue]
    return plain(base), plain(quote or quoted), plain(settled)


def _split(name: str, *, bare: bool) -> tuple[str, str]:
    """Part a run-together name such as BTCUSDT or XBTUSDTM; the whole is the base where `bare` or no quote ends it."""
    if bare:
        return name, ""
    for text in (name, name.removesuffix("M"), name.removesuffix("PERP"), re.sub(r"[FGHJKMNQUVXZ]\d\d$", "", name)):
        for quote in _QUOTES:
            if text.endswith(quote) and len(text) > len(quote):
                return text.removesuffix(quote), quote
    return name, ""
