"""What did the best pairs come to in full: prices, exact settlement, margins, fees and spreads, liquidation and all?

Of every pair, three of the horizons its legs have prices for are run: the one that paid least, the middle one and the one that paid most.
Beside each result stands the plain sum of funding, so that what the sum leaves out is seen. Pairs whose margins are money come first: a
leg margined in its coin carries the coin's price on its margin, whatever the other leg does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from perpscope.errors import NotEnoughData, PerpscopeError
from perpscope.market.number import INF, Number
from perpscope.market.table import PRICES
from perpscope.market.time import to_text
from perpscope.runs.backtest import Question as Backtest
from perpscope.runs.backtest import run_on
from perpscope.runs.clocks import late_of, references
from perpscope.runs.history import Gathered, Wanted, gather
from perpscope.runs.pair_histories import Pair, Question
from perpscope.trading.backtest.model import Result
from perpscope.trading.costs.assemble import trade_costs
from perpscope.trading.costs.parts import TradeCosts
from perpscope.trading.trade import Policy, Trade
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perpscope.runs.fee_steps import Contract
    from perpscope.runs.prices import Series
    from perpscope.store import Store

ONCE = Policy(rest_hours=INF)
"""Entered once; left at the end, or when a leg is liquidated, for good."""
TOGETHER = 0.5
"""Largest share of their own moves by which two prices of one coin may move apart and be taken for prices of one time."""
LEAST = 30
"""Common times below which that is not told."""
KEPT = (
    "net_return", "apr", "max_drawdown", "by_reason", "liquidations", "trades", "exposure", "resolution", "missing", "assumed", "unknown"
)  # fmt: skip


def pair_backtests(store: Store, pairs: Sequence[Pair], asked: Question, count: int) -> list[dict[str, Any]]:
    """Run the first `count` pairs that have prices for a horizon in full.

    Parameters
    ----------
    pairs : best first, see `pair_histories`. count : pairs to run; one that refuses every run is told in one row and does not count.

    Returns
    -------
    list
        One row a run: coin, long, short, which (least, middle, most), start, funding_sum (money, the plain sum), net (money), and the
        result; or why there is none.
    """
    spans = _priced(store)
    found: list[dict[str, Any]] = []
    run = 0
    for pair in sorted(pairs, key=_in_coins):
        if run == count:
            break
        rows = [_row(store, pair, asked, *horizon) for horizon in _chosen(pair, spans)]
        ran = any(row["net"] is not None for row in rows)
        run += ran
        found += rows if ran else rows[:1]
    return found


def _in_coins(pair: Pair) -> bool:
    """Whether a leg's margin is in its coin."""
    return any(leg.market != "linear" for leg in pair.trade(1).legs)


def _priced(store: Store) -> Mapping[tuple[str, str], tuple[int, int]]:
    """First and last moment (ms UTC) at which each contract has a price."""
    import polars as pl

    rows = store.read(PRICES).filter(pl.col("close_ts").is_not_null() & (pl.col("market") != "spot"))
    at = pl.col("close_ts").dt.epoch("ms")
    spans = rows.group_by("venue", "symbol").agg(at.min().alias("first"), at.max().alias("last"))
    return {(venue, symbol): (first, last) for venue, symbol, first, last in spans.select("venue", "symbol", "first", "last").iter_rows()}


