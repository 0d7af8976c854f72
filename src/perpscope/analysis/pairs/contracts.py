"""Which contracts of a coin can be traded at a moment, and what have they paid by then?

Rates expire: a contract that has ended, or whose last fixing is older than two of its intervals, is no candidate, whatever it paid
once. A ticker that was used again is another contract: rows before its listing, or before a hole of ninety days, are not its own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.series import SERIES, coin_of
from perpscope.analysis.windows import OVERLAP
from perpscope.units import HOURS_PER_DAY, MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from perpscope.analysis.pairs.setting import Setting, Ticker

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

COLUMNS = (
    "venue", "market_list", "native_id", "symbol", "market", "ts", "slot", "funding_rate", "interval_hours", "kind", "mark_price_quote",
    "index_price_quote", "source",
)  # fmt: skip
"""Columns of the table `funding` that a comparison reads."""
LIFE_GAP_DAYS = 90
"""A hole from which on what traded before and after need not be the same contract."""
STALE_INTERVALS = 2
"""Age of the last fixing, in its intervals, beyond which a rate has expired."""
MOMENT_DAYS = 7
"""Days before the last stamp of a coin in which its moment is looked for."""
PRICE_DAYS = 2
"""Age, against the last fixing, up to which a price beside an older one stands in."""
MINUTE = 60_000


@dataclass(frozen=True, slots=True, eq=False)
class Paid:
    """One contract and its fixings of the history looked at, as they were known at the moment.

    Parameters
    ----------
    venue, market_list, native_id, symbol, market : whose. state : "fresh", "stale" or "ended".
    stamp, hours, rate : (n,) slots (ms, rising), intervals and fractions per interval.
    clash : why its intervals and stamps disagree in the ranking window, "" where they do not.
    price : mark beside the last fixings, index where there is none, of the last two days; None where neither is held.
    digest : sha256 over stamps, intervals and rates: two comparisons with the same digest saw the same fixings.
    synthetic : whether a generated source told any of them.
    """

    venue: str
    market_list: str
    native_id: str
    symbol: str
    market: str
    state: str
    stamp: Ints
    hours: Floats
    rate: Floats
    clash: str
    price: float | None
    digest: str
    synthetic: bool

    @property
    def name(self) -> str:
        """Name it for a reader."""
        return f"{self.venue} {self.symbol}"

    def within(self, end: int, days: int) -> Floats:
        """Rates of the fixings stamped in the days up to `end` (ms)."""
        import numpy as np

        low, high = np.searchsorted(self.stamp, (end - days * MS_PER_DAY, end), side="right")
        return self.rate[low:high]

    @property
    def intervals(self) -> list[float]:
        """Return the intervals it had, in the order of time."""
        import numpy as np

        changes = np.flatnonzero(np.diff(self.hours)) + 1
        return [float(self.hours[k]) for k in (0, *changes)]


def coins(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the coin of every row."""
    return frame.with_columns(coin_of().alias("coin"))


