"""What did contracts pay on average, and by how much does one differ from the others?

One definition everywhere: sum(rates) / sum(interval hours) x 8760, over the stamps of one window that all contracts
compared have lived through. A mean of annual rates would weigh an hour like eight; this one does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from perpscope.analysis.atoms import interest_share, limit_hits
from perpscope.analysis.series import SERIES
from perpscope.errors import InputError, NotEnoughData
from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR, apr_of_total

if TYPE_CHECKING:
    import polars as pl

Period = Literal["all", "year", "month"]
_TRUNCATE: Mapping[Period, str] = {"year": "1y", "month": "1mo"}
PERCENTILES = (5, 25, 50, 75, 95)
MEAN_OF_OTHERS = "mean_of_others"


def average_apr(rows: pl.DataFrame) -> float:
    """Return the average annual rate of fixings: sum(funding_rate) / sum(interval_hours) x 8760, a simple fraction a year.

    Parameters
    ----------
    rows : fixings of one contract; needs funding_rate (fraction per interval) and interval_hours.

    Raises
    ------
    NotEnoughData
        When there is no row.

    Examples
    --------
    >>> import polars as pl
    >>> average_apr(pl.DataFrame({"funding_rate": [0.0001, 0.0001], "interval_hours": [8.0, 8.0]}))
    0.1095

    **Source**: shared data description, "Annualise as sum(rate) / sum(interval_hours) x 8760".
    """
    if rows.is_empty():
        raise NotEnoughData("an average rate", "no fixing in the window", "Import the contract's history, or widen the window.")
    return apr_of_total(float(rows["funding_rate"].sum()), float(rows["interval_hours"].sum()))


def within(rows: pl.DataFrame, start: int | None, end: int | None) -> pl.DataFrame:
    """Return the rows with start <= slot < end (ms; None leaves a side open).

    **Source**: the house's windows, first included, second not.
    """
    import polars as pl

    slot = pl.col("slot")
    low = pl.lit(value=True) if start is None else slot >= start
    high = pl.lit(value=True) if end is None else slot < end
    return rows.filter(low & high)


def common_window(histories: Mapping[str, pl.DataFrame], start: int | None = None, end: int | None = None) -> tuple[int, int]:
    """Return the window [start, end) (ms) that all histories have lived through, inside the one asked for.

    It begins with the latest of the first stamps (itself inside) and ends where the first history to stop would have
    fixed again, so that stamps of different phase (00/08/16 and 04/12/20 UTC) lose nothing at the end.

    Raises
    ------
    NotEnoughData
        When the histories share no time.

    **Source**: definition of the averages compared: "over the window common to the venues compared".
    """
    asked = f"a window common to {', '.join(histories)}"
    empty = [name for name, rows in histories.items() if rows.is_empty()]
    if empty or not histories:
        raise NotEnoughData(asked, f"no fixing of {', '.join(empty) or 'anything'}", "Import the missing history.")
    low = max(rows["slot"].item(0) for rows in histories.values())
    high = min(rows["slot"].item(-1) + round(rows["interval_hours"].item(-1) * MS_PER_HOUR) for rows in histories.values())
    low, high = (low if start is None else max(low, start)), (high if end is None else min(high, end))
    if low >= high:
        raise NotEnoughData(asked, "their histories do not meet in it", "Import more of one of them, or widen the window.")
    return low, high


def gap_readings(one: float, others: Mapping[str, float]) -> dict[str, float]:
    """Return how far one average lies above each of the others and above their mean (fractions a year).

    Parameters
    ----------
    one : average of the contract in question. others : averages it is compared with, by name.

    Returns
    -------
    dict
        One difference per name, and "mean_of_others".

    Examples
    --------
    >>> gap_readings(0.25, {"a": 0.125, "b": 0.0})
    {'a': 0.125, 'b': 0.25, 'mean_of_others': 0.1875}

    **Source**: article F, figure 2 ("higher than either by 10 %").
    """
    if not others:
        raise InputError("a gap", "nothing to compare with", "Give the average of at least one other contract.")
    gaps = {name: one - value for name, value in others.items()}
    return gaps | {MEAN_OF_OTHERS: one - sum(others.values()) / len(others)}


def distribution(termed: pl.DataFrame, by: Period = "all") -> pl.DataFrame:
    """Describe what each contract paid, in all or by calendar year or month (UTC).

    A fixing belongs to the period its interval began in, so the one stamped 00:00 on 1 January closes the year before.

    Parameters
    ----------
    termed : what `terms.with_terms` gives: fixings with the interest term and the limits of the rule in force.
    by : how time is cut.

    Returns
    -------
    frame
        venue, market_list, native_id, symbol, coin, period (ms of its first instant; null for all), n, first, last (ms),
        apr (see `average_apr`), sd (of single fixings, fraction a year), p05 to p95 (fraction a year), negative_share,
        zero_share, and interest_* and cap_* of `atoms.interest_share` and `atoms.limit_hits`; sorted.

    **Source**: article F, figures 2 and 3; article A on how often a rate sits at its interest term.
    """
    import polars as pl

    if by == "all":
        return _described(termed).with_columns(pl.lit(None, dtype=pl.Int64).alias("period"))
    begins = pl.from_epoch(pl.col("slot") - (pl.col("interval_hours") * MS_PER_HOUR).round().cast(pl.Int64), time_unit="ms")
    cut = termed.with_columns(begins.dt.truncate(_TRUNCATE[by]).dt.epoch("ms").alias("period"))
    parts = [
        _described(part.drop("period")).with_columns(pl.lit(key[0], dtype=pl.Int64).alias("period")) for key, part in cut.group_by("period")
    ]
    if not parts:
        return _described(termed).with_columns(pl.lit(None, dtype=pl.Int64).alias("period"))
    return pl.concat(parts, how="vertical_relaxed").sort(*SERIES, "period")


def percentiles(number: pl.Expr) -> list[pl.Expr]:
    """Percentiles of a number by linear interpolation, p05 to p95.

    **Source**: the straight line between neighbouring order statistics, as numpy's `quantile` draws it.
    """
    return [number.quantile(p / 100, interpolation="linear").alias(f"p{p:02d}") for p in PERCENTILES]


def _described(termed: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    rate, apr = pl.col("funding_rate"), pl.col("apr")
    out = termed.group_by(SERIES, maintain_order=True).agg(
        pl.col("symbol", "coin").last(),
        pl.len().cast(pl.Int64).alias("n"),
        pl.col("slot").first().alias("first"),
        pl.col("slot").last().alias("last"),
        (rate.sum() / pl.col("interval_hours").sum() * HOURS_PER_YEAR).alias("average"),
        apr.std().alias("sd"),
        *percentiles(apr),
        (rate < 0).mean().alias("negative_share"),
        (rate == 0).mean().alias("zero_share"),
    )
    out = out.rename({"average": "apr"})
    for part in (interest_share(termed), limit_hits(termed)):
        out = out.join(part, on=SERIES, how="left", maintain_order="left")
    return out.sort(SERIES)
