"""Who pays most now? One row per coin, one point per contract, at its annual rate over the last 30 days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perpscope.analysis.series import MS_PER_DAY, SERIES
from perpscope.reports import words
from perpscope.reports.figures.axes import LINEAR, compressed, linear_ticks, margins, plain
from perpscope.reports.figures.canvas import paint
from perpscope.reports.figures.legend import legend, legend_height
from perpscope.reports.figures.picture import Caption, Picture
from perpscope.reports.figures.theme import Form, role
from perpscope.units import HOURS_PER_YEAR

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from perpscope.reports.subject import Subject

DAYS = 30
MOST = 24
_ROW = 21.0
_FOOT = 50.0
_STORM = 0.8
"""Annual rate beyond which the axis is compressed."""


def today(subject: Subject) -> Picture | None:
    """Draw the annual rate of the last 30 days of every current contract, by coin; None where no window is covered."""
    import polars as pl

    board = subject.board.filter("current", pl.col(f"apr_{DAYS}d").is_not_null())
    if board.is_empty():
        return None
    ranks = board.group_by("coin", maintain_order=True).agg(pl.len(), pl.col(f"apr_{DAYS}d").median().alias("middle"))
    shown = ranks.sort("len", descending=True, maintain_order=True).head(MOST).sort("middle", descending=True)
    dots = board.join(shown.select("coin"), on="coin", how="semi")
    coins: list[str] = shown["coin"].to_list()
    alt = f"Annual rate over {DAYS} days of {len(dots)} contracts on {len(coins)} coins."

    def painter(figure: Figure, form: Form) -> None:
        _draw(figure, form, subject, dots, coins)

    rows = subject.of_contracts(dots)
    synthetic = subject.synthetic(rows)
    wide, narrow = paint("today", painter, lambda form: _height(dots, coins, form), synthetic=synthetic, alt=alt)
    window = rows.filter(pl.col("slot") > pl.col("slot").max().over(SERIES) - DAYS * MS_PER_DAY)
    caption = Caption(*subject.span(window), subject.sources_of(window), _notes(subject, len(ranks) - len(coins)))
    question = f"Who paid most over the last {DAYS} days, and who was paid?"
    return Picture("today", question, caption, wide, narrow, alt, synthetic)


def _notes(subject: Subject, left_out: int) -> str:
    return (
        f"Each point is one contract: what longs paid in the {DAYS} days before its own last stamp, as a simple annual rate on notional. "
        f"The bar joins the contracts of a coin. Contracts whose history ended more than three days before {words.day(subject.end)} "
        "are left out"
        + (f", as {'is' if left_out == 1 else 'are'} {words.counted(left_out, 'coin')} with the fewest contracts." if left_out else ".")
    )


def _height(dots: pl.DataFrame, coins: list[str], form: Form) -> float:
    return len(coins) * _ROW + legend_height(form, dots["venue"].n_unique()) + _FOOT


def _draw(figure: Figure, form: Form, subject: Subject, dots: pl.DataFrame, coins: list[str]) -> None:
    height = _height(dots, coins, form)
    axes = plain(figure.add_subplot(), grid="x")
    margins(figure, form, height, left=82 if form.wide else 68, right=18, top=height - len(coins) * _ROW - _FOOT, bottom=_FOOT)
    places = {coin: len(coins) - 1 - i for i, coin in enumerate(coins)}
    values: list[float] = dots[f"apr_{DAYS}d"].to_list()
    _scale(axes, form, min(0.0, *values), max(0.12, *values))
    axes.set_ylim(-0.6, len(coins) - 0.4)
    axes.set_yticks(list(places.values()), list(places), color=role("ink"))
    axes.axvline(0, color=role("muted"), linewidth=1)
    for coin, rank in places.items():
        own = [v for c, v in zip(dots["coin"], values, strict=True) if c == coin]
        axes.plot([min(own), max(own)], [rank, rank], color=role("wash"), linewidth=7, solid_capstyle="round", zorder=1)
    handles = [_points(axes, subject, dots, venue, places) for venue in dots["venue"].unique(maintain_order=True)]
    legend(figure, form, handles)
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
        own[f"apr_{DAYS}d"].to_list(),
        [places[coin] for coin in own["coin"]],
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
