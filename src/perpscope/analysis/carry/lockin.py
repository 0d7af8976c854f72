"""What does one know at the trade about the carry one will receive: with a dated future, and with a perpetual?

Whoever sells a future against coins and holds both to the delivery knows his carry when he trades. Whoever sells a
perpetual knows the rate of the moment; what he receives is the sum of the rates to come. The difference between what was
visible and what was received is measured here, over the same days for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import NotEnoughData
from perpscope.units import HOURS_PER_YEAR, MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[np.float64]

DELIVERY_HOUR = 15
"""Hour (UTC) until which a contract's carry is counted on its last day: 16:00 London in summer; an hour of one month is nothing."""
PAST_DAYS = 30
"""Length of the average of past rates that stands beside the rate of the moment."""
COVERED = 0.98
"""Least share of a window whose fixings must be there."""
SPREAD_QUANTILES = (0.05, 0.95)
VARIES = 1e-9
"""Least range of a signal, of its size: below it the differences are those of the last digits."""


@dataclass(frozen=True, slots=True, eq=False)
class Paid:
    """Running sums of a history, so that any window is one subtraction.

    Parameters
    ----------
    slots : (n,) ms, rising. sums, hours : (n + 1,) running sums of rates (fraction of notional) and of interval hours.
    last_apr : (n,) each fixing as an annual rate.
    """

    slots: NDArray[np.int64]
    sums: Vector
    hours: Vector
    last_apr: Vector


def running(rows: pl.DataFrame) -> Paid:
    """Sum a history up.

    Parameters
    ----------
    rows : what `series.fixings` gives, one contract.

    **Source**: definition.
    """
    import numpy as np

    if rows.is_empty():
        raise NotEnoughData("what a contract paid", "no fixings", "Import its history.")
    sums, hours = (np.concatenate([[0.0], np.cumsum(rows[name].to_numpy())]) for name in ("funding_rate", "interval_hours"))
    return Paid(rows["slot"].to_numpy().astype(np.int64), sums, hours, rows["apr"].to_numpy())


def over(paid: Paid, start: ArrayLike, end: ArrayLike) -> Vector:
    """Return what was paid at the stamps in (start, end], fraction of notional; nan where less than 98 % of the hours are covered.

    Parameters
    ----------
    start, end : ms, same shape.

    **Source**: definition; a position entered at a stamp does not pay at it.
    """
    import numpy as np

    low, high = np.asarray(start, dtype=np.int64), np.asarray(end, dtype=np.int64)
    first, last = (np.searchsorted(paid.slots, edge, side="right") for edge in (low, high))
    covered = (paid.hours[last] - paid.hours[first]) * MS_PER_HOUR
    return np.where(covered >= COVERED * (high - low), paid.sums[last] - paid.sums[first], np.nan)


def seen_at(paid: Paid, moments: ArrayLike) -> Vector:
    """Return the last rate fixed at or before each moment as an annual rate; nan before the first.

    **Source**: definition.
    """
    import numpy as np

    place = np.searchsorted(paid.slots, np.asarray(moments, dtype=np.int64), side="right") - 1
    return np.where(place >= 0, paid.last_apr[np.maximum(place, 0)], np.nan)


