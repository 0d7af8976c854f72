"""What did a contract pay in each day, and how had its coin moved by then?

Funding is summed over whole periods only, and each period stands beside two returns that do not overlap: that of the
period itself and that of the month before it. A period is named by its start; prices are asked for by the moment at which
they were observed, so a series whose close is the midnight *before* its date needs no special care.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.inference.ols import Fit, ols
from perpscope.errors import InputError
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

REGRESSORS = ("same", "prior")
"""Names of the two returns: of the same period, of the month before."""
HOURS_OFF = 1e-6
"""A period is whole when its intervals add up to its length within this many hours (rounding only)."""


@dataclass(frozen=True, slots=True)
class Periods:
    """How time is cut.

    Parameters
    ----------
    hours : length of a period. offset_hours : when the first one starts after 00:00 UTC.
    closing : a stamp on the boundary pays for the period that ends there; else it opens the one that begins.
    prior_hours : length of the month before. log : logarithmic returns instead of simple ones.
    """

    hours: int = 24
    offset_hours: int = 0
    closing: bool = False
    prior_hours: int = 720
    log: bool = False

    def __post_init__(self) -> None:
        """Refuse lengths that are none."""
        if self.hours <= 0 or self.prior_hours <= 0:
            raise InputError("periods", f"{self.hours} h and {self.prior_hours} h before", "Give lengths above zero.")


DAYS = Periods()
"""UTC days, stamps from 00:00 to before 24:00, simple returns, thirty days before."""


def funding_by_period(rows: pl.DataFrame, cut: Periods = DAYS) -> pl.DataFrame:
    """Sum funding over whole periods: those whose intervals add up to their length.

    Parameters
    ----------
    rows : of one contract, with slot (ms), funding_rate (fraction per interval) and interval_hours.

    Returns
    -------
    frame
        period (ms, its start), funding (fraction per period), stamps (count); sorted.
    """
    import polars as pl

    step, offset = cut.hours * MS_PER_HOUR, cut.offset_hours * MS_PER_HOUR
    moment = pl.col("slot") - offset - (1 if cut.closing else 0)
    return (
        rows.with_columns((moment.floordiv(step) * step + offset).alias("period"))
        .group_by("period")
        .agg(
            pl.col("funding_rate").sum().alias("funding"),
            pl.len().cast(pl.Int64).alias("stamps"),
            pl.col("interval_hours").sum().alias("covered"),
        )
        .filter((pl.col("covered") - cut.hours).abs() < HOURS_OFF)
        .drop("covered")
        .sort("period")
    )


def returns_by_period(closes: pl.DataFrame, cut: Periods = DAYS) -> pl.DataFrame:
    """Return what the price did in each period, and in the month before it.

    Parameters
    ----------
    closes : close_at (ms, when the price was observed) and close_quote.

    Returns
    -------
    frame
        period (ms, its start), same = close(end) / close(start) - 1, prior = close(start) / close(start - prior_hours) - 1;
        only periods for which all three prices are there; sorted.
    """
    import polars as pl

    step, offset, back = cut.hours * MS_PER_HOUR, cut.offset_hours * MS_PER_HOUR, cut.prior_hours * MS_PER_HOUR
    at = closes.select("close_at", "close_quote").unique("close_at", keep="first", maintain_order=True)
    start = at.filter((pl.col("close_at") - offset) % step == 0).rename({"close_at": "period", "close_quote": "opening"})
    end = at.select((pl.col("close_at") - step).alias("period"), pl.col("close_quote").alias("closing"))
    before = at.select((pl.col("close_at") + back).alias("period"), pl.col("close_quote").alias("earlier"))
    joined = start.join(end, on="period").join(before, on="period")
    same, prior = pl.col("closing") / pl.col("opening"), pl.col("opening") / pl.col("earlier")
    told = (same.log(), prior.log()) if cut.log else (same - 1, prior - 1)
    return joined.select("period", told[0].alias("same"), told[1].alias("prior")).sort("period")


def funding_beside_returns(rows: pl.DataFrame, closes: pl.DataFrame, cut: Periods = DAYS) -> pl.DataFrame:
    """Join both: one row per whole period with its prices, as a regression wants them.

    Returns
    -------
    frame
        period, funding (fraction per period), same, prior (fractions, or logs); sorted.
    """
    return funding_by_period(rows, cut).drop("stamps").join(returns_by_period(closes, cut), on="period").sort("period")


def regress_funding(table: pl.DataFrame, lags: int | None = None) -> Fit:
    """Regress funding of a period on the return of the period and of the month before, with intercept.

    Parameters
    ----------
    table : what `funding_beside_returns` gives. lags : of the Newey-West errors; None takes the rule.

    Returns
    -------
    Fit
        coefficients const, same, prior: funding per period for a return of 100 %.

    Source: article F, figure 5.
    """
    return ols(table["funding"].to_numpy(), table.select(REGRESSORS).to_numpy(), REGRESSORS, lags)
