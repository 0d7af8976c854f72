"""How far apart were the venues on one coin, and when?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.dispersion import GRID_HOURS, aligned, dispersion
from perpscope.reports import words
from perpscope.reports.figures.axes import compressed, time_axis
from perpscope.reports.figures.canvas import paint
from perpscope.reports.figures.panels import grid, grid_height
from perpscope.reports.figures.picture import Caption, Picture
from perpscope.reports.theme import Form, role
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from perpscope.reports.subject import Subject

MOST = 4
POINTS = 260
LEAST_STAMPS = 30
_PANEL = 190.0


def spread(subject: Subject) -> Picture | None:
    """Draw the distance between dearest and cheapest contract through time, for the coins with most venues."""
    import polars as pl

    table = dispersion(aligned(subject.rows))
    order = subject.board["coin"].unique(maintain_order=True).to_list()
    enough = set(table.group_by("coin").agg(pl.len()).filter(pl.col("len") >= LEAST_STAMPS)["coin"])
    coins = [coin for coin in order if coin in enough]
    shown = table.filter(pl.col("coin").is_in(coins[:MOST]))
    if shown.is_empty():
        return None
    alt = f"Distance between the dearest and the cheapest contract of {words.listing(coins[:MOST], MOST)} through time."

    def painter(figure: Figure, form: Form) -> None:
        across = _columns(form)
        parts = [shown.filter(pl.col("coin") == coin) for coin in coins[:MOST]]
        for axes, part in zip(
            grid(figure, form, [_name(p) for p in parts], panel=_PANEL, columns=across, shared=False), parts, strict=True
        ):
            _panel(axes, form, part)

    rows = subject.rows.filter(pl.col("coin").is_in(coins[:MOST]))
    synthetic = subject.synthetic(rows)

    def height(form: Form) -> float:
        return grid_height(form, len(coins[:MOST]), panel=_PANEL, columns=_columns(form))

    wide, narrow = paint("spread", painter, height, synthetic=synthetic, alt=alt)
    notes = (
        f"At 00, 08 and 16 UTC every contract is asked what it paid in the {GRID_HOURS} hours before, as an annual rate. Line: dearest "
        "minus cheapest, averaged over each stretch of time; shade: population standard deviation over the contracts. Only stamps with at "
        "least two venues. The scale is linear near zero and compressed beyond 10 %."
        + (f" Left out: {words.counted(len(coins) - MOST, 'coin')} on fewer venues." if len(coins) > MOST else "")
    )
    caption = Caption(len(shown), int(shown["stamp"].min()), int(shown["stamp"].max()), subject.sources_of(rows), notes, "common stamps")  # type: ignore[arg-type]  # not empty
    return Picture("spread", "How far apart were the venues on one coin?", caption, wide, narrow, alt, synthetic)


def _name(table: pl.DataFrame) -> str:
    least, most = int(table["contracts"].min()), int(table["contracts"].max())  # type: ignore[arg-type]  # not empty
    return f"{table['coin'][0]}, {least if least == most else f'{least} to {most}'} contracts"


def _columns(form: Form) -> int:
    return 2 if form.wide else 1


def _panel(axes: Axes, form: Form, table: pl.DataFrame) -> None:
    import polars as pl

    start, end = int(table["stamp"].min()), int(table["stamp"].max())  # type: ignore[arg-type]  # not empty
    step = max(MS_PER_DAY, (end - start) // POINTS)
    thin = (
        table.group_by((pl.col("stamp") // step * step).alias("at"), maintain_order=True)
        .agg(pl.col("spread_apr", "sd_apr").mean())
        .upsample("at", every=f"{step}i", maintain_order=True)
    )
    at = thin["at"].to_list()
    gap = float("nan")
    line, shade = (thin[name].fill_null(gap).to_list() for name in ("spread_apr", "sd_apr"))
    axes.fill_between(at, 0, shade, color=role("c5"), alpha=0.45, linewidth=0)
    axes.plot(at, line, color=role("c0"), linewidth=1.3)
    compressed(axes, 0, max(float(thin["spread_apr"].max()) * 1.1, 0.2))  # type: ignore[arg-type]  # not empty
    time_axis(axes, start, end, 7 if form.wide else 5)