def locked_and_paid(curve: pl.DataFrame, paid: Paid, contract: str = "front") -> pl.DataFrame:
    """Put what a future locked on each trading day beside what the perpetual paid until that future's delivery.

    Parameters
    ----------
    curve : what `carry.curve.curve` gives. paid : the perpetual. contract : "front" or "second".

    Returns
    -------
    frame
        day, entry (ms, moment of the close), delivery (ms), days (between them), locked (future over spot minus 1), received (sum of the
        perpetual's rates), locked_apr, received_apr, seen_apr (the perpetual's last rate at the entry), past_apr (its average over the
        thirty days before), fresh (whether this is the contract's first day in this place); only days with a settlement, a price of spot
        and a covered window.

    **Source**: article F, "locking in the funding rate".
    """
    import numpy as np
    import polars as pl

    held = curve.filter(pl.col("settled") & pl.col("spot").is_not_null() & pl.col("close_at").is_not_null())
    entry = held["close_at"].to_numpy().astype(np.int64)
    delivery = held[f"{contract}_expiry"].to_numpy().astype(np.int64) + DELIVERY_HOUR * MS_PER_HOUR
    days = (delivery - entry) / MS_PER_DAY
    month = PAST_DAYS * MS_PER_DAY
    frame = held.select("day", (pl.col(contract) / pl.col("spot") - 1).alias("locked"), pl.col(f"{contract}_expiry").alias("contract"))
    return (
        frame.with_columns(
            pl.Series("entry", entry),
            pl.Series("delivery", delivery),
            pl.Series("days", days),
            pl.Series("received", over(paid, entry, delivery)),
            pl.Series("seen_apr", seen_at(paid, entry)),
            pl.Series("past_apr", over(paid, entry - month, entry) / PAST_DAYS * 365),
            (pl.col("contract") != pl.col("contract").shift(1)).fill_null(value=False).alias("fresh"),
        )
        .with_columns(
            (pl.col("locked") / pl.col("days") * 365).alias("locked_apr"),
            (pl.col("received") / pl.col("days") * 365).alias("received_apr"),
        )
        .filter(pl.col("received").is_not_nan() & pl.col("seen_apr").is_not_nan() & (pl.col("days") > 0))
        .drop("contract")
    )


@dataclass(frozen=True, slots=True)
class Visible:
    """How much a signal at the entry says about the average to come.

    Parameters
    ----------
    n : entries.
    slope, slope_se : of the average to come on the signal (annual rates; Newey-West with as many lags as windows overlap). r2 : 0 to 1.
    best_error_sd : standard deviation of what the regression leaves, annual.
    high_signal, high_received : means over the entries whose signal is in the top share. high_low, high_high : 5 and 95 % of what they
    received. kept : (high_received - mean received) / (high_signal - mean signal), 1 if the extreme lasted, 0 if it said nothing.
    """

    n: int
    slope: float
    slope_se: float
    r2: float
    best_error_sd: float
    high_signal: float
    high_received: float
    high_low: float
    high_high: float
    kept: float


def visible(entries: ArrayLike, signal: ArrayLike, paid: Paid, horizon_days: float, top: float = 0.01) -> Visible:
    """Measure what a signal at the entry says about the average rate over the days that follow.

    Parameters
    ----------
    entries : (n,) ms, rising, evenly spaced for the errors to be right. signal : (n,) annual rates visible at the entries.
    paid : the history received. horizon_days : > 0. top : share of the entries with the highest signals that counts as extreme.

    Raises
    ------
    NotEnoughData
        When fewer than 30 entries have both a signal and a covered window, or the signal never changes.

    **Source**: article F, "locking in"; Newey-West lags cover the overlap of the windows (Hansen and Hodrick 1980).
    """
    import numpy as np

    from perpscope.analysis.inference.ols import lag_rule, ols

    times = np.asarray(entries, dtype=np.int64)
    length = round(horizon_days * MS_PER_DAY)
    received = over(paid, times, times + length) / (length / MS_PER_HOUR) * HOURS_PER_YEAR
    shown = np.asarray(signal, dtype=np.float64)
    good = np.isfinite(received) & np.isfinite(shown)
    x, y, times = shown[good], received[good], times[good]
    if x.size < 30:  # noqa: PLR2004 - stated in the docstring
        raise NotEnoughData("what a signal says", f"{x.size} entries with a covered window", "Import a longer history.")
    if np.ptp(x) <= VARIES * np.max(np.abs(x)):
        raise NotEnoughData("what a signal says", "it is the same at every entry", "Import a history in which it changes.")
    step = float(np.median(np.diff(times)))
    fit = ols(y, x, ["signal"], lags=min(max(lag_rule(x.size), int(np.ceil(length / step))), x.size - 3))
    high = x >= np.quantile(x, 1 - top)
    distance = float(x[high].mean() - x.mean())
    return Visible(
        n=int(x.size),
        slope=float(fit.coef[1]),
        slope_se=float(fit.se_hac[1]),
        r2=fit.r2,
        best_error_sd=float(np.std(fit.residuals)),
        high_signal=float(x[high].mean()),
        high_received=float(y[high].mean()),
        high_low=float(np.quantile(y[high], SPREAD_QUANTILES[0])),
        high_high=float(np.quantile(y[high], SPREAD_QUANTILES[1])),
        kept=float((y[high].mean() - y.mean()) / distance) if distance > 0 else float("nan"),
    )
