"""How near is the computed rate to the published one? Every residual of one audit against its tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.reports import words
from perpscope.reports.figures.axes import linear_ticks, plain, time_axis
from perpscope.reports.figures.canvas import paint
from perpscope.reports.figures.picture import Caption, Picture
from perpscope.reports.subject import label
from perpscope.reports.theme import Form, role

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from perpscope.reports.inputs import Audit

POINTS = 260
CLOUD = 500
FLOOR = 1e-3
"""Residuals below this part of the tolerance (exact zeros too) are drawn at it."""


def residuals(audit: Audit, source: str, *, synthetic: bool = False) -> Picture | None:
    """Draw published against computed rates, and the size of each residual through time; None without residuals."""
    import polars as pl

    if audit.residuals is None or audit.residuals.is_empty():
        return None
    table = audit.residuals.select(
        pl.col("slot").dt.epoch("ms"),
        "published",
        "computed",
        "tolerance",
        (pl.col("published") - pl.col("computed")).abs().alias("error"),
    ).sort("slot")
    name = label(audit.venue, audit.market_list, audit.symbol)
    key = f"residuals-{words.slug(name)}"
    alt = f"Published against computed rates of {name} and their residuals through time."

    def painter(figure: Figure, form: Form) -> None:
        _draw(figure, form, table)

    wide, narrow = paint(key, painter, _height, synthetic=synthetic, alt=alt)
    over = words.count(len(table.filter(pl.col("error") > pl.col("tolerance"))))
    notes = (
        f"First: {words.count(min(CLOUD, len(table)))} of the pairs, evenly spaced by rate; on the diagonal both agree. Second: the "
        "largest and the median residual of each stretch of time on a logarithmic scale; all below a thousandth of the tolerance lie at "
        f"the foot. Dashed: the tolerance of the audit; {over} of {words.count(len(table))} residuals are above it."
    )
    caption = Caption(len(table), int(table["slot"].min()), int(table["slot"].max()), source, notes, "recomputed fixings")  # type: ignore[arg-type]  # not empty
    return Picture(key, f"How near is the computed rate of {name} to the published one?", caption, wide, narrow, alt, synthetic)


def _height(form: Form) -> float:
    return 290 if form.wide else 580


def _draw(figure: Figure, form: Form, table: pl.DataFrame) -> None:
    height = _height(form)
    if form.wide:
        left, right = figure.subplots(1, 2, width_ratios=[1, 2.1])
        figure.subplots_adjust(left=70 / form.width, right=1 - 12 / form.width, top=1 - 24 / height, bottom=46 / height, wspace=0.16)
    else:
        left, right = figure.subplots(2, 1)
        figure.subplots_adjust(left=66 / form.width, right=1 - 12 / form.width, top=1 - 24 / height, bottom=34 / height, hspace=0.32)
    _cloud(plain(left, grid="both"), form, table)
    _through_time(plain(right), form, table)


def _cloud(axes: Axes, form: Form, table: pl.DataFrame) -> None:
    ordered = table.sort("published")
    pick = (
        sorted({round(i * (len(ordered) - 1) / (CLOUD - 1)) for i in range(CLOUD)}) if len(ordered) > CLOUD else list(range(len(ordered)))
    )
    thin = ordered[pick]
    published, computed = thin["published"].to_list(), thin["computed"].to_list()
    low, high = min(published + computed), max(published + computed)
    pad = (high - low) * 0.05 or 1e-9
    axes.plot([low, high], [low, high], color=role("muted"), linewidth=0.8, zorder=1)
    axes.scatter(published, computed, s=9, color=role("c0"), alpha=0.55, linewidths=0, zorder=2)
    for axis in ("x", "y"):
        linear_ticks(axes, low - pad, high + pad, axis=axis, most=4)
    axes.set_title("computed (up) against published (right)", loc="left", fontsize=form.small, color=role("ink"), pad=7)


def _through_time(axes: Axes, form: Form, table: pl.DataFrame) -> None:
    import polars as pl

    start, end = int(table["slot"].min()), int(table["slot"].max())  # type: ignore[arg-type]  # not empty
    step = max(1, (end - start) // POINTS)
    tolerance = float(table["tolerance"].max())  # type: ignore[arg-type]  # not empty
    floor = float(table["tolerance"].min()) * FLOOR  # type: ignore[arg-type]  # not empty
    thin = (
        table.with_columns(pl.col("error").clip(lower_bound=floor))
        .group_by((pl.col("slot") // step * step).alias("at"), maintain_order=True)
        .agg(pl.col("error").max().alias("most"), pl.col("error").median().alias("middle"), pl.col("tolerance").min())
    )
    axes.set_yscale("log")
    axes.scatter(thin["at"].to_list(), thin["most"].to_list(), s=10, color=role("c0"), alpha=0.9, linewidths=0, label="largest")
    axes.scatter(thin["at"].to_list(), thin["middle"].to_list(), s=8, color=role("c4"), alpha=0.9, linewidths=0, label="median")
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=2,
        frameon=False,
        borderaxespad=0.1,
        handletextpad=0,
        columnspacing=1,
        labelcolor=role("ink"),
        fontsize=form.small,
    )
    axes.plot(thin["at"].to_list(), thin["tolerance"].to_list(), color=role("accent"), linewidth=1.2, dashes=(4, 3))
    axes.text(0.995, tolerance * 1.3, "tolerance", transform=axes.get_yaxis_transform(), ha="right", fontsize=10.5, color=role("accent"))
    axes.set_ylim(floor / 2, max(float(thin["most"].max()), tolerance) * 6)  # type: ignore[arg-type]  # not empty
    axes.minorticks_off()
    time_axis(axes, start, end, 9 if form.wide else 4)
    axes.set_title("size of the residual, per interval", loc="left", fontsize=form.small, color=role("ink"), pad=7)
