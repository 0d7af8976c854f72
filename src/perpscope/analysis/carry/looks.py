"""What was paid, and at which rate was money lent, between two looks at a perpetual and its coin?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]

STALE_MS = 2 * MS_PER_DAY
"""Age at which a lending rate holds no more."""


def with_rate(hours: pl.DataFrame, rates: list[pl.DataFrame]) -> pl.DataFrame:
    """Add the mean of the rates that hold at each close; hours without one of them are left out.

    Parameters
    ----------
    hours : close_at (ms) and other columns, sorted. rates : of each asset, since (ms) and rate (fraction a year), sorted.

    **Source**: definition; a rate holds until the next one, two days at most.
    """
    import polars as pl

    names = [str(k) for k in range(len(rates))]
    for name, each in zip(names, rates, strict=True):
        known = each.rename({"rate": name})
        hours = hours.join_asof(known, left_on="close_at", right_on="since", strategy="backward", tolerance=STALE_MS).drop("since")
    return hours.drop_nulls(names).with_columns(pl.mean_horizontal(names).alias("rate"))


def paid_between(hours: pl.DataFrame, fixings: pl.DataFrame) -> Floats:
    """Return the funding settled after the look before and up to each look, fractions of notional.

    Parameters
    ----------
    hours : close_at (ms), sorted. fixings : slot (ms) and funding_rate (fraction).

    **Source**: definition.
    """
    import polars as pl

    looks = hours.select(pl.col("close_at").alias("look"))
    placed = fixings.select("slot", "funding_rate").sort("slot").join_asof(looks, left_on="slot", right_on="look", strategy="forward")
    sums = placed.drop_nulls("look").group_by("look").agg(pl.col("funding_rate").sum())
    return looks.join(sums, on="look", how="left", maintain_order="left")["funding_rate"].fill_null(0.0).to_numpy()
