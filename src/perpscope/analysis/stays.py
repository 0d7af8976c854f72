"""How long does a rate stay where it is: at its interest term, above, below, or under zero?

A stay is a row of fixings in one state. Where the history has a gap or changes its interval, stays are cut: what nobody
saw is not counted as staying.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.atoms import EXACT
from perpscope.analysis.series import SERIES
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

STATES = ("negative", "zero", "below", "at interest", "above")
"""Below zero; zero; above zero and below the interest term; at it; above it. Where no term is known: negative, zero, above."""


def stays(termed: pl.DataFrame) -> pl.DataFrame:
    """List the stays of each contract.

    Parameters
    ----------
    termed : what `terms.with_terms` gives (needs the column interest, null where unknown).

    Returns
    -------
    frame
        venue, market_list, native_id, state (one of `STATES`), start (begin of the first interval), end (last stamp) in ms, n (fixings),
        hours, cut (whether it ends at a gap, a change of interval or the end of the history, so that it may have been longer); sorted.

    **Source**: definition.
    """
    import polars as pl

    rate, hours, slot = pl.col("funding_rate"), pl.col("interval_hours"), pl.col("slot")
    begins = slot - (hours * MS_PER_HOUR).round().cast(pl.Int64)
    state = (
        pl.when((rate - pl.col("interest")).abs() <= EXACT)
        .then(pl.lit("at interest"))
        .when(rate == 0)
        .then(pl.lit("zero"))
        .when(rate < 0)
        .then(pl.lit("negative"))
        .when(rate < pl.col("interest"))
        .then(pl.lit("below"))
        .otherwise(pl.lit("above"))
    )
    torn = ((begins - pl.col("before")) / MS_PER_HOUR >= hours / 2) | (hours != hours.shift(1).over(SERIES))
    rows = termed.with_columns(state.alias("state"), begins.alias("begins"), torn.fill_null(value=True).alias("torn"))
    turned = pl.col("torn") | (pl.col("state") != pl.col("state").shift(1).over(SERIES)).fill_null(value=True)
    out = (
        rows.with_columns(turned.cum_sum().over(SERIES).alias("stay"))
        .group_by(*SERIES, "stay", maintain_order=True)
        .agg(
            pl.col("state", "begins", "torn").first(),
            slot.last().alias("end"),
            pl.len().cast(pl.Int64).alias("n"),
            hours.sum().alias("hours"),
        )
        .with_columns(pl.col("torn").shift(-1).over(SERIES).fill_null(value=True).alias("cut"))
    )
    return out.select(*SERIES, "state", pl.col("begins").alias("start"), "end", "n", "hours", "cut").sort(*SERIES, "start")


def stay_lengths(found: pl.DataFrame) -> pl.DataFrame:
    """Sum the stays up, per contract and state.

    Parameters
    ----------
    found : what `stays` gives.

    Returns
    -------
    frame
        venue, market_list, native_id, state, stays, fixings, share (of all fixings), mean, median and longest (fixings per stay),
        longest_hours.

    **Source**: definition.
    """
    import polars as pl

    n = pl.col("n")
    return (
        found.group_by(*SERIES, "state")
        .agg(
            pl.len().cast(pl.Int64).alias("stays"),
            n.sum().alias("fixings"),
            n.mean().alias("mean"),
            n.median().alias("median"),
            n.max().alias("longest"),
            pl.col("hours").max().alias("longest_hours"),
        )
        .with_columns((pl.col("fixings") / pl.col("fixings").sum().over(SERIES)).alias("share"))
        .sort(*SERIES, pl.col("state").replace_strict({state: place for place, state in enumerate(STATES)}, return_dtype=pl.Int64))
    )
