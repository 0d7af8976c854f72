"""Which files make freqtrade charge the right funding, and where does it charge twice?

freqtrade multiplies a funding candle by the mark candle of the same date and by what the trade holds, from the last
fill to the current candle, both ends included. A fill exactly on a stamp is therefore charged with the old position and
once more with the new one. Candles stamped a little late keep fills and settlements apart.

Source: freqtrade 2026.9, `Exchange.combine_funding_and_mark`, `Exchange.calculate_funding_fees`,
`Backtesting._run_funding_fees`, `IDataHandler._pair_data_filename`, candle_columns.py (facts, not code).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from perpscope.bridges.events import FundingEvents
from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.market.funding import Position
from perpscope.market.number import Number, to_float
from perpscope.market.time import to_text
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

_MINUTE = 60_000
_MINUTES_PER_HOUR = 60


@dataclass(frozen=True, slots=True)
class DoubleCharge:
    """One settlement that freqtrade charges with both positions, because a fill lies exactly on it.

    Parameters
    ----------
    at : ms UTC. before, after : contracts held, signed. extra : what it adds to the true total, in the settle asset (> 0: received).
    """

    at: int
    before: Number
    after: Number
    extra: Number


def candle_files(events: FundingEvents, *, late_minutes: int = 0) -> dict[str, pl.DataFrame]:
    """Return freqtrade's funding and mark candles by file name, to be written as feather (`write_ipc`) into its data folder.

    Parameters
    ----------
    events : of a linear contract, priced. late_minutes : 0 stamps candles at the settlement, on a 1h grid (freqtrade's own form);
        1 to 59 stamps them later, on a 1m grid, so that a fill on the stamp is charged once. It has to be less than the
        strategy's candle, and the config must set `_ft_has_params` as `settings` says.

    Raises
    ------
    InputError
        For another payoff, a missing price, funding that accrues, or a stamp off the grid.
    """
    import polars as pl

    base_quote, _, settle = events.symbol.partition(":")
    if Contract.of_symbol(events.symbol, 1).payoff != "linear":
        raise InputError("candles for freqtrade", f"{events.symbol} is not linear", "freqtrade computes rate x mark x quantity only.")
    if not 0 <= late_minutes < _MINUTES_PER_HOUR:
        raise InputError("candles for freqtrade", f"{late_minutes} minutes late", "Give 0, or fewer minutes than the strategy's candle.")
    whole = events.stamped("freqtrade")
    off = [e.at for e in whole if e.at % (_MINUTE if late_minutes else MS_PER_HOUR)]
    if off:
        raise InputError("candles for freqtrade", f"a stamp off its grid: {to_text(off[0])}", "Give late_minutes, for a grid of minutes.")
    date = pl.Series("date", [e.at + late_minutes * _MINUTE for e in whole], dtype=pl.Int64()).cast(pl.Datetime("ms", "UTC"))
    mark = pl.Series("open", [to_float(e.price) for e in whole if e.price is not None], dtype=pl.Float64())
    rate = pl.Series("funding_rate", [to_float(e.rate) for e in whole], dtype=pl.Float64())
    prices = [mark.alias(name) for name in ("open", "high", "low", "close")]
    none = pl.Series("volume", [0.0] * len(whole), dtype=pl.Float64())
    stem = f"{base_quote.replace('/', '_')}_{settle}-{timeframe(late_minutes)}"
    return {
        f"futures/{stem}-funding_rate.feather": pl.DataFrame([date, rate]),
        f"futures/{stem}-mark.feather": pl.DataFrame([date, *prices, none]),
    }


def timeframe(late_minutes: int) -> str:
    """Return freqtrade's name of the grid that the candles are on."""
    return "1m" if late_minutes else "1h"


def settings(late_minutes: int = 0) -> dict[str, str]:
    """Return what `exchange._ft_has_params` in freqtrade's config has to say, so that it looks for these files."""
    return {"funding_fee_timeframe": timeframe(late_minutes), "mark_ohlcv_timeframe": timeframe(late_minutes)}


def double_charges(events: FundingEvents, positions: Iterable[Position]) -> list[DoubleCharge]:
    """Return the settlements that freqtrade charges twice with candles at the stamp (late_minutes 0).

    Parameters
    ----------
    positions : of one account, as for `perpscope.trading.settle.settle`; a row that changes nothing is no fill.

    Examples
    --------
    >>> from perpscope.bridges.events import funding_events
    >>> from perpscope.market.funding import PublishedFixing
    >>> eight = 28_800_000
    >>> whole = funding_events([PublishedFixing("v", "BTC/USDT:USDT", eight, 0.0001, 8, 60_000)], 0, eight)
    >>> held = [Position("me", "v", "BTC/USDT:USDT", 0, 2), Position("me", "v", "BTC/USDT:USDT", eight, 3)]
    >>> double_charges(whole, held)
    [DoubleCharge(at=28800000, before=2, after=3, extra=-12.0)]
    """
    own = sorted((p for p in positions if (p.venue, p.symbol) == (events.venue, events.symbol)), key=lambda p: p.at)
    if len({p.account for p in own}) > 1:
        raise InputError("double charges", "positions of several accounts", "Give those of one account.")
    fills = {new.at: (old.quantity, new.quantity) for old, new in pairwise(own) if old.quantity != new.quantity}
    contract = Contract.of_symbol(events.symbol)
    found: list[DoubleCharge] = []
    for event in events.stamped("freqtrade"):
        before, after = fills.get(event.at, (0, 0))
        if before and event.price is not None:
            found.append(DoubleCharge(event.at, before, after, -event.rate * contract.value(before, event.price)))
    return found
