"""How far apart are the venues on one coin?

Contracts pay at different stamps, so each is asked the same question at the same moments: what did it pay, as an
annual rate, within the eight hours before 00, 08 and 16 UTC? The spread of the answers is the dispersion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.series import SERIES
from perpscope.analysis.windows import COVERAGE, OVERLAP
from perpscope.units import HOURS_PER_YEAR, MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

GRID_HOURS = 8
"""Length of the common window; the longest interval in general use."""


def aligned(rows: pl.DataFrame, hours: int = GRID_HOURS) -> pl.DataFrame:
    """Return the annual rate of each contract over the `hours` before each common stamp.

    Only windows whose fixings add up to 90 to 150 % of their hours are kept (a daily fixing answers no 8-hour question).

    Returns
    -------
    frame
        coin, venue, market_list, native_id, symbol, stamp (ms, end of the window), apr (fraction a year).
    """
    import polars as pl

    step = hours * MS_PER_HOUR
    stamp = ((pl.col("slot") + step - 1) // step * step).alias("stamp")
    span = pl.col("hours")
    return (
        rows.with_columns(stamp)
        .group_by("coin", *SERIES, "stamp", maintain_order=True)
        .agg(pl.col("symbol").last(), pl.col("funding_rate").sum().alias("paid"), pl.col("interval_hours").sum().alias("hours"))
        .filter((span >= COVERAGE * hours - 1e-9) & (span <= OVERLAP * hours))
        .select("coin", *SERIES, "symbol", "stamp", (pl.col("paid") / span * HOURS_PER_YEAR).alias("apr"))
    )


def dispersion(common: pl.DataFrame) -> pl.DataFrame:
    """Return the spread over contracts at each stamp where at least two venues answer.

    Parameters
    ----------
    common : what `aligned` gives.

    Returns
    -------
    frame
        coin, stamp (ms), contracts, venues, mean_apr, sd_apr (population), low_apr, high_apr, spread_apr (high - low);
        sorted by coin and stamp.
    """
    import polars as pl

    apr = pl.col("apr")
    return (
        common.group_by("coin", "stamp")
        .agg(
            pl.len().cast(pl.Int64).alias("contracts"),
            pl.col("venue").n_unique().cast(pl.Int64).alias("venues"),
            apr.mean().alias("mean_apr"),
            apr.std(ddof=0).alias("sd_apr"),
            apr.min().alias("low_apr"),
            apr.max().alias("high_apr"),
            (apr.max() - apr.min()).alias("spread_apr"),
        )
        .filter(pl.col("venues") >= 2)  # noqa: PLR2004 - a spread needs two
        .sort("coin", "stamp")
    )


def by_coin(spread: pl.DataFrame, days: int = 30) -> pl.DataFrame:
    """Average the dispersion of each coin over the `days` before its own last common stamp.

    Returns
    -------
    frame
        coin, coin_venues and coin_contracts (most at one stamp), coin_stamps (stamps averaged), coin_sd_apr and
        coin_spread_apr (means over the stamps, fraction a year), coin_until (ms).
    """
    import polars as pl

    last = pl.col("stamp").max().over("coin")
    return (
        spread.filter(pl.col("stamp") > last - days * MS_PER_DAY)
        .group_by("coin")
        .agg(
            pl.col("venues").max().alias("coin_venues"),
            pl.col("contracts").max().alias("coin_contracts"),
            pl.len().cast(pl.Int64).alias("coin_stamps"),
            pl.col("sd_apr").mean().alias("coin_sd_apr"),
            pl.col("spread_apr").mean().alias("coin_spread_apr"),
            pl.col("stamp").max().alias("coin_until"),
        )
        .sort("coin")
    )