def _chosen(pair: Pair, spans: Mapping[tuple[str, str], tuple[int, int]]) -> Iterator[tuple[str, int, float]]:
    """Least, middle and most of the horizons both legs have prices for."""
    import numpy as np

    span = _common(spans, pair.long, pair.short)
    if span is None:
        return
    starts, paid = pair.paid.starts, pair.paid.paid
    inside: NDArray[Any] = (starts >= span[0]) & (starts + round(pair.paid.days * MS_PER_DAY) <= span[1])
    if not inside.any():
        return
    starts, paid = starts[inside], paid[inside]
    order = np.argsort(paid, kind="stable")
    for which, place in (("least", 0), ("middle", len(order) // 2), ("most", -1)):
        yield which, int(starts[order[place]]), float(paid[order[place]])


def _common(spans: Mapping[tuple[str, str], tuple[int, int]], *contracts: Contract) -> tuple[int, int] | None:
    own = [spans.get((contract.venue, contract.symbol)) for contract in contracts]
    known = [span for span in own if span is not None]
    if len(known) < len(own):
        return None
    return max(first for first, _ in known), min(last for _, last in known)


def _row(store: Store, pair: Pair, asked: Question, which: str, start: int, paid: float) -> dict[str, Any]:
    told: dict[str, Any] = {
        "coin": pair.long.coin,
        "long": f"{pair.long.venue} {pair.long.symbol}",
        "short": f"{pair.short.venue} {pair.short.symbol}",
        "which": which,
        "start": to_text(start)[:10],
        "margin_in_coins": _in_coins(pair),
        "funding_sum": paid * asked.money,
    }
    try:
        return told | run_pair(store, pair, asked, start)
    except PerpscopeError as problem:
        return told | {"net": None, "why_null": str(problem)}


def run_pair(store: Store, pair: Pair, asked: Question, start: int) -> dict[str, Any]:
    """Run one pair over one horizon in full; money in quote units.

    Raises
    ------
    PerpscopeError
        Whatever the histories or the backtest refuse.
    """
    trade = replace(pair.trade(asked.leverage), policy=ONCE)
    wanted = Wanted(start, start + round(asked.days * MS_PER_DAY))
    read, late = _on_time(store, trade, wanted)
    apart = moves_apart(*read.series)
    if apart is not None and apart > TOGETHER:
        what, there = f"prices of {trade.called} at one time", f"they move apart by {apart:.0%} of their own moves"
        raise NotEnoughData(what, there, "The stamps of one are probably off by hours; import its bars with the right ones.")
    run = run_on(read, Backtest(trade, wanted, partial(_costs, asked.tier), notional=asked.money))
    found = run.document()
    return {name: found[name] for name in KEPT} | {
        "net": run.money if run.result.trades else None,
        "why_null": "" if run.result.trades else f"never opened: {_first_reason(run.result)}",
        "legs_move_apart": apart,
        "put_right": late,
        "certificate": found["certificate"]["digest"],
    }


def _on_time(store: Store, trade: Trade, wanted: Wanted) -> tuple[Gathered, list[str]]:
    """Gather a pair, with coarse bars that are late against hourly ones of the coin put right, and say which."""
    read = gather(store, trade, wanted)
    others = references(store, read.series, (read.start, read.end))
    late = {leg.name: found for leg, series in zip(trade.legs, read.series, strict=True) if (found := late_of(series, others)) is not None}
    if not late:
        return read, []
    told = [f"{name}: {found.told}; it is taken to be so, and put right (assumed)" for name, found in late.items()]
    return gather(store, trade, replace(wanted, late={name: found.hours for name, found in late.items()})), told


def _costs(tier: str, trade: Trade, ms: int, notional: Number, prices: Mapping[str, Number]) -> TradeCosts:
    return trade_costs(trade, ms, notional=notional, tiers=tier, prices=prices)


def moves_apart(one: Series, other: Series) -> float | None:
    """Deviation of the moves of the ratio of two prices over that of the first one's own moves; None where they share too few times.

    **Source**: definition: near 0 for two prices of one thing at one time, near 1 and above where their times are not the same.
    """
    import numpy as np

    both = (
        one.bars.select("known", "close_quote").join(other.bars.select("known", "close_quote"), on="known", suffix="_other").sort("known")
    )
    if both.height < LEAST:
        return None
    own, ratio = (
        np.diff(np.log(both["close_quote"].to_numpy())),
        np.diff(np.log((both["close_quote_other"] / both["close_quote"]).to_numpy())),
    )
    return float(ratio.std() / own.std()) if own.std() > 0 else None


def _first_reason(result: Result) -> str:
    return next((str(event.detail["why"]) for event in result.events if "why" in event.detail), "no reason is told")
