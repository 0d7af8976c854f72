"""How is the figure of a claim drawn?

From the data alone, in one style: quiet axes, series told apart by colour and by dash or marker, for wide and narrow
pages. The key stands beside the drawing as text, so that any script can be set by the page's own fonts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.claims.model import Axis, Figure, Series
from perpscope.reports.figures.axes import margins, nice_step, plain, time_ticks
from perpscope.reports.figures.canvas import paint
from perpscope.reports.theme import MARKERS, SERIES_COLOURS, Form, role
from perpscope.reports.trial.names import ems, name_lines
from perpscope.reports.trial.numbers import tick
from perpscope.reports.trial.wording import Wording

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

PAGE = Form("wide", 820, 12.5, 11.5, 4)
"""Narrower than other pages: it has to be read on paper too."""
DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 2)),
    (0, (1.2, 1.4)),
    (0, (7, 2, 1.5, 2)),
    (0, (3, 1)),
    (0, (9, 3)),
    (0, (1, 3)),
    (0, (5, 1, 1, 1, 1, 1)),
)
_HEIGHT = {"wide": 300.0, "narrow": 250.0}
_LINE = 24.0
_MOST_UPRIGHT = 7
_LONGEST_UPRIGHT = 11.0
_OUTLINES = {
    "o": "M9 6a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "s": "M9.4 2.4h7.2v7.2h-7.2z",
    "^": "M13 1.5l4.6 8.5h-9.2z",
    "D": "M13 1.2l4.8 4.8l-4.8 4.8l-4.8-4.8z",
    "v": "M13 10.5l4.6-8.5h-9.2z",
    "P": "M11.5 2h3v2.5h2.5v3h-2.5v2.5h-3v-2.5h-2.5v-3h2.5z",
    "X": "M9.5 4.2l1.7-1.7l1.8 1.8l1.8-1.8l1.7 1.7l-1.8 1.8l1.8 1.8l-1.7 1.7l-1.8-1.8l-1.8 1.8l-1.7-1.7l1.8-1.8z",
    "p": "M13 1.6l4.4 3.2l-1.7 5.2h-5.4l-1.7-5.2z",
}
"""Outlines of the markers in a key of 26 by 12."""
_MARKED_POINTS = 80
_BESIDE = 70.0
"""Pixels of a form that its plot does not take."""
_NAMES = 0.38
"""Largest part of a form's width for names beside lying bars."""


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the key beside a drawing: name, role of its colour, how it is drawn, number of its dash, outline of its marker."""

    label: str
    colour: str
    kind: str
    place: int
    outline: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One figure, drawn: two SVG texts and its key."""

    wide: str
    narrow: str
    keys: tuple[Key, ...]


def draw(figure: Figure, key: str, say: Wording, *, synthetic: bool) -> Drawing:
    """Draw a figure in the language of `say`.

    Parameters
    ----------
    figure : the data. key : prefix of ids, unique on the page. synthetic : whether it shows generated data.
    """
    bars = max(1, sum(s.kind == "bars" for s in figure.series)) ** 0.5

    def height(form: Form) -> float:
        lines = [name.count("\n") + 1 for name in _names(figure, form, say)]
        return max(170.0, _LINE * sum(max(bars, 0.8 * n) for n in lines) + 70) if _lying(figure, form, say) else _HEIGHT[form.name]

    def painter(canvas: Canvas, form: Form) -> None:
        lying = _lying(figure, form, say)
        axes = canvas.add_subplot()
        _paint(axes, figure, form, lying=lying)
        _ticks(axes, figure, form, say, lying=lying)
        _place(canvas, axes, figure, form, say, height(form), lying=lying)
        name_lines(axes, figure, form, say, lying=lying)

    wide, narrow = paint(key, painter, height, synthetic=synthetic, alt=say.of(figure.title), wide=PAGE)
    keys = tuple(
        Key(say.of(s.label), f"c{_colour(s, i)}", s.kind, _style(figure, i), _OUTLINES[MARKERS[_style(figure, i) % len(MARKERS)]])
        for i, s in enumerate(figure.series)
        if s.label.en
    )
    return Drawing(wide, narrow, keys)


