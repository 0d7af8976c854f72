"""Which contract is this, exactly?

Tickers are reused: identity is (venue, native id, listing time). The unified symbol (ccxt's spelling) is a label:
`BTC/USDT:USDT` linear, `BTC/USD:BTC` inverse, `ETH/USD:BTC` quanto, `BTC/USDT` spot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from perpscope.errors import InputError

Market = Literal["spot", "linear", "inverse", "quanto", "dated"]
MARKETS: tuple[str, ...] = get_args(Market)

_SYMBOL = re.compile(r"(?P<base>[^/:\s]+)/(?P<quote>[^/:\s]+)(?::(?P<settle>[^/:\s-]+)(?:-(?P<expiry>\d{6}))?)?")


@dataclass(frozen=True, slots=True)
class Identity:
    """What never changes and is never reused: venue id (ccxt's), native id, listing time (ms; 0 where unknown)."""

    venue: str
    native_id: str
    listed: int = 0


@dataclass(frozen=True, slots=True)
class Instrument:
    """One contract and what is fixed about it for life.

    Parameters
    ----------
    identity : venue, native id, listing time.
    base, quote, settle : asset codes; `settle` is empty for spot.
    market_list : the venue's sub-market ("" the main one; a builder-deployed list carries its prefix).
    multiplier : base units per contract unit (1000PEPE: 1000); None where unknown.
    ended : end of life (ms), None while it trades.
    """

    identity: Identity
    base: str
    quote: str
    settle: str = ""
    market_list: str = ""
    multiplier: float | None = None
    ended: int | None = None

    @property
    def symbol(self) -> str:
        """Unified symbol, ccxt's spelling."""
        return f"{self.base}/{self.quote}" + (f":{self.settle}" if self.settle else "")

    @property
    def market(self) -> Market:
        """Payoff kind, read off the three assets."""
        return market_of(self.base, self.quote, self.settle)


def market_of(base: str, quote: str, settle: str) -> Market:
    """Spot, linear, inverse or quanto, by which asset settles."""
    if not settle:
        return "spot"
    if settle == quote:
        return "linear"
    return "inverse" if settle == base else "quanto"


def is_symbol(text: str) -> bool:
    """Whether a text is a unified symbol."""
    return _SYMBOL.fullmatch(text) is not None


def parse_symbol(symbol: str) -> tuple[str, str, str]:
    """Split a unified symbol into base, quote, settle ("" for spot)."""
    found = _SYMBOL.fullmatch(symbol)
    if not found:
        raise InputError(f"the symbol {symbol!r}", "not of the form BTC/USDT:USDT", "Use base/quote:settle, or base/quote for spot.")
    return found["base"], found["quote"], found["settle"] or ""
