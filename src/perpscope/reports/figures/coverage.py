"""What of each history is held, and where are the holes?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.coverage import gaps, runs
from perpscope.analysis.series import SERIES
from perpscope.reports import words
from perpscope.reports.figures.axes import margins, plain, time_axis
from perpscope.reports.figures.boxes import Box, boxes
from perpscope.reports.figures.canvas import paint
from perpscope.reports.figures.legend import legend, legend_height
from perpscope.reports.figures.picture import Caption, Picture
from perpscope.reports.theme import Form, role

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from matplotlib.figure import Figure

    from perpscope.reports.subject import Subject

MOST = 36
_ROW = 15.0
_FOOT = 28.0
_COLOURS = ("c0", "c2", "c4", "c1", "c3", "c6")


def coverage(subject: Subject) -> Picture:
    """Draw what is held of the contracts with gaps first, then of the longest; bars by interval, gaps as marks."""
    import polars as pl

    stretches, holes = runs(subject.rows), gaps(subject.rows)
    lost = holes.group_by(SERIES).agg(pl.len().alias("gaps"), pl.col("missing_hours").sum())
    ranked = subject.board.join(lost, on=SERIES, how="left", maintain_order="left")
    ranked = ranked.sort(pl.col("gaps").fill_null(0) > 0, pl.col("last") - pl.col("first"), descending=True).head(MOST)
    shown = ranked.sort("first", "label")
    rows = subject.of_contracts(shown)
    alt = f"Bars of what is held of {len(shown)} contracts through time, with {words.counted(len(holes), 'gap')}."
    hours: list[float] = stretches["interval_hours"].unique().sort().to_list()[: len(_COLOURS)]

    def painter(figure: Figure, form: Form) -> None:
        _draw(figure, form, shown, stretches, holes, hours)

    def height(form: Form) -> float:
        return len(shown) * _ROW + _FOOT + legend_height(form, len(hours) + 1)

    synthetic = subject.synthetic(rows)
    wide, narrow = paint("coverage", painter, height, synthetic=synthetic, alt=alt)
    notes = _notes(holes, len(subject.board) - len(shown))
    n, start, end = subject.span(rows)
    caption = Caption(n, start, end, subject.sources_of(rows), notes)
    return Picture("coverage", "What is held of each history, and where are the holes?", caption, wide, narrow, alt, synthetic)


def _notes(holes: pl.DataFrame, left_out: int) -> str:
    told = "Bars: what is held, by funding interval. "
    if len(holes):
        hours = words.count(round(float(holes["missing_hours"].sum())))
        told += (
            f"Marks: {words.counted(len(holes), 'gap')} inside histories, of half an interval or more ({hours} hours in all); a mark is at "
            "least two pixels wide, so short gaps look longer. "
        )
    else:
        told += "No history has a gap of half an interval or more. "
    return told + (f"Left out: {words.counted(left_out, 'contract')}, those without gaps first." if left_out > 0 else "")


def _draw(figure: Figure, form: Form, shown: pl.DataFrame, stretches: pl.DataFrame, holes: pl.DataFrame, hours: list[float]) -> None:
    from matplotlib.patches import Patch

    head = legend_height(form, len(hours) + 1)
    height = len(shown) * _ROW + _FOOT + head
    axes = plain(figure.add_subplot(), grid="x")
    margins(figure, form, height, left=172 if form.wide else 128, right=10, top=head, bottom=_FOOT)
    start, end = int(shown["first"].min()), int(shown["last"].max())  # type: ignore[arg-type]  # not empty
    time_axis(axes, start, end, 11 if form.wide else 5)
    places = {key: len(shown) - 1 - i for i, key in enumerate(shown.select(SERIES).iter_rows())}
    for i, length in enumerate(hours):
        boxes(axes, _bars(stretches.filter(stretches["interval_hours"] == length), places, high=0.56), _COLOURS[i])
    boxes(axes, _bars(holes, places, high=0.84, least=(end - start) / form.width * 2), "accent")
    axes.set_ylim(-0.7, len(shown) - 0.3)
    axes.set_yticks(list(places.values()), shown["label"].to_list(), color=role("ink"), fontsize=form.small - (0 if form.wide else 1.5))
    keys = [Patch(facecolor=role(_COLOURS[i]), label=f"every {length:g} h") for i, length in enumerate(hours)]
    legend(figure, form, [*keys, Patch(facecolor=role("accent"), label="gap")])


def _bars(stretches: pl.DataFrame, places: dict[tuple[str, ...], int], *, high: float, least: float = 0.0) -> Iterator[Box]:
    """Yield a box per stretch, centred on its row, at least so wide."""
    for *who, start, end in stretches.select(*SERIES, "start", "end").iter_rows():
        if tuple(who) in places:
            width = max(end - start, least)
            yield (start + end - width) / 2, places[tuple(who)] - high / 2, width, high