def _lying(figure: Figure, form: Form, say: Wording) -> bool:
    """Whether categories stand one below the other, as many or long ones must."""
    if figure.x.kind != "category" or not figure.categories:
        return False
    names = [say.of(name) for name in figure.categories]
    longest = max(map(ems, names))
    each = (form.width - _BESIDE) / len(names)
    return len(names) > _MOST_UPRIGHT or longest > _LONGEST_UPRIGHT or longest * form.small > each


def _names(figure: Figure, form: Form, say: Wording) -> list[str]:
    """Names of the categories, cut to lines that leave the plot more than half of the width where they lie."""
    names = [say.of(name) for name in figure.categories]
    most = form.width * _NAMES / form.small
    return [_cut(name, most) for name in names] if _lying(figure, form, say) else names


def _cut(name: str, most: float) -> str:
    """Break a name into lines of about one length, none above `most` ems: at spaces, or between wide characters."""
    even = ems(name) / math.ceil(ems(name) / most) if ems(name) > most else most
    lines = [""]
    for word in re.findall(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+|\s+", name):
        if lines[-1].strip() and ems(lines[-1] + word.rstrip()) > min(most, even + 1):
            lines.append("")
        lines[-1] += word if lines[-1] or not word.isspace() else ""
    return "\n".join(line.strip() for line in lines)


def _style(figure: Figure, place: int) -> int:
    """Give the number of a series' dash or marker: that of its colour, and the next one where the colour comes again."""
    colour = _colour(figure.series[place], place)
    return colour + sum(_colour(other, k) == colour for k, other in enumerate(figure.series[:place]))


def _paint(axes: Axes, figure: Figure, form: Form, *, lying: bool) -> None:
    plain(axes, grid="x" if lying else "y")
    bars = [i for i, s in enumerate(figure.series) if s.kind == "bars"]
    for place, series in enumerate(figure.series):
        colour = role(f"c{_colour(series, place)}")
        if series.kind == "bars":
            _bars(axes, figure, series, colour, (bars.index(place), len(bars)), lying=lying)
        elif series.kind == "band":
            fill = axes.fill_betweenx if lying else axes.fill_between
            fill(list(series.x), list(series.low), list(series.high), color=colour, alpha=0.22, linewidth=0)
        else:
            _marks(axes, series, colour, _style(figure, place), form, lying=lying)
    for value, _ in figure.lines:
        (axes.axvline if lying else axes.axhline)(value, color=role("accent"), linewidth=1, linestyle=(0, (4, 3)))


def _bars(axes: Axes, figure: Figure, series: Series, colour: str, turn: tuple[int, int], *, lying: bool) -> None:
    """Draw bars; those of several series stand beside one another."""
    place, count = turn
    step = 1.0 if figure.x.kind == "category" else min((b - a for a, b in zip(series.x, series.x[1:], strict=False)), default=1.0)
    width = 0.8 * step / count
    at = [x + (place - (count - 1) / 2) * width for x in series.x]
    errors = None
    if series.low:
        errors = [
            [max(0.0, y - low) for y, low in zip(series.y, series.low, strict=True)],
            [max(0.0, high - y) for y, high in zip(series.y, series.high, strict=True)],
        ]
    style: dict[str, Any] = {"color": colour, "ecolor": role("ink"), "capsize": 2.5, "error_kw": {"linewidth": 1}}
    if lying:
        axes.barh(at, list(series.y), height=width, xerr=errors, **style)
    else:
        axes.bar(at, list(series.y), width=width, yerr=errors, **style)


def _marks(axes: Axes, series: Series, colour: str, place: int, form: Form, *, lying: bool) -> None:
    x, y = (list(series.y), list(series.x)) if lying else (list(series.x), list(series.y))
    many = len(x) > _MARKED_POINTS
    if series.kind == "points":
        marker = MARKERS[place % len(MARKERS)]
        axes.plot(
            x, y, linestyle="", marker=marker, markersize=2.2 if many else 5, color=colour, alpha=0.5 if many else 1, markeredgewidth=0,
            clip_on=False,
        )  # fmt: skip
    else:
        style = "steps-post" if series.kind == "steps" else "default"
        dash, width = DASHES[place % len(DASHES)], 1.4 if form.wide else 1.2
        axes.plot(x, y, color=colour, linestyle=dash, linewidth=width, drawstyle=style, clip_on=False)
    for low, high, at in zip(series.low, series.high, series.x, strict=False):
        ends, same = [low, high], [at, at]
        axes.plot(ends if lying else same, same if lying else ends, color=colour, linewidth=1.2)


def _ticks(axes: Axes, figure: Figure, form: Form, say: Wording, *, lying: bool) -> None:
    names = _names(figure, form, say)
    if figure.x.kind == "category":
        places = list(range(len(names)))
        if lying:
            axes.set_yticks(places, names)
            axes.set_ylim(len(names) - 0.5, -0.5)
        else:
            axes.set_xticks(places, names)
            axes.set_xlim(-0.5, len(names) - 0.5)
    else:
        _number_ticks(axes, figure.x, "x", 8 if form.wide else 4, list(_values(figure, "x")), say.language)
    _number_ticks(axes, figure.y, "x" if lying else "y", 6, list(_values(figure, "y")), say.language)


def _number_ticks(axes: Axes, axis: Axis, side: str, most: int, values: list[float], language: str) -> None:
    if not values:
        return
    low, high = min(values), max(values)
    if axis.kind == "time":
        places, labels = time_ticks(int(low), int(high), most, language)
        axes.set_xlim(low, high if high > low else low + 1)
        axes.set_xticks(places, labels)
        return
    if axis.log and low > 0:
        getattr(axes, f"set_{side}scale")("log")
        marks = [10.0**k for k in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
        getattr(axes, f"set_{side}ticks")(marks, [_tick(v, axis) for v in marks], minor=False)
        axes.minorticks_off()
        return
    span = (high - low) or abs(high) or 1.0
    low, high = low - 0.05 * span * (low != 0), high + 0.07 * span * (high != 0)
    step, marks = _marks_between(low, high, most, 1e6 if span >= 1e6 else 1.0)  # noqa: PLR2004 - steps start at a millionth
    getattr(axes, f"set_{side}lim")(low, high)
    getattr(axes, f"set_{side}ticks")(marks, [_tick(v, axis, step) for v in marks])


def _marks_between(low: float, high: float, most: int, unit: float) -> tuple[float, list[float]]:
    """Round places between two ends, at least three of them, and their distance."""
    for parts in range(most, 4 * most):
        step = nice_step((high - low) / unit, parts) * unit
        first = math.ceil(low / step - 1e-9)
        marks = [(first + i) * step for i in range(int((high - first * step) / step + 1e-9) + 1)]
        if len(marks) >= 3:  # noqa: PLR2004 - two do not show a scale
            break
    return step, marks


def _tick(value: float, axis: Axis, step: float = 0.0) -> str:
    scale = {"percent": 100.0, "bp": 10_000.0}.get(axis.kind, 1.0)
    shown = (step or abs(value) or 1.0) * scale
    digits = max(0, -math.floor(math.log10(shown) + 1e-9))
    if digits and round(shown * 10**digits, 6) % 1:
        digits += 1
    return tick(value if abs(value) > abs(step) * 1e-6 else 0.0, axis.kind, digits)


def _values(figure: Figure, side: str) -> Iterator[float]:
    for series in figure.series:
        yield from (v for v in (series.x if side == "x" else series.y) if math.isfinite(v))
        if side == "y":
            yield from (v for v in (*series.low, *series.high) if math.isfinite(v))
            if series.kind == "bars":
                yield 0.0
    if side == "y":
        yield from (value for value, _ in figure.lines)


def _place(canvas: Canvas, axes: Axes, figure: Figure, form: Form, say: Wording, height: float, *, lying: bool) -> None:
    """Leave room for the longest tick and name the axes."""
    upright = axes.get_yticklabels()
    room = min(max((ems(label.get_text()) for label in upright), default=2.0) * form.small + 14, form.width * 0.42)
    across, up = (figure.y, figure.x) if lying else (figure.x, figure.y)
    named = bool(say.of(across.label))
    margins(canvas, form, height, left=max(room, 38), right=14, top=30, bottom=46 if named else 28)
    if named:
        axes.set_xlabel(say.of(across.label), fontsize=form.small)
    if say.of(up.label) and not lying:
        axes.set_title(
            say.of(up.label), loc="left", fontsize=form.small, color=role("muted"), pad=8, x=-(room - 6) / (form.width - room - 14)
        )


def _colour(series: Series, place: int) -> int:
    return series.colour if series.colour is not None else place % SERIES_COLOURS