def split(rows: pl.DataFrame) -> list[tuple[Ticker, pl.DataFrame]]:
    """Split rows by contract, in the order of venue, list and native id; rows of a store are in that order already, and are only cut."""
    import polars as pl

    def runs(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(pl.struct(SERIES).rle().alias("run")).unnest("run").unnest("value")

    if rows.is_empty():
        return []
    found = runs(rows)
    names = found.select(SERIES)
    if names.is_duplicated().any() or not names.equals(names.sort(SERIES)):
        rows = rows.sort(SERIES, maintain_order=True)
        found = runs(rows)
    ends = found["len"].cast(pl.Int64).cum_sum().to_list()
    starts = [0, *ends[:-1]]
    tickers = [(str(venue), str(listed), str(native)) for venue, listed, native in found.select(SERIES).iter_rows()]
    return [(who, rows.slice(start, end - start)) for who, start, end in zip(tickers, starts, ends, strict=True)]


def once(rows: pl.DataFrame) -> bool:
    """Whether no contract has two rows of one fact: stamps of the same minute, as `store.precedence` counts them."""
    import numpy as np

    for _, own in split(rows):
        minute = (own["ts"].dt.epoch("ms").to_numpy() + MINUTE // 2) // MINUTE
        if not (np.diff(minute) > 0).all() and len(np.unique(minute)) < len(minute):
            return False
    return True


def moment_of(settled: pl.DataFrame, setting: Setting) -> int:
    """Moment of the comparison, ms: as asked, else the end of the coin's data (at least one row).

    Histories that were imported one by one end on different days, and the last stamp of one may find all others stale. So the end is
    the latest stamp, of the last seven days, at which at least half as many contracts are fresh as were at any of them. Contracts that
    had ended before the last stamp of all have no say, where others are left.
    """
    import numpy as np

    if setting.at is not None:
        return setting.at
    lives = [(who, _span(own)) for who, own in split(settled)]
    end = max(last for _, (_, last, _) in lives)
    alive = [span for who, span in lives if not any(span[1] <= moment < end for moment in setting.ended.get(who, ()))]
    spans = alive or [span for _, span in lives]
    first, last, fresh = (np.array(column) for column in zip(*spans, strict=True))
    ends = sorted({int(ms) for ms in last if ms > last.max() - MOMENT_DAYS * MS_PER_DAY}, reverse=True)
    counts = [int(((first <= ms) & (fresh >= ms)).sum()) for ms in ends]
    return next(ms for ms, count in zip(ends, counts, strict=True) if 2 * count >= max(counts))


def _span(rows: pl.DataFrame) -> tuple[int, int, int]:
    """First and last moment at which rows of a contract were known, and until when it is fresh (ms)."""
    import numpy as np

    known = np.maximum(rows["ts"].dt.epoch("ms").to_numpy(), rows["slot"].dt.epoch("ms").to_numpy())
    last = int(known.argmax())
    hours = float(rows["interval_hours"][last])
    return int(known.min()), int(known[last]), int(known[last] + STALE_INTERVALS * hours * MS_PER_HOUR + MINUTE)


def contracts(settled: pl.DataFrame, at: int, setting: Setting) -> list[Paid]:
    """List the contracts of one coin in the order of venue, list and native id.

    Parameters
    ----------
    settled : settled rows of the table `funding` of one coin, one per fact, in any order; those known after `at` (ms) play no part.
    """
    known = settled.filter(_ms("ts") <= at).with_columns(_ms("slot").alias("stamp"))
    return [_contract(who, _in_order(own), at, setting) for who, own in split(known)] if known.height else []


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of one contract by stamp, of each the first that was known."""
    import numpy as np

    if (np.diff(rows["stamp"].to_numpy()) > 0).all():
        return rows
    return rows.sort("stamp", "ts").unique("stamp", keep="first", maintain_order=True)


def _contract(who: Ticker, rows: pl.DataFrame, at: int, setting: Setting) -> Paid:
    import numpy as np
    import polars as pl

    stamp = rows["stamp"].to_numpy()
    since = max((moment for moment in setting.born.get(who, ()) if moment <= at), default=None)
    ended = [moment for moment in setting.ended.get(who, ()) if (since or 0) < moment <= at]
    holes = np.flatnonzero(np.diff(stamp) > LIFE_GAP_DAYS * MS_PER_DAY)
    first = max(int(holes[-1]) + 1 if len(holes) else 0, int(np.searchsorted(stamp, since)) if since is not None else 0)
    start = at - (setting.history + STALE_INTERVALS) * MS_PER_DAY
    first = min(max(first, int(np.searchsorted(stamp, start))), len(stamp) - 1)
    own = rows.slice(first)
    hours = own["interval_hours"].to_numpy()
    last = int(stamp[-1])
    stale = last < at - STALE_INTERVALS * float(hours[-1]) * MS_PER_HOUR - MINUTE
    return Paid(
        *who,
        str(own["symbol"][-1]),
        str(own["market"][-1]),
        "ended" if ended else "stale" if stale else "fresh",
        stamp[first:],
        hours,
        own["funding_rate"].to_numpy(),
        _clash(stamp[first:], hours, last, setting.window),
        _price(own),
        _digest(stamp[first:], hours, own["funding_rate"].to_numpy()),
        bool(own.select(pl.col("source").is_in(list(setting.synthetic)).any()).item()) or who[0].startswith("sim:"),
    )


def _clash(stamp: Ints, hours: Floats, last: int, window: int) -> str:
    """Say where the intervals of a window add up to much more than the window: eight hours written on hourly stamps."""
    labels = float(hours[stamp > last - window * MS_PER_DAY].sum())
    length = window * HOURS_PER_DAY
    return f"its intervals sum to {labels:g} h in {length:g} h: labels and stamps disagree" if labels > OVERLAP * length else ""


def _price(rows: pl.DataFrame) -> float | None:
    import polars as pl

    told = pl.coalesce("mark_price_quote", "index_price_quote")
    near = rows.filter(pl.col("stamp") >= pl.col("stamp").max() - PRICE_DAYS * MS_PER_DAY).select(told.drop_nulls().last())
    found = near.item() if near.height else None
    return None if found is None else float(found)


def _digest(stamp: Ints, hours: Floats, rate: Floats) -> str:
    seen = hashlib.sha256(str(len(stamp)).encode())
    for values, kind in ((stamp, "<i8"), (hours, "<f8"), (rate, "<f8")):
        seen.update(values.astype(kind).tobytes())
    return seen.hexdigest()


def _ms(name: str) -> pl.Expr:
    import polars as pl

    return pl.col(name).dt.epoch("ms")
