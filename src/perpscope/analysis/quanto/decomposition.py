"""What does a perpetual earn that quotes one coin in dollars and pays in another: the price, the product, the funding?

A quanto pays a fixed number of margin coins per dollar of price. Set to one dollar's worth at the start of a period it returns, in
dollars, exactly r_base (1 + r_margin): the price's own return and the product of both returns. Annual figures are arithmetic, the mean of a
period's return times the periods of 365 days, unless they are called compounded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from perpscope.analysis.inference.ols import mean_hac
from perpscope.errors import InputError, NotEnoughData
from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]

Exact = TypeVar("Exact", "float", "Fraction")
EXACT = 1e-9
"""Hours that sums of intervals may miss by, in doubles."""
LEAST = 30
"""Periods below which no annual figure is told."""


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Where a quanto's return came from.

    Parameters
    ----------
    n, first, last : periods, start of the first and end of the last (ms UTC). hours : length of a period.
    base, quanto : return of the price and of the quanto before funding, fractions a year. product : their difference, the mean product of
    the two returns. base_error, quanto_error, product_error : Newey-West standard errors.
    covariance : product less the product of the means (times n/(n-1)).
    base_compounded, quanto_compounded : geometric, fractions a year.
    funding : what a long paid, fraction a year; None where it is not known. net, net_error : product less funding, and its error.
    """

    n: int
    first: int
    last: int
    hours: int
    base: float
    base_error: float
    quanto: float
    quanto_error: float
    product: float
    product_error: float
    covariance: float
    base_compounded: float
    quanto_compounded: float
    funding: float | None = None
    net: float | None = None
    net_error: float | None = None


def quanto_return(base: Exact, margin: Exact) -> Exact:
    """Return in dollars of a quanto worth one dollar at the start: r_base (1 + r_margin).

    Parameters
    ----------
    base, margin : simple returns of the price and of the margin coin over the period, fractions.

    **Source** the payoff: multiplier x price change in margin coins, worth the margin coin's price at the end.

    Examples
    --------
    >>> from fractions import Fraction
    >>> quanto_return(Fraction(1, 10), Fraction(1, 5))
    Fraction(3, 25)
    """
    return base * (1 + margin)


def paired(base: pl.DataFrame, margin: pl.DataFrame) -> pl.DataFrame:
    """Join the closes of both coins where both were observed.

    Parameters
    ----------
    base, margin : close_at (ms UTC) and close_quote, sorted.

    Returns
    -------
    frame
        at (ms), base, margin; sorted.

    **Source** none: a join.
    """
    return (
        base.select(at="close_at", base="close_quote")
        .join(margin.select(at="close_at", margin="close_quote"), on="at", how="inner")
        .drop_nulls()
        .sort("at")
    )


def periods(prices: pl.DataFrame, *, hours: int = 24, snapshot: int = 0, start: int | None = None, end: int | None = None) -> pl.DataFrame:
    """Measure returns between snapshots that lie exactly `hours` apart; where one is missing there is no period.

    Parameters
    ----------
    prices : what `paired` gives. hours : 1 to 24, a divisor of 24. snapshot : hour of the day of one of the snapshots, 0 to 23.
    start, end : ms UTC, start <= begin and end of the period <= end.

    Returns
    -------
    frame
        at (ms, end of the period), base, margin (simple returns), quanto, product.

    **Source** none: bookkeeping.
    """
    import polars as pl

    if HOURS_PER_DAY % hours or not 0 <= snapshot < HOURS_PER_DAY:
        raise InputError("snapshots of a quanto", f"every {hours} h at {snapshot} h", "Give a divisor of 24, and an hour from 0 to 23.")
    step = hours * MS_PER_HOUR
    kept = prices.filter((pl.col("at") - snapshot * MS_PER_HOUR) % step == 0)
    kept = kept if start is None else kept.filter(pl.col("at") >= start)
    kept = kept if end is None else kept.filter(pl.col("at") <= end)
    base, margin = (pl.col(name) / pl.col(name).shift(1) - 1 for name in ("base", "margin"))
    found = kept.select("at", base.alias("base"), margin.alias("margin"), (pl.col("at") - pl.col("at").shift(1)).alias("step"))
    found = found.filter(pl.col("step") == step).drop("step")
    product = pl.col("base") * pl.col("margin")
    return found.with_columns((pl.col("base") + product).alias("quanto"), product.alias("product"))


