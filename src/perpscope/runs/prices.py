"""Which prices of a contract does the store hold, and which of them does a backtest go by?

A bar's prices are known at its close, as its source states it. Bars in which nobody traded (an archive drew them) are left out and
counted. Where no bars are held, the prices beside funding rates stand in: fewer, and said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from perpscope.analysis.bars import closed_at, dealt
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.table import FUNDING, PRICES
from perpscope.market.time import length_text, to_text
from perpscope.trading.backtest.model import Bars
from perpscope.units import MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store

FILLS = ("trade", "aggregate", "mark", "index")
"""Kinds of prices that orders may fill at, best first."""
NEARLY = 0.95
"""Share of the longest common window that bars of a finer length must reach to be preferred."""
_LONGEST_BAR_DAYS = 8
_APART, _MINUTES = 0.05, 120_000
_COLUMNS = ("open_quote", "high_quote", "low_quote", "close_quote")
_BESIDE = {"mark": "mark_price_quote", "index": "index_price_quote"}


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Prices of one contract in bars of one length.

    Parameters
    ----------
    venue, symbol : whose. hours : length of a bar. fills : kind of the prices orders fill at: trade, aggregate, mark, index or settlement.
    bars : opened, known (ms UTC) and open_quote, high_quote, low_quote, close_quote (the first three null where not held); sorted.
    marks : the same columns of the venue's mark, and stands_in, whether a bar has none and the price orders fill at stands in for it; of
        moments without a bar as well; None where no bar has one. drawn : bars left out, in which nobody traded.
    rows : rows of the store they come from. late_ms : how long after they were known they are taken, for a clock in common with other legs.
    stamped_late_ms : what was taken off their stamps, which are late.
    """

    venue: str
    symbol: str
    hours: float
    fills: str
    bars: pl.DataFrame
    marks: pl.DataFrame | None
    drawn: int
    rows: tuple[pl.DataFrame, ...]
    late_ms: int = 0
    stamped_late_ms: int = 0

    @property
    def first(self) -> int:
        """When the first price is known, ms UTC."""
        return int(self.bars["known"][0])

    @property
    def last(self) -> int:
        """When the last price is known, ms UTC."""
        return int(self.bars["known"][-1])

    @property
    def step(self) -> int:
        """Length of a bar, ms."""
        return round(self.hours * MS_PER_HOUR)

    @property
    def mark_is(self) -> Literal["mark", "index", "trade"]:
        """What stands for the mark."""
        if self.marks is not None or self.fills in {"mark", "settlement"}:
            return "mark"
        return "index" if self.fills == "index" else "trade"

    @property
    def unmarked(self) -> int:
        """Bars without a mark, of a series that has marks."""
        return 0 if self.marks is None else int(self.marks["stands_in"].sum())

    @property
    def has_extremes(self) -> bool:
        """Whether highs and lows inside the bars are held."""
        told = self.bars if self.marks is None else self.marks
        return not told["high_quote"].null_count() and not told["low_quote"].null_count()

    def holes(self) -> list[tuple[int, int]]:
        """Stretches (ms UTC) longer than a bar and a half between two known prices."""
        import polars as pl

        before = pl.col("known").shift(1)
        found = self.bars.select(before.alias("from"), pl.col("known").alias("to")).filter(
            2 * (pl.col("to") - pl.col("from")) > 3 * self.step
        )
        return [(int(low), int(high)) for low, high in found.iter_rows()]

    def cut(self, start: int, end: int) -> Series:
        """Return the part known from `start` to `end`, both included."""
        import polars as pl

        inside = pl.col("known").is_between(start, end)
        opened = pl.col("ts").dt.epoch("ms")
        off = self.stamped_late_ms - self.late_ms
        kept = tuple(rows.filter(opened.is_between(start + off - self.step, end + off)) for rows in self.rows)
        marks = None if self.marks is None else self.marks.filter(inside)
        return replace(self, bars=self.bars.filter(inside), marks=marks, rows=kept)

    def delayed(self, ms: int) -> Series:
        """Return the same prices, taken some time after they were known."""
        return replace(self._moved(ms), late_ms=self.late_ms + ms)

    def corrected(self, ms: int) -> Series:
        """Return the same prices with so much taken off their stamps."""
        return replace(self._moved(-ms), stamped_late_ms=self.stamped_late_ms + ms)

    def _moved(self, ms: int) -> Series:
        import polars as pl

        later = [pl.col(name) + ms for name in ("opened", "known")]
        marks = None if self.marks is None else self.marks.with_columns(*later)
        return replace(self, bars=self.bars.with_columns(*later), marks=marks)

    def to_bars(self) -> Bars:
        """Write it for a backtest; without extremes a bar's high and low are its close."""
        told = self.bars if self.marks is None else _since_the_bar_before(self.marks, self.bars["known"])
        close = told["close_quote"]
        high, low = told["high_quote"].fill_null(close), told["low_quote"].fill_null(close)
        columns = (self.bars["known"], self.bars["close_quote"], close, high, low)
        known, trade, mark, up, down = (column.to_list() for column in columns)
        opened = None if told["open_quote"].null_count() == told.height else told["open_quote"].to_list()
        return Bars(known, trade, mark, up, down, mark_is=self.mark_is, step_hours=self.hours, open=opened)


