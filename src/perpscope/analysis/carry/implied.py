"""Which yearly rate do dated futures imply, under every reading of the sentence that says so?

Two prices make a carry: the second contract over the front one, the front or the second over spot. The ratio becomes
a yearly rate by the convention (times twelve) or by the days between the two deliveries; it is simple or logarithmic.
Averages over days are ratios of sums (all carry over all days), so that a contract two days from its end does not
outweigh the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from perpscope.errors import NotEnoughData

if TYPE_CHECKING:
    import polars as pl

PAIRS: Mapping[str, tuple[str, str]] = {
    "second_over_front": ("second", "front"),
    "front_over_spot": ("front", "spot"),
    "second_over_spot": ("second", "spot"),
}
DAYS_PER_YEAR = 365
LEAST_DAYS = 7
"""Days to the delivery below which a single day's rate is not shown: a noise of 0.1 % would be 18 % a year at two days."""
DEFINITIONS: Mapping[str, str] = {
    "second_over_front": "price of the second contract over price of the front one, minus 1",
    "front_over_spot": "price of the front contract over spot at the moment of its close, minus 1",
    "second_over_spot": "price of the second contract over spot at the moment of its close, minus 1",
    "x12": "mean over trading days, times 12, whatever the days to delivery",
    "days": "sum over trading days, divided by the sum of the days between the two deliveries, times 365",
    "log": "natural logarithm of the ratio in place of the ratio minus 1",
}


def daily_carry(curve: pl.DataFrame, *, with_holidays: bool = False) -> pl.DataFrame:
    """Return each trading day's carry of every pair.

    Parameters
    ----------
    curve : what `curve.curve` gives.
    with_holidays : keep the ratios to spot of days without a settlement price; else they are null.

    Returns
    -------
    frame
        day, close_at, near_roll and, for each pair of `PAIRS`: PAIR (ratio minus 1), PAIR_log, PAIR_span (days between the deliveries)
        and PAIR_apr (simple yearly rate by these days, null below seven days).

    **Source**: article F, "second futures price minus the front price times 12", and its translation "over spot".
    """
    import polars as pl

    span = {
        "second_over_front": pl.col("second_days") - pl.col("front_days"),
        "front_over_spot": pl.col("front_days"),
        "second_over_spot": pl.col("second_days"),
    }
    columns: list[pl.Expr] = []
    for name, (over, under) in PAIRS.items():
        ratio = pl.col(over) / pl.col(under)
        if under == "spot" and not with_holidays:
            ratio = pl.when(pl.col("settled")).then(ratio)
        columns += [
            (ratio - 1).alias(name),
            ratio.log().alias(f"{name}_log"),
            span[name].alias(f"{name}_span"),
            pl.when(span[name] >= LEAST_DAYS).then((ratio - 1) / span[name] * DAYS_PER_YEAR).alias(f"{name}_apr"),
        ]
    return curve.select("day", "close_at", "near_roll", *columns)


def readings(carry: pl.DataFrame) -> dict[str, float]:
    """Return every reading of the implied yearly rate over the days given (fractions a year).

    Parameters
    ----------
    carry : what `daily_carry` gives, cut to the window asked for.

    Returns
    -------
    dict
        For each pair that has a day: PAIR_x12, PAIR_x12_log, PAIR_days, PAIR_days_log.

    Raises
    ------
    NotEnoughData
        When no pair has a day.

    Examples
    --------
    >>> import polars as pl
    >>> one = pl.DataFrame({"second": [102.0], "front": [101.0], "spot": [100.0], "front_days": [10.0], "second_days": [38.0],
    ...                     "settled": [True], "near_roll": [False], "day": [0], "close_at": [0]})
    >>> {name: round(value, 4) for name, value in readings(daily_carry(one)).items() if name.endswith(("x12", "days"))}
    {'second_over_front_x12': 0.1188, 'second_over_front_days': 0.1291, 'front_over_spot_x12': 0.12, 'front_over_spot_days': 0.365, \
'second_over_spot_x12': 0.24, 'second_over_spot_days': 0.1921}

    **Source**: article F on figure 2; day count by the expiries of the contracts, actual/365.
    """
    import polars as pl

    found: dict[str, float] = {}
    for name in PAIRS:
        held = carry.filter(pl.col(name).is_not_null())
        if held.is_empty():
            continue
        days = float(held[f"{name}_span"].sum())
        for form in ("", "_log"):
            total = float(held[f"{name}{form}"].sum())
            found[f"{name}_x12{form}"] = total / held.height * 12
            found[f"{name}_days{form}"] = total / days * DAYS_PER_YEAR
    if not found:
        raise NotEnoughData("an implied rate", "no day with two prices in the window", "Widen the window, or import more prices.")
    return found


def term_structure(carry: pl.DataFrame) -> pl.DataFrame:
    """Return the carry by days to delivery: how much a contract stands above spot, and how fast that runs off.

    Returns
    -------
    frame
        weeks (whole weeks to delivery, 0 to 13), pair ("front_over_spot" or "second_over_spot"), n, mean and sd of the ratio minus 1,
        apr (sum of carry over sum of days, times 365); sorted. Days around the turn of the series are left out.

    **Source**: definition.
    """
    import polars as pl

    parts = []
    for name in ("front_over_spot", "second_over_spot"):
        value, span = pl.col(name), pl.col(f"{name}_span")
        parts.append(
            carry.filter(value.is_not_null() & ~pl.col("near_roll"))
            .group_by((span // 7).cast(pl.Int64).alias("weeks"))
            .agg(
                pl.len().cast(pl.Int64).alias("n"),
                value.mean().alias("mean"),
                value.std().alias("sd"),
                (value.sum() / span.sum() * DAYS_PER_YEAR).alias("apr"),
            )
            .with_columns(pl.lit(name).alias("pair"))
        )
    return pl.concat(parts).select("pair", "weeks", "n", "mean", "sd", "apr").sort("pair", "weeks")
