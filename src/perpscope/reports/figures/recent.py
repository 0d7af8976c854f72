"""What did longs pay over the last year, coin by coin?

One panel per coin; in it the rolling seven-day annual rate of each contract, coloured by venue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.coverage import gaps
from perpscope.analysis.series import SERIES
from perpscope.analysis.smoothing import broken, rolling_apr
from perpscope.reports import words
from perpscope.reports.figures.axes import compressed, time_axis
from perpscope.reports.figures.canvas import paint
from perpscope.reports.figures.history import DAYS, limits
from perpscope.reports.figures.legend import legend, legend_height
from perpscope.reports.figures.panels import grid, grid_height
from perpscope.reports.figures.picture import Caption, Picture
from perpscope.reports.theme import Form, role
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from perpscope.reports.subject import Subject

YEAR = 365
MOST = 12
POINTS = 183
_PANEL = 150.0


def recent(subject: Subject) -> Picture | None:
    """Draw the last year of the coins with most venues; None where nothing is current."""
    import polars as pl

    board = subject.board.filter("current")
    coins: list[str] = board["coin"].unique(maintain_order=True).to_list()
    shown = board.filter(pl.col("coin").is_in(coins[:MOST]))
    start = subject.end - YEAR * MS_PER_DAY
    rows = subject.of_contracts(shown).filter(pl.col("slot") > start - DAYS * MS_PER_DAY)
    if rows.is_empty():
        return None
    step = max(MS_PER_DAY, YEAR * MS_PER_DAY // POINTS)
    lines = broken(rolling_apr(rows, DAYS, step), gaps(rows), step).filter(pl.col("slot") > start)
    venues: list[str] = shown["venue"].unique(maintain_order=True).to_list()
    alt = f"Rolling {DAYS}-day annual rate over a year of {len(shown)} contracts on {len(coins[:MOST])} coins."

    def painter(figure: Figure, form: Form) -> None:
        _draw(figure, form, subject, lines, coins[:MOST], venues)

    synthetic = subject.synthetic(rows)

    def height(form: Form) -> float:
        return grid_height(form, len(coins[:MOST]), head=legend_height(form, len(venues)), panel=_PANEL)

    wide, narrow = paint("recent", painter, height, synthetic=synthetic, alt=alt)
    notes = (
        f"Each line is one contract: what longs paid over the {DAYS} days to each point, as a simple annual rate. Contracts of one venue "
        "share a colour. The scale is linear near zero and compressed beyond ±10 %."
        + (f" Left out: {words.counted(len(coins) - MOST, 'coin')} on fewer venues." if len(coins) > MOST else "")
    )
    n, first, last = subject.span(rows)
    caption = Caption(n, first, last, subject.sources_of(rows), notes)
    return Picture("recent", "What did longs pay over the last year, coin by coin?", caption, wide, narrow, alt, synthetic)


def _draw(figure: Figure, form: Form, subject: Subject, lines: pl.DataFrame, coins: list[str], venues: list[str]) -> None:
    from matplotlib.lines import Line2D

    head = legend_height(form, len(venues))
    low, high = limits(lines["apr"])
    start, end = int(lines["slot"].min()), int(lines["slot"].max())  # type: ignore[arg-type]  # not empty
    for axes, coin in zip(grid(figure, form, coins, head=head, panel=_PANEL), coins, strict=True):
        compressed(axes, low, high, few=True)
        time_axis(axes, start, end, 5 if form.wide else 3)
        _panel(axes, subject, lines.filter(lines["coin"] == coin))
    legend(figure, form, [Line2D([], [], color=subject.palette.colour(venue), linewidth=2.4, label=venue) for venue in venues])


def _panel(axes: Axes, subject: Subject, lines: pl.DataFrame) -> None:
    import polars as pl

    axes.axhline(0, color=role("muted"), linewidth=0.8)
    for (venue, *_), line in lines.group_by(SERIES, maintain_order=True):
        values = line["apr"].cast(pl.Float64).fill_null(float("nan")).to_list()
        axes.plot(line["slot"].to_list(), values, color=subject.palette.colour(str(venue)), linewidth=1.2, alpha=0.9)