def held_series(store: Store, venue: str, symbol: str, market: str, span: tuple[int, int]) -> list[Series]:
    """Every length of bars the store holds of a contract in a window, finest first; of no bars, the prices beside its funding rates.

    Parameters
    ----------
    venue, symbol : id and unified symbol. market : spot, linear, inverse, quanto or dated. span : ms UTC, both ends included.

    Raises
    ------
    InputError
        When several contracts of the venue bear the symbol.
    """
    import polars as pl

    start, end = span
    rows = store.read(PRICES, venue=venue, symbol=symbol, start_ms=start - _LONGEST_BAR_DAYS * MS_PER_DAY, end_ms=end)
    told = pl.col("market") == market if market != "dated" else pl.lit(value=True)  # whatever its payoff, the expiry is in its symbol
    rows = one_contract(rows.filter(told), venue, symbol)
    found = [_series(part, venue, symbol, span) for _, part in rows.group_by("bar_hours")]
    series = sorted((each for each in found if each is not None), key=lambda each: each.hours)
    if series or market in {"spot", "dated"}:
        return series
    beside = _beside_rates(store, venue, symbol, span)
    return [] if beside is None else [beside]


def one_contract(rows: pl.DataFrame, venue: str, symbol: str) -> pl.DataFrame:
    """Rows of one contract: that of the venue's main list where several lists have the symbol.

    Raises
    ------
    InputError
        When that does not tell which is meant.
    """
    import polars as pl

    several = rows.select("market_list", "native_id").unique().sort("market_list", "native_id").rows()
    if len(several) < 2:  # noqa: PLR2004 - one contract, or none
        return rows
    main = [one for one in several if not one[0]]
    if len(main) != 1:
        there = f"several contracts bear it: {', '.join(' '.join(one).strip() for one in several)}"
        raise InputError(f"the symbol {symbol} of {venue}", there, "Import them into stores of their own, or name another contract.")
    return rows.filter((pl.col("market_list") == main[0][0]) & (pl.col("native_id") == main[0][1]))


def _series(rows: pl.DataFrame, venue: str, symbol: str, span: tuple[int, int]) -> Series | None:
    """Bars of one length: those orders fill at, and the marks of the same moments."""
    import polars as pl

    rows = rows.with_columns(closed_at()).filter(pl.col("close_at").is_between(*span))
    kinds = set(rows["price_kind"])
    fills = next((kind for kind in FILLS if kind in kinds), "")
    if not fills:
        return None
    own = _ordered(rows, fills)
    bars = dealt(own) if fills == "trade" else own
    if bars.is_empty():
        return None
    marks = _marks(bars, _ordered(rows, "mark")) if fills != "mark" and "mark" in kinds else None
    taken = rows.filter(pl.col("price_kind").is_in([fills, *(["mark"] if marks is not None else [])]))
    stored = (taken.select(PRICES.names),)
    return Series(venue, symbol, float(rows["bar_hours"][0]), fills, bars, marks, own.height - bars.height, stored)


def _marks(bars: pl.DataFrame, beside: pl.DataFrame) -> pl.DataFrame | None:
    """Return all marks, and the prices of bars without one, which say that they stand in; None where no bar has a mark.

    Each bar is decided on by itself, so that what is missing later changes nothing before.
    """
    import polars as pl

    alone = bars.join(beside, on="known", how="anti")
    if alone.height == bars.height:
        return None
    columns = ("opened", "known", *_COLUMNS)
    parts = [rows.select(*columns, pl.lit(value=stands_in).alias("stands_in")) for rows, stands_in in ((beside, False), (alone, True))]
    return pl.concat(parts).sort("known")


def _since_the_bar_before(marks: pl.DataFrame, known: pl.Series) -> pl.DataFrame:
    """Return one row for each moment in `known`: the last mark, the first one since the moment before, and the extremes between."""
    import polars as pl

    moments = known.rename("at").to_frame()
    inside = marks.filter(pl.col("known") >= known[0]).join_asof(moments, left_on="known", right_on="at", strategy="forward")
    close, several = pl.col("close_quote"), pl.len() > 1
    high, low = (pl.col(f"{name}_quote") for name in ("high", "low"))
    extremes = [
        pl.when(several).then(pl.coalesce(high, close).max()).otherwise(high.first()).alias("high_quote"),
        pl.when(several).then(pl.coalesce(low, close).min()).otherwise(low.first()).alias("low_quote"),
    ]
    rows = inside.drop_nulls("at").group_by("at", maintain_order=True)
    return rows.agg(pl.col("open_quote").first(), *extremes, close.last())