def with_funding(found: pl.DataFrame, funding: pl.DataFrame, hours: int = 24) -> pl.DataFrame:
    """Add what a long paid in each period; periods whose funding is not complete are left out.

    Parameters
    ----------
    found : what `periods` gives. funding : slot (ms), funding_rate, interval_hours. hours : length of a period.

    Returns
    -------
    frame
        as `found`, and funding (fraction of notional a long paid in the period).

    **Source** none: a payment belongs to the period its stamp closes or lies in.
    """
    import polars as pl

    step = hours * MS_PER_HOUR
    rows = funding.select("slot", "funding_rate", "interval_hours").sort("slot")
    placed = rows.join_asof(found.select("at").sort("at"), left_on="slot", right_on="at", strategy="forward", coalesce=False)
    inside = placed.filter((pl.col("at") - pl.col("slot")) < step)
    sums = inside.group_by("at").agg(pl.col("funding_rate").sum().alias("funding"), pl.col("interval_hours").sum().alias("covered"))
    whole = sums.filter((pl.col("covered") - hours).abs() < EXACT).drop("covered")
    return found.join(whole, on="at", how="inner").sort("at")


def decompose(found: pl.DataFrame, hours: int = 24) -> Decomposition:
    """Split the mean return of a quanto.

    Parameters
    ----------
    found : what `periods` (and, where there is funding, `with_funding`) gives. hours : length of a period.

    Raises
    ------
    NotEnoughData
        With fewer than thirty periods.

    **Source** the identity of `quanto_return`, averaged; errors Newey and West (1987).
    """
    import numpy as np

    if found.height < LEAST:
        there = f"{found.height} periods of {hours} h"
        raise NotEnoughData("the parts of a quanto's return", there, f"Import at least {LEAST} of them.")
    year = HOURS_PER_YEAR / hours
    base, quanto, product, margin = (found[name].to_numpy() for name in ("base", "quanto", "product", "margin"))
    told: dict[str, float] = {}
    if "funding" in found.columns:
        paid = found["funding"].to_numpy()
        net = _mean(product - paid, year)
        told = {"funding": float(paid.mean()) * year, "net": net[0], "net_error": net[1]}
    step = hours * MS_PER_HOUR
    (base_mean, base_error), (quanto_mean, quanto_error), (mean, error) = (_mean(values, year) for values in (base, quanto, product))
    return Decomposition(
        n=found.height,
        first=int(found["at"][0]) - step,
        last=int(found["at"][-1]),
        hours=hours,
        base=base_mean,
        base_error=base_error,
        quanto=quanto_mean,
        quanto_error=quanto_error,
        product=mean,
        product_error=error,
        covariance=float(np.cov(base, margin)[0, 1]) * year,
        base_compounded=_compounded(base, year),
        quanto_compounded=_compounded(quanto, year),
        **told,
    )


def _mean(values: Floats, year: float) -> tuple[float, float]:
    mean, error = mean_hac(values)
    return mean * year, error * year


def _compounded(returns: Floats, year: float) -> float:
    import numpy as np

    if (returns <= -1).any():
        return -1.0
    return math.expm1(float(np.log1p(returns).mean()) * year)


def by_year(found: pl.DataFrame, hours: int = 24) -> list[tuple[int, int, float]]:
    """Contribution of each calendar year to the annual product: year, periods, fraction a year; the contributions add up to the whole.

    Parameters
    ----------
    found : what `periods` gives.

    **Source** none: a sum cut by years.
    """
    import polars as pl

    year = pl.from_epoch("at", time_unit="ms").dt.offset_by(f"-{hours}h").dt.year()
    sums = found.group_by(year.alias("year")).agg(pl.len().alias("n"), pl.col("product").sum()).sort("year")
    scale = HOURS_PER_YEAR / hours / found.height
    return [(int(y), int(n), float(total) * scale) for y, n, total in sums.rows()]
