"""Which months were dear, and where? A strip per contract, a cell per month, coloured by its annual rate."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from perpscope.analysis.series import SERIES
from perpscope.analysis.smoothing import MONTH_COVERAGE, monthly
from perpscope.reports import words
from perpscope.reports.figures.axes import margins, plain
from perpscope.reports.figures.boxes import Box, boxes
from perpscope.reports.figures.canvas import paint
from perpscope.reports.figures.picture import Caption, Picture
from perpscope.reports.theme import HEAT_EDGES, Form, heat, role

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure

    from perpscope.reports.subject import Subject

MOST = 30
_ROW = 18.0
_FOOT = 26.0
_KEY = 44.0
LEAST_COLUMNS = 24
"""Months the axis has room for at least, so that cells of a short history stay cells."""
_STEPS = (1, 2, 3, 6, 12, 24)


def months(subject: Subject) -> Picture | None:
    """Draw the monthly annual rate of the contracts of the first coins; None where no month is half covered."""
    cells = monthly(subject.rows)
    shown = _whole_coins(subject.board.join(cells.select(SERIES).unique(), on=SERIES, how="semi", maintain_order="left"))
    if shown.is_empty():
        return None
    rows = subject.of_contracts(shown)
    cells = cells.join(shown.select(SERIES), on=SERIES, how="semi")
    first, last = _index(int(cells["month"].min())), _index(int(cells["month"].max()))  # type: ignore[arg-type]  # not empty
    alt = f"Monthly annual rate of {len(shown)} contracts, as coloured cells."

    def painter(figure: Figure, form: Form) -> None:
        _draw(figure, form, shown, cells, (first, last))

    synthetic = subject.synthetic(rows)
    wide, narrow = paint("months", painter, lambda _form: len(shown) * _ROW + _FOOT + _KEY, synthetic=synthetic, alt=alt)
    left_out = len(subject.board) - len(shown)
    notes = (
        "Each cell is one calendar month (UTC) of one contract: what longs paid in it, as a simple annual rate; blank where less than "
        f"{MONTH_COVERAGE:.0%} of the month is held."
        + (f" Left out: {words.counted(left_out, 'contract')} of coins on fewer venues." if left_out else "")
    )
    n, start, end = subject.span(rows)
    caption = Caption(n, start, end, subject.sources_of(rows), notes)
    return Picture("months", "Which months were dear, and where?", caption, wide, narrow, alt, synthetic)


def _whole_coins(board: pl.DataFrame) -> pl.DataFrame:
    """Return the contracts of as many coins as fit; of the first coin as many as fit."""
    import polars as pl

    order = board.select("coin").unique(maintain_order=True).with_row_index("turn")
    counted = order.join(board.group_by("coin").len(), on="coin", maintain_order="left")
    fit = counted.filter((pl.col("len").cum_sum() <= MOST) | (pl.col("turn") == 0))
    return board.join(fit, on="coin", how="inner").sort("turn", "first", "label").head(MOST)


def _index(ms: int) -> int:
    at = datetime.fromtimestamp(ms / 1000, tz=UTC)
    return at.year * 12 + at.month - 1


def _draw(figure: Figure, form: Form, shown: pl.DataFrame, cells: pl.DataFrame, span: tuple[int, int]) -> None:
    first, last = span
    height = len(shown) * _ROW + _FOOT + _KEY
    axes = plain(figure.add_subplot(), grid="")
    margins(figure, form, height, left=172 if form.wide else 128, right=8, top=_KEY, bottom=_FOOT)
    places = {key: len(shown) - 1 - i for i, key in enumerate(shown.select(SERIES).iter_rows())}
    cells_of: dict[str, list[Box]] = {}
    for venue, listed, native, month, apr in cells.select(*SERIES, "month", "apr").iter_rows():
        if (venue, listed, native) in places:
            cells_of.setdefault(heat(apr), []).append((_index(month) - first, places[venue, listed, native], 0.94, 0.9))
    for name, corners in cells_of.items():
        boxes(axes, corners, name)
    turns = shown["turn"].to_list()
    for i in (i for i in range(1, len(turns)) if turns[i] != turns[i - 1]):
        axes.axhline(len(turns) - i - 0.05, color=role("rule"), linewidth=0.8)
    axes.set_xlim(0, max(last - first + 1, LEAST_COLUMNS))
    axes.set_ylim(-0.1, len(shown))
    axes.set_yticks(
        [i + 0.45 for i in places.values()], shown["label"].to_list(), color=role("ink"), fontsize=form.small - (0 if form.wide else 1.5)
    )
    step = next((s for s in _STEPS if (last - first + 1) / s <= (14 if form.wide else 6)), _STEPS[-1])
    ticks = [i for i in range(first, last + 1) if i % step == 0]
    axes.set_xticks([i - first for i in ticks], [_name(i, step) for i in ticks])
    _key(figure, form, height)


def _name(index: int, step: int) -> str:
    at = datetime(index // 12, index % 12 + 1, 1, tzinfo=UTC)
    return f"{at:%Y}" if step >= 12 else f"{at:%b}\n{at:%Y}" if index % 12 == 0 else f"{at:%b}"  # noqa: PLR2004 - whole years


def _key(figure: Figure, form: Form, height: float) -> None:
    from matplotlib.patches import Rectangle

    width = 52 if form.wide else 40
    left = 172 if form.wide else 12
    for i in range(len(HEAT_EDGES) + 1):
        x = (left + i * width) / form.width
        figure.add_artist(Rectangle((x, 1 - 13 / height), (width - 1) / form.width, 12 / height, facecolor=role(f"h{i}"), edgecolor="none"))
    for i, edge in enumerate(HEAT_EDGES):
        x = (left + (i + 1) * width) / form.width
        figure.text(x, 1 - 28 / height, words.percent(edge, 0), ha="center", fontsize=form.small - 1, color=role("muted"))
