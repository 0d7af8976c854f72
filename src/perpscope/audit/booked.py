"""Which premiums did the order books show?

Books at the rule's sampling moments, the impact prices of its notional, and an index of the same moment give premium
samples. Where the index is not the venue's own, whoever supplies it says what stands in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.audit.sampled import Samples
from perpscope.errors import InputError
from perpscope.market.book import impact_price
from perpscope.market.number import Number
from perpscope.market.recording import Clock, Fault, Ladders, replay
from perpscope.mechanisms.observe import Observe

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.facts import Floats, Ints

FRESH_SECONDS = 60
"""Oldest index a sample may be measured against; the slowest sampling any rule of the catalogue states."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How books turn into premiums.

    Parameters
    ----------
    observe : the rule's observation (impact band, impact mid or mid). notional : quote units walked through each side.
    market : linear, inverse or quanto. contract_units : base units of one contract (linear), quote units of one (inverse).
    clock : which time of a message counts. fresh_seconds : oldest index allowed.
    """

    observe: Observe
    notional: float
    market: str = "linear"
    contract_units: float = 1.0
    clock: Clock = "sent"
    fresh_seconds: float = FRESH_SECONDS


@dataclass(frozen=True, slots=True, eq=False)
class Booked:
    """Premiums of n moments; NaN where there was no book, it was too thin, or the index too old.

    Parameters
    ----------
    at : (n,) ms UTC. premium : (n,) fractions. impact_bid, impact_ask, index : (n,) quote prices. faults : books refused.
    """

    at: Ints
    premium: Floats
    impact_bid: Floats
    impact_ask: Floats
    index: Floats
    faults: tuple[Fault, ...]

    def samples(self, stands_in: str = "") -> Samples:
        """Return the moments that gave a premium; computed here, so without a last published digit."""
        import numpy as np

        seen = np.isfinite(self.premium)
        return Samples(self.at[seen], self.premium[seen], np.zeros(int(seen.sum())), stands_in)


def grid(frame: pl.DataFrame, every_seconds: float, clock: Clock = "sent") -> Ints:
    """Multiples of `every_seconds` (ms UTC) inside the recordings."""
    import numpy as np
    import polars as pl

    step = round(every_seconds * 1000)
    if step <= 0:
        raise InputError("a sampling grid", f"every {every_seconds} s", "Give the spacing of the samples.")
    at = (pl.col("ts") if clock == "sent" else pl.coalesce("received", "ts")).dt.epoch("ms")
    low, high = frame.select(at.min().alias("low"), at.max().alias("high")).row(0)
    return np.arange(-(-low // step) * step, high + 1, step, dtype=np.int64)


def premiums(books: pl.DataFrame, index: pl.DataFrame, at: Ints, measure: Measure) -> Booked:
    """Premiums the books showed at the moments `at` (ms UTC, rising).

    Parameters
    ----------
    books : rows of `book_messages` of one contract. index : columns ts and index_price_quote.
    """
    import numpy as np

    ladders = replay(books, at, clock=measure.clock)
    prices = index_at(index, at, measure.fresh_seconds)
    bid, ask = impact_prices(ladders, measure)
    premium = np.full(len(at), np.nan)
    for k in np.flatnonzero(np.isfinite(bid) & np.isfinite(ask) & np.isfinite(prices)).tolist():
        premium[k] = measure.observe.premium(**_columns(measure.observe, ladders, k, float(bid[k]), float(ask[k]), float(prices[k])))
    return Booked(at, premium, bid, ask, prices, ladders.faults)


def _columns(observe: Observe, ladders: Ladders, k: int, bid: float, ask: float, index: float) -> dict[str, Number]:
    known: dict[str, Number] = {
        "impact_bid": bid,
        "impact_ask": ask,
        "index": index,
        "bid": float(ladders.bid_prices[k, 0]),
        "ask": float(ladders.ask_prices[k, 0]),
    }
    missing = [name for name in observe.columns if name not in known]
    if missing:
        raise InputError(f"premiums of kind {observe.kind} from books", f"books hold no {', '.join(missing)}", "Give contexts with it.")
    return {name: known[name] for name in observe.columns}


def impact_prices(ladders: Ladders, measure: Measure) -> tuple[Floats, Floats]:
    """Average fill prices of the notional, bid and ask, (n,) each; NaN where there is no book or it is too thin."""
    import numpy as np

    out = []
    for prices, quantities in ((ladders.bid_prices, ladders.bid_quantities), (ladders.ask_prices, ladders.ask_quantities)):
        held = quantities * measure.contract_units
        if measure.market == "inverse":
            held = held / prices  # contracts are worth quote units: base units at the level's own price
        out.append(np.array([impact_price(p, q, measure.notional) for p, q in zip(prices.tolist(), held.tolist(), strict=True)]))
    return out[0], out[1]


def index_at(index: pl.DataFrame, at: Ints, fresh_seconds: float) -> Floats:
    """(n,) last index price at or before each moment; NaN where it is older than `fresh_seconds` or there is none."""
    import numpy as np
    import polars as pl

    rows = index.drop_nulls("index_price_quote").sort("ts")
    times = rows.select(pl.col("ts").dt.epoch("ms"))["ts"].to_numpy().astype(np.int64)
    prices = rows["index_price_quote"].to_numpy().astype(np.float64)
    if not len(times):
        return np.full(len(at), np.nan)
    place = np.searchsorted(times, at, side="right") - 1
    fresh = (place >= 0) & (at - times[np.maximum(place, 0)] <= fresh_seconds * 1000)
    return np.where(fresh, prices[np.maximum(place, 0)], np.nan)


def mids(books: pl.DataFrame, at: Ints, clock: Clock = "sent") -> pl.DataFrame:
    """Best-quote mids of a book at the moments `at` as an index (ts, index_price_quote): what may stand in for one."""
    import polars as pl

    ladders = replay(books, at, levels=1, clock=clock)
    mid = (ladders.bid_prices[:, 0] + ladders.ask_prices[:, 0]) / 2
    frame = pl.DataFrame({"ts": pl.Series(at).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC"), "index_price_quote": mid})
    return frame.filter(pl.col("index_price_quote").is_not_nan())
