"""Are these rates fractions, or percent that were taken for fractions?

The rule compares magnitudes per eight hours. Of 90 contracts of nine venues, 2016 to 2026, the median absolute rate is
between 0.000037 and 0.00097; the same numbers in percent lie between 0.0037 and 0.097. So a median above 0.002 in the
contracts of a venue is not a fraction. With fewer than 30 rates the line is 0.005: above the cap of 0.375 % of the
large contracts, below the interest term of 0.01 % written in percent. A mapping that states `rate_unit` is believed.

Source
------
Medians: measured on the public histories this program was built with. Cap 0.375 % and interest 0.01 % per 8 h: the
funding pages of BitMEX, Binance and Bybit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

MANY = 30
LIMIT_MANY, LIMIT_FEW = 0.002, 0.005
_HOURS = 8.0


def wrong_units(frame: pl.DataFrame) -> dict[str, str]:
    """Venues of `frame` (venue, native_id, funding_rate, interval_hours) whose rates cannot be fractions, and why not."""
    import polars as pl

    size = (pl.col("funding_rate") * _HOURS / pl.col("interval_hours")).abs()
    sizes = frame.select("venue", "native_id", size.alias("size")).filter(pl.col("size").is_finite() & (pl.col("size") > 0))
    contracts = sizes.group_by("venue", "native_id").agg(pl.col("size").quantile(0.5, "lower").alias("median"), pl.len().alias("n"))
    venues = contracts.group_by("venue").agg(pl.col("median").median(), pl.col("n").sum()).sort("venue")
    wrong = venues.filter(pl.col("median") > pl.when(pl.col("n") >= MANY).then(LIMIT_MANY).otherwise(LIMIT_FEW))
    return {
        venue: f"the {n} rates of {venue} have a median size of {median:.2g} per 8 h, {median * 1095:.0%} a year: percent or basis points?"
        for venue, median, n in wrong.iter_rows()
    }
