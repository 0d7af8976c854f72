"""What did longs pay on one coin, venue by venue, over all of history?

One small panel per contract: its rolling seven-day annual rate as a line, the lowest and highest single fixing of
each stretch as a band behind it, and a rule at the interest term. The panels share both axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.coverage import gaps
from perpscope.analysis.series import SERIES
from perpscope.analysis.smoothing import broken, envelope, rolling_apr
from perpscope.reports import words
from perpscope.reports.figures.axes import compressed, time_axis
from perpscope.reports.figures.canvas import paint
from perpscope.reports.figures.panels import grid, grid_height
from perpscope.reports.figures.picture import Caption, Picture
from perpscope.reports.theme import Form, role
from perpscope.units import HOURS_PER_YEAR, MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from perpscope.reports.subject import Subject

DAYS = 7
MOST = 16
LEAST_DAYS = 30
POINTS = 220


def history(subject: Subject, coin: str) -> Picture | None:
    """Draw the history of every contract of a coin (the sixteen longest); None where there is none of 30 days."""
    import polars as pl

    length = pl.col("last") - pl.col("first")
    contracts = subject.board.filter(pl.col("coin") == coin)
    shown = contracts.filter(length >= LEAST_DAYS * MS_PER_DAY).sort(length, descending=True).head(MOST).sort("first", "label")
    if shown.is_empty():
        return None
    rows = subject.of_contracts(shown)
    n, start, end = subject.span(rows)
    step = max(MS_PER_HOUR, (end - start) // POINTS)
    holes = gaps(rows)
    lines, bands = (broken(table, holes, step) for table in (rolling_apr(rows, DAYS, step), envelope(rows, step)))
    alt = f"{len(shown)} small panels: rolling {DAYS}-day annual rate of {coin} by contract."

    def painter(figure: Figure, form: Form) -> None:
        _draw(figure, form, subject, shown, lines, bands)

    synthetic = subject.synthetic(rows)
    key = f"history-{words.slug(coin)}"
    wide, narrow = paint(key, painter, lambda form: grid_height(form, len(shown)), synthetic=synthetic, alt=alt)
    caption = Caption(n, start, end, subject.sources_of(rows), _notes(step, len(contracts) - len(shown)))
    return Picture(key, f"What did longs pay on {coin}, venue by venue?", caption, wide, narrow, alt, synthetic)


def _notes(step: int, left_out: int) -> str:
    return (
        f"Line: what longs paid over the {DAYS} days to each point, as a simple annual rate; broken where less than 90 % of them is held. "
        f"Band: lowest and highest single fixing in each {words.duration(step / MS_PER_HOUR)}, cut at the frame. Dashed: the interest "
        "term. The scale is linear near zero and compressed beyond ±10 %."
        + (f" Left out: {left_out} of less than {LEAST_DAYS} days or beyond the {MOST} longest." if left_out else "")
    )


def _draw(figure: Figure, form: Form, subject: Subject, shown: pl.DataFrame, lines: pl.DataFrame, bands: pl.DataFrame) -> None:
    low, high = limits(lines["apr"])
    start, end = int(bands["slot"].min()), int(bands["slot"].max())  # type: ignore[arg-type]  # not empty
    for axes, contract in zip(grid(figure, form, shown["label"].to_list()), shown.iter_rows(named=True), strict=True):
        compressed(axes, low, high, few=True)
        time_axis(axes, start, end, 6 if form.wide else 3)
        _panel(axes, subject, contract, lines, bands)


def _panel(axes: Axes, subject: Subject, contract: dict[str, object], lines: pl.DataFrame, bands: pl.DataFrame) -> None:
    import polars as pl

    own = [pl.col(name) == contract[name] for name in SERIES]
    line, band = lines.filter(own), bands.filter(own)
    colour = subject.palette.colour(str(contract["venue"]))
    axes.axhline(0, color=role("muted"), linewidth=0.8)
    interest, hours = contract["interest_rate"], contract["interval_hours"]
    if isinstance(interest, float) and isinstance(hours, float) and interest:
        axes.axhline(interest / hours * HOURS_PER_YEAR, color=role("muted"), linewidth=0.8, dashes=(3, 3))
    low, high, apr = (part.cast(pl.Float64).fill_null(float("nan")).to_list() for part in (band["low_apr"], band["high_apr"], line["apr"]))
    axes.fill_between(band["slot"].to_list(), low, high, color=colour, alpha=0.25, linewidth=0)
    axes.plot(line["slot"].to_list(), apr, color=colour, linewidth=1.3)


def limits(aprs: pl.Series) -> tuple[float, float]:
    """Limits of the axis: nearly all of the lines, so that one storm does not flatten ten years."""
    known = aprs.drop_nulls()
    low, high = (float(known.quantile(q) or 0.0) if len(known) else 0.0 for q in (0.002, 0.998))
    return min(low * 1.3, -0.05), max(high * 1.3, 0.2)
