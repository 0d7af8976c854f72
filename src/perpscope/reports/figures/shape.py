"""How often does a contract pay exactly its interest term?

One panel per contract with its cumulative distribution: how many of its fixings were at or below each annual rate.
An atom is a vertical jump; the one at the interest term is drawn strong and named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perpscope.analysis.series import SERIES
from perpscope.reports import words
from perpscope.reports.figures.axes import linear_ticks
from perpscope.reports.figures.canvas import paint
from perpscope.reports.figures.panels import grid, grid_height
from perpscope.reports.figures.picture import Caption, Picture
from perpscope.reports.theme import Form, role
from perpscope.units import HOURS_PER_YEAR

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from perpscope.reports.subject import Subject

MOST = 12
POINTS = 161
_PANEL = 140.0


def shape(subject: Subject) -> Picture | None:
    """Draw the distribution of the contracts with the most fixings, one per venue first; None where there are none."""
    import polars as pl

    order = subject.board.with_columns(pl.col("n").rank("ordinal", descending=True).over("venue", "market_list").alias("turn"))
    shown = order.sort("turn", "n", descending=[False, True]).head(MOST).sort("interest_share", descending=True, nulls_last=True)
    rows = subject.of_contracts(shown)
    low, high = (float(rows["apr"].quantile(q) or 0.0) for q in (0.02, 0.98))
    low, high = min(low, -0.1), max(high, 0.3)
    curves = _curves(rows, low, high)
    alt = f"Cumulative distributions of single fixings of {len(shown)} contracts."

    def painter(figure: Figure, form: Form) -> None:
        for axes, contract in zip(grid(figure, form, shown["label"].to_list(), panel=_PANEL), shown.iter_rows(named=True), strict=True):
            linear_ticks(axes, low, high, most=4 if form.wide else 3)
            axes.set_ylim(0, 1)
            axes.set_yticks([0, 0.5, 1], [words.percent(v, 0) for v in (0, 0.5, 1)])
            _panel(axes, form, subject, contract, curves)

    synthetic = subject.synthetic(rows)
    wide, narrow = paint("shape", painter, lambda form: grid_height(form, len(shown), panel=_PANEL), synthetic=synthetic, alt=alt)
    left_out = len(subject.board) - len(shown)
    notes = (
        "Share of fixings at or below each annual rate (horizontal). The strong upright is the interest term in force last: the share of "
        "fixings that sit on it exactly, by the venue's rule where one is given (in part: for a part of the history, counted alone), else "
        "at the value that repeats most (observed). Axis from the 2nd to the 98th percentile of all."
        + (f" Left out: {words.counted(left_out, 'contract')}; each venue's longest come first." if left_out > 0 else "")
    )
    n, start, end = subject.span(rows)
    caption = Caption(n, start, end, subject.sources_of(rows), notes)
    return Picture("shape", "How often does a contract pay exactly its interest term?", caption, wide, narrow, alt, synthetic)


def _curves(rows: pl.DataFrame, low: float, high: float) -> pl.DataFrame:
    """Return the share of each contract's fixings at or below each of a row of annual rates."""
    import polars as pl

    step = (high - low) / (POINTS - 1)
    bins = ((pl.col("apr") - low) / step - 1e-9).ceil().clip(0, POINTS).cast(pl.Int64).alias("bin")
    counts = rows.group_by(*SERIES, bins).agg(pl.len())
    every = rows.select(SERIES).unique().join(pl.DataFrame({"bin": range(POINTS + 1)}, schema={"bin": pl.Int64}), how="cross")
    full = every.join(counts, on=[*SERIES, "bin"], how="left").with_columns(pl.col("len").fill_null(0)).sort(*SERIES, "bin")
    part = pl.col("len").cum_sum().over(SERIES) / pl.col("len").sum().over(SERIES)
    return full.select(*SERIES, part.alias("share"), (pl.col("bin") * step + low).alias("apr")).filter(pl.col("apr") <= high + step / 2)


def _panel(axes: Axes, form: Form, subject: Subject, contract: dict[str, Any], curves: pl.DataFrame) -> None:
    import polars as pl

    curve = curves.filter([pl.col(name) == contract[name] for name in SERIES])
    colour = subject.palette.colour(str(contract["venue"]))
    axes.axvline(0, color=role("muted"), linewidth=0.8)
    axes.step(curve["apr"].to_list(), curve["share"].to_list(), where="post", color=colour, linewidth=1.3)
    told = _atom(contract)
    if told is None:
        axes.text(0.97, 0.08, "no atom", transform=axes.transAxes, ha="right", fontsize=10.5, color=role("muted"))
        return
    at, part, basis = told
    below = curve.filter(pl.col("apr") < at - 1e-9)["share"]
    foot = min(float(below[-1]) if len(below) else 0.0, 1 - part)
    axes.plot([at, at], [foot, foot + part], color=role("accent"), linewidth=3.2, solid_capstyle="butt")
    axes.annotate(
        f"{words.share(part)} at {words.percent(at)}{basis}" if form.wide else words.share(part),
        (at, foot + part / 2),
        xytext=(6, -4),
        textcoords="offset points",
        fontsize=10.5,
        color=role("accent"),
    )


def _atom(contract: dict[str, Any]) -> tuple[float, float, str] | None:
    """Annual rate of the interest term, its share of all fixings drawn, and what that rests on; None where there is none."""
    if contract["interest_from"] is None or contract["interest_rate"] is None:
        return None
    part = contract["interest_n"] < contract["n"]
    basis = ", observed" if contract["interest_from"] != "rule" else ", in part" if part else ""
    return contract["interest_rate"] / contract["interval_hours"] * HOURS_PER_YEAR, contract["interest_hits"] / contract["n"], basis
