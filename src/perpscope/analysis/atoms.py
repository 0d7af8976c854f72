"""How often does a rate sit exactly on a number its rule names?

Two numbers leave a mark in a history: the interest term (the rate whenever the premium stays inside the clamp band)
and the limits. Where the rule is given they are counted exactly; where it is not, the value that repeats most is
called the observed atom, and the output says which of the two it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.series import SERIES

if TYPE_CHECKING:
    import polars as pl

EXACT = 5e-11
"""Rates this near are one number: above the error of float32 at 0.01 % (2.5e-12), below half of the tenth decimal."""
REPEATS = 3
"""Least number of exact repeats that makes a value an observed atom."""
LEAST_SHARE = 0.01
"""Least share of the fixings the most frequent value must have to be taken for the interest term."""


def interest_share(termed: pl.DataFrame) -> pl.DataFrame:
    """Count, per contract, the fixings that sit exactly at the interest term.

    Stamps with a rule are judged by it; the others by the value that repeats most among them, if one does.

    Parameters
    ----------
    termed : what `with_terms` gives.

    Returns
    -------
    frame
        venue, market_list, native_id, interest_rate (the atom, fraction per the interval in force last),
        interest_hits, interest_n (fixings judged), interest_share (0 to 1), interest_from ("rule", "observed", "mixed",
        or null where there is no rule and no value makes up 1 %; then interest_n counts what was looked at).
    """
    import polars as pl

    hits, judged = pl.col("interest_hits"), pl.col("interest_n")
    parts = pl.concat([_ruled(termed), _seen(termed)]).sort("until")
    found = parts.group_by(SERIES).agg(
        pl.col("interest_rate").last(),
        hits.sum(),
        judged.sum(),
        pl.when(pl.len() > 1).then(pl.lit("mixed")).otherwise(pl.col("interest_from").first()).alias("interest_from"),
    )
    every = termed.group_by(SERIES).agg(pl.len().cast(pl.Int64).alias("all"))
    return every.join(found, on=SERIES, how="left").select(
        *SERIES,
        "interest_rate",
        hits,
        judged.fill_null(pl.col("all")),
        (hits / judged).alias("interest_share"),
        "interest_from",
    )


def _ruled(termed: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    at = (pl.col("funding_rate") - pl.col("interest")).abs() <= EXACT
    return (
        termed.filter(pl.col("interest").is_not_null())
        .group_by(SERIES)
        .agg(
            pl.col("slot").last().alias("until"),
            pl.col("interest").last().alias("interest_rate"),
            at.sum().cast(pl.Int64).alias("interest_hits"),
            pl.len().cast(pl.Int64).alias("interest_n"),
            pl.lit("rule").alias("interest_from"),
        )
    )


def _seen(termed: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    hits, judged = pl.col("interest_hits"), pl.col("interest_n")
    return (
        atoms(termed.filter(pl.col("interest").is_null()))
        .group_by(SERIES)
        .agg(
            pl.col("until").max(),
            pl.col("mode").sort_by("until").last().alias("interest_rate"),
            pl.col("mode_hits").sum().alias("interest_hits"),
            pl.col("n").sum().alias("interest_n"),
            pl.lit("observed").alias("interest_from"),
        )
        .filter((hits >= REPEATS) & (hits >= LEAST_SHARE * judged))
    )


def limit_hits(termed: pl.DataFrame) -> pl.DataFrame:
    """Count, per contract, the fixings at the upper and the lower limit.

    Without a rule, an extreme that was reached exactly at least three times is taken for the limit.

    Returns
    -------
    frame
        venue, market_list, native_id, cap_rate, floor_rate (of the interval in force last), cap_hits, floor_hits,
        cap_n (fixings judged), cap_share (both together over them), cap_from ("rule", "observed", or null: no limit is visible).
    """
    import polars as pl

    high = pl.col("funding_rate") >= pl.col("cap") - EXACT
    low = pl.col("funding_rate") <= pl.col("floor") + EXACT
    ruled = (
        termed.filter(pl.col("cap").is_not_null() | pl.col("floor").is_not_null())
        .group_by(SERIES)
        .agg(
            pl.col("cap").last().alias("cap_rate"),
            pl.col("floor").last().alias("floor_rate"),
            high.sum().cast(pl.Int64).alias("cap_hits"),
            low.sum().cast(pl.Int64).alias("floor_hits"),
            pl.len().cast(pl.Int64).alias("judged"),
        )
        .with_columns(pl.lit("rule").alias("cap_from"))
    )
    seen = (
        atoms(termed.join(ruled, on=SERIES, how="anti"))
        .sort("until")
        .group_by(SERIES)
        .agg(
            pl.col("high").last().alias("cap_rate"),
            pl.col("low").last().alias("floor_rate"),
            pl.col("high_hits").sum().alias("cap_hits"),
            pl.col("low_hits").sum().alias("floor_hits"),
            pl.col("n").sum().alias("judged"),
        )
        .with_columns(pl.when(pl.col("cap_hits") + pl.col("floor_hits") > 0).then(pl.lit("observed")).alias("cap_from"))
    )
    known = pl.col("cap_from").is_not_null()
    hits = pl.col("cap_hits") + pl.col("floor_hits")
    return pl.concat([ruled, seen]).select(
        *SERIES,
        "cap_rate",
        "floor_rate",
        pl.when(known).then(pl.col("cap_hits")).alias("cap_hits"),
        pl.when(known).then(pl.col("floor_hits")).alias("floor_hits"),
        pl.col("judged").alias("cap_n"),
        pl.when(known).then(hits / pl.col("judged")).alias("cap_share"),
        "cap_from",
    )


def atoms(rows: pl.DataFrame) -> pl.DataFrame:
    """Find the values that repeat, per contract and interval.

    Returns
    -------
    frame
        venue, market_list, native_id, interval_hours, n, until (last slot), mode and mode_hits (most frequent rate),
        high, high_hits, low, low_hits (extremes reached at least three times that are not the mode; else null and 0).
    """
    import polars as pl

    kinds = [*SERIES, "interval_hours"]
    counts = (
        rows.with_columns((pl.col("funding_rate") / (2 * EXACT)).round().cast(pl.Int64).alias("value"))
        .group_by(*kinds, "value")
        .agg(pl.len().cast(pl.Int64).alias("hits"), pl.col("funding_rate").median(), pl.col("slot").max().alias("until"))
        .sort("hits", "value", descending=[True, False])
    )
    rate, value, hits = pl.col("funding_rate"), pl.col("value"), pl.col("hits")
    found = counts.group_by(kinds).agg(
        hits.sum().alias("n"),
        pl.col("until").max(),
        rate.first().alias("mode"),
        hits.first().alias("mode_hits"),
        *(pl.col(name).sort_by("value").last().alias(f"high_{name}") for name in ("funding_rate", "hits", "value")),
        *(pl.col(name).sort_by("value").first().alias(f"low_{name}") for name in ("funding_rate", "hits", "value")),
        value.first().alias("mode_value"),
    )

    def limit(side: str) -> list[pl.Expr]:
        real = (pl.col(f"{side}_hits") >= REPEATS) & (pl.col(f"{side}_value") != pl.col("mode_value"))
        return [
            pl.when(real).then(pl.col(f"{side}_funding_rate")).alias(side),
            pl.when(real).then(pl.col(f"{side}_hits")).otherwise(0).alias(f"{side}_hits"),
        ]

    return found.select(*kinds, "n", "until", "mode", "mode_hits", *limit("high"), *limit("low"))
