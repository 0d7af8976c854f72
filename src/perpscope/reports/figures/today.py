"""Who pays most now? One point per contract, at its annual rate over the last 30 days, in a row per coin or contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perpscope.analysis.series import SERIES
from perpscope.reports import words
from perpscope.reports.figures.axes import LINEAR, compressed, linear_ticks, margins, plain
from perpscope.reports.figures.canvas import paint
from perpscope.reports.figures.legend import legend, legend_height
from perpscope.reports.figures.picture import Caption, Picture
from perpscope.reports.theme import Form, role
from perpscope.units import HOURS_PER_YEAR, MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from perpscope.reports.subject import Subject

DAYS = 30
APR = f"apr_{DAYS}d"
MOST = 24
_ROW = 21.0
_FOOT = 50.0
_STORM = 0.8
"""Annual rate beyond which the axis is compressed."""


def today(subject: Subject) -> Picture | None:
    """Draw the annual rate of the last 30 days of every current contract; None where no window is covered.

    A row is a contract where they are few, else a coin with its contracts side by side.
    """
    import polars as pl

    board = subject.board.filter("current", pl.col(APR).is_not_null())
    if board.is_empty():
        return None
    single = len(board) <= MOST
    ranks = board.with_columns(pl.col("label" if single else "coin").alias("row")).group_by("row", maintain_order=True)
    order = ranks.agg(pl.len(), pl.col(APR).median().alias("middle")).sort("len", descending=True, maintain_order=True)
    dots = board.with_columns(pl.col("label" if single else "coin").alias("row"))
    dots = dots.join(order.head(MOST), on="row", how="inner").sort("middle", descending=True, maintain_order=True)
    alt = f"Annual rate over {DAYS} days of {len(dots)} contracts on {dots['coin'].n_unique()} coins."

    def painter(figure: Figure, form: Form) -> None:
        _draw(figure, form, subject, dots)

    rows = subject.of_contracts(dots)
    synthetic = subject.synthetic(rows)
    wide, narrow = paint("today", painter, lambda form: _height(dots, form), synthetic=synthetic, alt=alt)
    window = rows.filter(pl.col("slot") > pl.col("slot").max().over(SERIES) - DAYS * MS_PER_DAY)
    caption = Caption(
        *subject.span(window), subject.sources_of(window), _notes(subject, len(order) - dots["row"].n_unique(), single=single)
    )
    question = f"Who paid most over the last {DAYS} days, and who was paid?"
    return Picture("today", question, caption, wide, narrow, alt, synthetic)


def _notes(subject: Subject, left_out: int, *, single: bool) -> str:
    return (
        f"Each point is one contract: what longs paid in the {DAYS} days before its own last stamp, as a simple annual rate on notional. "
        + ("" if single else "The bar joins the contracts of a coin. ")
        + f"Contracts whose history ended more than three days before {words.day(subject.end)} are left out"
        + (f", as {'is' if left_out == 1 else 'are'} {words.counted(left_out, 'coin')} with the fewest contracts." if left_out else ".")
    )


def _height(dots: pl.DataFrame, form: Form) -> float:
    return dots["row"].n_unique() * _ROW + legend_height(form, dots["venue"].n_unique()) + _FOOT


def _draw(figure: Figure, form: Form, subject: Subject, dots: pl.DataFrame) -> None:
    height = _height(dots, form)
    names: list[str] = dots["row"].unique(maintain_order=True).to_list()
    places = {name: len(names) - 1 - i for i, name in enumerate(names)}
    axes = plain(figure.add_subplot(), grid="x")
    left = 12 + max(len(name) for name in names) * (6.9 if form.wide else 6.2)
    margins(figure, form, height, left=max(left, 68), right=18, top=height - len(names) * _ROW - _FOOT, bottom=_FOOT)
    values: list[float] = dots[APR].to_list()
    _scale(axes, form, min(0.0, *values), max(0.12, *values))
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_yticks(list(places.values()), names, color=role("ink"), fontsize=form.small)
    axes.axvline(0, color=role("muted"), linewidth=1)
    for name, rank in places.items():
        own = [value for row, value in zip(dots["row"], values, strict=True) if row == name]
        ends = [min(own), max(own)] if len(own) > 1 else [0.0, own[0]] if len(names) == len(dots) else own * 2
        axes.plot(ends, [rank, rank], color=role("wash"), linewidth=7, solid_capstyle="round", zorder=1)
    legend(figure, form, [_points(axes, subject, dots, venue, places) for venue in dots["venue"].unique().sort()])
    _interest(axes, dots)
    axes.set_xlabel("annual rate: right of zero longs pay, left of it they are paid", fontsize=form.small)


def _scale(axes: Axes, form: Form, low: float, high: float) -> None:
    pad = (high - low) * 0.04
    if max(-low, high) > _STORM:
        compressed(axes, low - pad * LINEAR, high + pad, axis="x", few=not form.wide)
    else:
        linear_ticks(axes, low - pad, high + pad, most=9 if form.wide else 5)


def _interest(axes: Axes, dots: pl.DataFrame) -> None:
    """Rule a line at the interest term most contracts share, if more than half of them do."""
    import polars as pl

    terms = (
        dots.select((pl.col("interest_rate") / pl.col("interval_hours") * HOURS_PER_YEAR).round(6).alias("apr")).to_series().drop_nulls()
    )
    if terms.is_empty():
        return
    common = terms.mode().sort()[0]
    if not common or (terms == common).sum() * 2 < len(dots):
        return
    axes.axvline(common, color=role("muted"), linewidth=0.9, dashes=(3, 3), zorder=0)
    axes.annotate(
        f"interest term {words.percent(common)}",
        (common, 0),
        xycoords=("data", "axes fraction"),
        xytext=(5, 6),
        textcoords="offset points",
        fontsize=10.5,
        color=role("muted"),
    )


def _points(axes: Axes, subject: Subject, dots: pl.DataFrame, venue: str, places: dict[str, int]) -> Any:  # noqa: ANN401 - matplotlib's own
    own = dots.filter(dots["venue"] == venue)
    return axes.scatter(
        own[APR].to_list(),
        [places[name] for name in own["row"]],
        s=46,
        marker=subject.palette.marker(venue),
        color=subject.palette.colour(venue),
        alpha=0.9,
        linewidths=0.8,
        edgecolors=role("paper"),
        label=venue,
        zorder=3,
        clip_on=False,
    )
