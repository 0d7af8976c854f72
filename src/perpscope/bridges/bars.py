"""In which bar is each settlement paid?

A bar's label says when it opened. Settlement happens when the clock crosses a stamp, whatever the label: a daily bar is
crossed three times by an 8-hour contract, and a 12-hour bar once or twice. Everything here is known when the bar closes,
and not before.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, get_args

from perpscope.bridges.events import FundingEvents
from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.market.funding import Payment
from perpscope.market.number import to_float
from perpscope.market.time import slot_step, to_text

if TYPE_CHECKING:
    import polars as pl

Edge = Literal["close", "open"]
EDGES: tuple[str, ...] = get_args(Edge)


def with_settlements(
    bars: pl.DataFrame, events: FundingEvents, *, contract: Contract | None = None, edge: Edge = "close", bar_hours: float | None = None
) -> pl.DataFrame:
    """Add to each bar what was settled in it.

    Parameters
    ----------
    bars : rows with `ts` (UTC, open of the bar) by rising time, and `bar_hours` unless given here. No two overlap.
    contract : payoff and units per contract; without it, that of the symbol.
    edge : which bar owns a settlement on the edge of two: "close" (open < t <= close: paid by who held during the bar), or "open"
        (open <= t < close: paid by who holds after the trades at the edge).

    Returns
    -------
    The bars with `settlements` (count), `funding_rate_sum` (fraction of notional), `funding_per_contract` (settle asset, owed by one
    contract held long; null where a price is missing), `settled_at` (time of the last one). Known at the close of the bar.

    Raises
    ------
    InputError
        When a settlement falls into a hole between bars, bars overlap, or funding accrues between stamps.
    """
    import polars as pl

    if any(e.accrual != "stamp" for e in events.events):
        raise InputError("settlements per bar", "funding that accrues between stamps", "Settle it and place the payments instead.")
    own = contract or Contract.of_symbol(events.symbol)
    places = _places(bars, [e.at for e in events.events], edge, bar_hours)
    count, rates, owed = [0] * bars.height, [0.0] * bars.height, [0.0] * bars.height
    last: list[int | None] = [None] * bars.height
    unpriced: set[int] = set()
    for event, k in zip(events.events, places, strict=True):
        if k is None:
            continue
        count[k] += 1
        rates[k] += to_float(event.rate)
        last[k] = event.at
        if event.price is None:
            unpriced.add(k)
        else:
            owed[k] += to_float(event.rate * own.value(1, event.price))
    return bars.with_columns(
        pl.Series("settlements", count, dtype=pl.Int64()),
        pl.Series("funding_rate_sum", rates, dtype=pl.Float64()),
        pl.Series("funding_per_contract", [None if k in unpriced else x for k, x in enumerate(owed)], dtype=pl.Float64()),
        pl.Series("settled_at", last, dtype=pl.Int64()).cast(pl.Datetime("ms", "UTC")),
    )


def with_payments(bars: pl.DataFrame, payments: Iterable[Payment], *, edge: Edge = "close", bar_hours: float | None = None) -> pl.DataFrame:
    """Add to each bar `funding_amount`: what was received in it (settle asset; negative: paid), known at its close.

    Parameters as in `with_settlements`; the payments are those of one account and asset, from `perpscope.trading.settle.settle`, so that
    positions that change inside a bar are paid exactly.

    Raises
    ------
    InputError
        When payments are of several assets, fall into a hole between bars, or lie outside all bars.
    """
    import polars as pl

    paid = list(payments)
    assets = {one.asset for one in paid}
    if len(assets) > 1:
        raise InputError("payments per bar", f"several assets: {', '.join(sorted(assets))}", "Place the payments of one asset at a time.")
    places = _places(bars, [one.at for one in paid], edge, bar_hours)
    outside = [one.at for one, k in zip(paid, places, strict=True) if k is None]
    if outside:
        there = f"{len(outside)} payments outside all bars, first at {to_text(min(outside))}"
        raise InputError("payments per bar", there, "Give bars for the whole window: a lost payment is a wrong total.")
    received = [0.0] * bars.height
    for one, k in zip(paid, places, strict=True):
        if k is not None:
            received[k] += to_float(one.amount)
    return bars.with_columns(pl.Series("funding_amount", received, dtype=pl.Float64()))


def _places(bars: pl.DataFrame, stamps: Sequence[int], edge: Edge, bar_hours: float | None) -> list[int | None]:
    """Row of the bar that owns each stamp; None before the first bar and after the last."""
    if edge not in EDGES:
        raise InputError("settlements per bar", f"edge = {edge!r}", f"Give one of {', '.join(EDGES)}.")
    opens, closes = _spans(bars, bar_hours)
    places: list[int | None] = []
    for at in stamps:
        k = (bisect_left(opens, at) if edge == "close" else bisect_right(opens, at)) - 1
        owned = k >= 0 and (at <= closes[k] if edge == "close" else at < closes[k])
        if not owned and 0 <= k < len(opens) - 1:
            there = f"the settlement at {to_text(at)} is in none: bars end at {to_text(closes[k])} and go on at {to_text(opens[k + 1])}"
            raise InputError("settlements per bar", there, "Fill the hole with a bar without trades, so that nothing is lost.")
        places.append(k if owned else None)
    return places


def _spans(bars: pl.DataFrame, bar_hours: float | None) -> tuple[list[int], list[int]]:
    import polars as pl

    if "ts" not in bars.columns or (bar_hours is None and "bar_hours" not in bars.columns):
        raise InputError("settlements per bar", f"columns {', '.join(bars.columns)}", "Name the open of a bar ts, and give bar_hours.")
    opens: list[int] = bars.select(pl.col("ts").dt.epoch("ms")).to_series().to_list()
    hours = [bar_hours] * bars.height if bar_hours is not None else bars["bar_hours"].to_list()
    closes = [at + slot_step(length) for at, length in zip(opens, hours, strict=True)]
    for k in range(1, len(opens)):
        if opens[k] < closes[k - 1]:
            there = f"the bar at {to_text(opens[k])} opens before {to_text(closes[k - 1])}, when the one before it closes"
            raise InputError("settlements per bar", there, "Give bars of one length by rising time.")
    return opens, closes