def _ordered(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    import polars as pl

    opened = (pl.col("close_at") - (pl.col("bar_hours") * MS_PER_HOUR).round().cast(pl.Int64)).alias("opened")
    told = rows.filter(pl.col("price_kind") == kind).select(opened, pl.col("close_at").alias("known"), *_COLUMNS, "volume_base")
    return told.sort("known").unique("known", keep="first", maintain_order=True)


def _beside_rates(store: Store, venue: str, symbol: str, span: tuple[int, int]) -> Series | None:
    """Prices published beside funding rates, as bars that were known at the stamps."""
    import polars as pl

    start, end = span
    rows = store.read(FUNDING, venue=venue, symbol=symbol, start_ms=start, end_ms=end + 1).filter(pl.col("kind") == "settled")
    rows = one_contract(rows, venue, symbol)
    for kind, column in _BESIDE.items():
        held = rows.filter(pl.col(column).is_not_null()).unique("slot", keep="first").sort("slot")
        if held.is_empty():
            continue
        hours = float(held["interval_hours"].mode().sort()[0])
        slot, none = pl.col("slot").dt.epoch("ms"), pl.lit(None, dtype=pl.Float64)
        opened = (slot - (pl.col("interval_hours") * MS_PER_HOUR).round().cast(pl.Int64)).alias("opened")
        absent = [none.alias(name) for name in _COLUMNS[:3]]
        bars = held.select(opened, slot.alias("known"), *absent, pl.col(column).alias("close_quote"))
        return Series(venue, symbol, hours, kind, bars, None, 0, (held.select(FUNDING.names),))
    return None


def common(choices: Sequence[Sequence[Series]], hours: float | None = None) -> list[Series]:
    """Choose the series of each leg: the finest length that all hold over nearly the longest common window, else each leg's finest.

    Parameters
    ----------
    choices : of each leg, what it holds; not empty. hours : the length asked for.

    Raises
    ------
    NotEnoughData
        When a leg has no bars of the length asked for.
    """
    if hours is not None:
        return [_of_length(own, hours) for own in choices]
    shared = set.intersection(*({each.step for each in own} for own in choices))
    if not shared:
        return [_longest(own) for own in choices]
    picks = {step: [next(each for each in own if each.step == step) for own in choices] for step in sorted(shared)}
    picks = {step: chosen for step, chosen in picks.items() if apart(chosen) <= worth_a_word(step)}
    if not picks:
        return [_longest(own) for own in choices]
    reach = {step: overlap(chosen) for step, chosen in picks.items()}
    enough = NEARLY * max(reach.values())
    return picks[next(step for step, length in reach.items() if length >= enough)]


def one_clock(chosen: Sequence[Series]) -> list[Series]:
    """Bring bars of one length that close at different minutes to the same instants: earlier ones are taken later, never the other way.

    The instants are those that ask the shortest delay. Series of other lengths are left alone.
    """
    found = list(chosen)
    for step in {each.step for each in chosen}:
        own = [k for k, each in enumerate(found) if each.step == step]
        phases = {k: found[k].last % step for k in own}
        best = min(phases.values(), key=lambda to: max((to - phase) % step for phase in phases.values()))
        for k in own:
            if late := (best - phases[k]) % step:
                found[k] = found[k].delayed(late)
    return found


def apart(chosen: Sequence[Series]) -> int:
    """Longest delay, ms, by which series of one length come to one clock."""
    return max(one.late_ms - own.late_ms for one, own in zip(one_clock(chosen), chosen, strict=True))


def worth_a_word(step: int) -> float:
    """Delay, ms, from which prices of bars of a length (ms) are not of one moment: a twentieth of it, or two minutes."""
    return max(step * _APART, _MINUTES)


def overlap(chosen: Sequence[Series]) -> int:
    """Length of the window in which all series have prices, ms; 0 where there is none."""
    return max(0, min(each.last for each in chosen) - max(each.first for each in chosen))


def _longest(own: Sequence[Series]) -> Series:
    """Finest series of nearly the longest window."""
    enough = NEARLY * max(overlap([each]) for each in own)
    return next(each for each in own if overlap([each]) >= enough)


def _of_length(own: Sequence[Series], hours: float) -> Series:
    step = round(hours * MS_PER_HOUR)
    found = next((each for each in own if each.step == step), None)
    if found is None:
        held = ", ".join(f"{length_text(each.hours)} ({to_text(each.first)[:10]} to {to_text(each.last)[:10]})" for each in own)
        what = f"bars of {length_text(hours)} of {own[0].venue} {own[0].symbol}"
        raise NotEnoughData(what, f"the store holds {held}", "Name one of these lengths with --bar, or import such bars.")
    return found
