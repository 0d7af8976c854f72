"""What did one dated future cost day by day, where the store holds positions on the curve and not contracts?

A continuous series names the first or second contract of the day. Which contract that was, the calendar and the day on which the series
turns say; the days of one contract are cut out of both series.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from perpscope.analysis.bars import closed_at, settlements
from perpscope.analysis.carry.curve import USUAL_ROLL, curve, fitted_rolls, matched
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.instrument import parse_symbol
from perpscope.market.table import DATED_FUTURES, PRICES
from perpscope.market.time import to_text
from perpscope.runs.prices import Series
from perpscope.units import HOURS_PER_DAY, MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store

_EXPIRY = re.compile(r"-(\d{2})(\d{2})(\d{2})$")


def expiry_of(symbol: str) -> int:
    """First instant (ms UTC) of the day a dated symbol expires on.

    Raises
    ------
    InputError
        When the symbol names no day that exists.

    Examples
    --------
    >>> from perpscope.market.time import to_text
    >>> to_text(expiry_of("BTC/USDT:USDT-260327"))
    '2026-03-27T00:00:00Z'
    """
    found = _EXPIRY.search(symbol)
    try:
        if found is not None:
            year, month, day = (int(part) for part in found.groups())
            return int(datetime(2000 + year, month, day, tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        pass
    raise InputError(f"the symbol {symbol}", "it names no day of expiry", "Write it like BTC/USDT:USDT-260327.")


def cut_from_curve(store: Store, venue: str, symbol: str, span: tuple[int, int]) -> Series | None:
    """Settlements of one dated future, cut out of the positions on its venue's curve; None where the store holds no two of them.

    The bars of holidays, which close at another hour than they state, are left out.

    Parameters
    ----------
    venue, symbol : id and unified symbol with an expiry. span : ms UTC, both ends included.

    Raises
    ------
    NotEnoughData
        When the curve holds no contract of that expiry in the window.

    Source: `analysis.carry.curve`, and the calendar of expiries behind it.
    """
    import polars as pl

    base = parse_symbol(symbol)[0]
    rows = store.read(DATED_FUTURES, venue=venue).filter(pl.col("symbol").str.starts_with(f"{base}/"))
    named = sorted(set(rows["native_id"]))
    if len(named) < 2:  # noqa: PLR2004 - the first and the second contract
        return None
    front, second = (rows.filter(pl.col("native_id") == name) for name in named[:2])
    days = matched(settlements(front), settlements(second), _spot(store, base))
    whole = curve(days, fitted_rolls(days) if days["spot"].drop_nulls().len() else USUAL_ROLL)
    end = expiry_of(symbol)
    of_contract = [
        whole.filter(pl.col("settled") & (pl.col(f"{place}_expiry") == end)).select(
            "day", pl.col("close_at").alias("known"), pl.col(place).alias("close_quote")
        )
        for place in ("front", "second")
    ]
    bars = pl.concat(of_contract).drop_nulls().sort("known").filter(pl.col("known").is_between(*span)).unique("known", keep="first")
    if bars.is_empty():
        ends = ", ".join(to_text(int(one))[:10] for one in whole["front_expiry"].unique().sort().tail(4))
        raise NotEnoughData(
            f"{venue} {symbol}", f"no contract of that expiry in the window; among the last are {ends}", "Name its last day."
        )
    return _series(venue, symbol, bars.sort("known"), (front, second))


def _series(venue: str, symbol: str, bars: pl.DataFrame, sources: tuple[pl.DataFrame, pl.DataFrame]) -> Series:
    import polars as pl

    none = pl.lit(None, dtype=pl.Float64)
    absent = [none.alias(name) for name in ("open_quote", "high_quote", "low_quote", "volume_base")]
    told = bars.select((pl.col("known") - MS_PER_DAY).alias("opened"), "known", *absent[:3], "close_quote", absent[3])
    low, high = int(bars["day"].min()), int(bars["day"].max())  # type: ignore[arg-type]  # of milliseconds
    used = tuple(rows.filter(pl.col("ts").dt.epoch("ms").is_between(low, high)) for rows in sources)
    return Series(venue, symbol, HOURS_PER_DAY, "settlement", told, None, 0, used)


def _spot(store: Store, base: str) -> pl.DataFrame | None:
    """Find closes of spot, by which the days of turning are told: of the market with most bars of an hour or less; None without one."""
    import polars as pl

    rows = store.read(PRICES).filter(
        (pl.col("market") == "spot") & pl.col("symbol").str.starts_with(f"{base}/") & (pl.col("bar_hours") <= 1)
    )
    if rows.is_empty():
        return None
    venue, symbol, _ = rows.group_by("venue", "symbol").len().sort("len", "venue", "symbol", descending=[True, False, False]).row(0)
    chosen = rows.filter((pl.col("venue") == venue) & (pl.col("symbol") == symbol))
    return chosen.select(closed_at(), "close_quote").sort("close_at").unique("close_at", keep="first", maintain_order=True)


def last_of_contract(symbol: str, last_known: int) -> int:
    """When a dated future ends, ms UTC: its last price, where that is of the last day or the one before; else the end of its last day."""
    end = expiry_of(symbol)
    return last_known if end - MS_PER_DAY <= last_known <= end + MS_PER_DAY else end + MS_PER_DAY
