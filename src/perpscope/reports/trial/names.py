"""Where does the name of a reference line stand so that it covers no data and no other name?

Each name tries the ends and the middle of its line, above and below, and takes the place where it covers least; a veil
of the page's own colour behind it keeps it readable where nothing is free.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from perpscope.reports.theme import role

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from perpscope.claims.model import Figure
    from perpscope.reports.theme import Form
    from perpscope.reports.trial.wording import Wording

_EM, _LATIN = 1.0, 0.56
_STEPS = 24
"""Places tried along a piece of a line, so that long straight pieces count as drawn."""
_ACROSS = 9
"""Places tried across a bar, or the group of bars it stands in."""
_GAP = 3.0
"""Pixels between a line and its name."""
_PLACES = ((1.0, "right"), (0.0, "left"), (0.5, "center"), (0.75, "center"), (0.25, "center"))
_COVERS_A_NAME = 1e6


class Box(NamedTuple):
    """A rectangle in pixels."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Box) -> bool:
        """Whether two rectangles overlap."""
        return self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top


def ems(text: str) -> float:
    """Width of a text in ems: wide characters of East Asian scripts count whole."""
    return sum(_EM if ord(letter) > 0x2E80 else _LATIN for letter in max(text.split("\n"), key=len))  # noqa: PLR2004 - where these scripts begin


def name_lines(axes: Axes, figure: Figure, form: Form, say: Wording, *, lying: bool) -> None:
    """Write the names of a figure's reference lines, once its axes have their limits and its canvas its margins."""
    style: dict[str, Any] = {"fontsize": form.small, "color": role("accent")}
    if lying:
        for value, label in figure.lines:
            axes.text(value, 1.0, say.of(label), transform=axes.get_xaxis_transform(), va="bottom", ha="center", **style)
        return
    drawn = _drawn(axes, figure)
    banded = any(series.kind == "band" for series in figure.series)
    taken: list[Box] = []
    for value, label in figure.lines:
        name = say.of(label)
        box, where, side = min(_boxes(axes, value, name, form), key=lambda each: _cost(each[0], drawn, taken))
        taken.append(box)
        axes.annotate(
            name, (where, value), xycoords=axes.get_yaxis_transform(), xytext=(0, _GAP if side == "bottom" else -_GAP),
            textcoords="offset points", va=side, ha=dict(_PLACES)[where],
            bbox=None if banded else {"facecolor": role("paper"), "edgecolor": "none", "alpha": 0.75, "pad": 0.6}, **style,
        )  # fmt: skip


def _boxes(axes: Axes, value: float, name: str, form: Form) -> Iterator[tuple[Box, float, str]]:
    """Places a name can take beside its line, the usual one first."""
    plot = axes.get_window_extent()
    at = float(axes.transData.transform((axes.get_xlim()[0], value))[1])
    wide, high = ems(name) * form.small, form.small * 1.25
    for side in ("bottom", "top"):
        low = at + _GAP if side == "bottom" else at - _GAP - high
        for where, align in _PLACES:
            left = plot.x0 + where * plot.width - wide * {"right": 1.0, "left": 0.0, "center": 0.5}[align]
            yield Box(left, low, left + wide, low + high), where, side


def _cost(box: Box, drawn: NDArray[np.float64], taken: list[Box]) -> float:
    covered = (drawn[:, 0] > box.left) & (drawn[:, 0] < box.right) & (drawn[:, 1] > box.bottom) & (drawn[:, 1] < box.top)
    return float(covered.sum()) + _COVERS_A_NAME * sum(box.meets(other) for other in taken)


def _drawn(axes: Axes, figure: Figure) -> NDArray[np.float64]:
    """Places of ink in pixels: points, pieces between them, whiskers, bodies of bars and reference lines; (n, 2)."""
    import numpy as np

    ends = axes.get_xlim()
    lines = [
        np.column_stack([np.linspace(*ends, _STEPS * len(_PLACES)), np.full(_STEPS * len(_PLACES), value)]) for value, _ in figure.lines
    ]
    kept = [np.empty((0, 2)), *lines]
    for series in figure.series:
        x, y = np.asarray(series.x, float), np.asarray(series.y, float)
        if series.kind == "bars":
            step = float(np.diff(x).min(initial=np.inf))
            across = np.linspace(-0.4, 0.4, _ACROSS) * (step if np.isfinite(step) else 1.0)
            pieces = [(x + off, np.zeros_like(x), x + off, y) for off in across]
        elif series.kind == "points":
            pieces = [(x, y, x, y)]
        else:
            pieces = [(x[:-1], y[:-1], x[1:], y[1:])]
        if series.low:
            pieces.append((x, np.asarray(series.low, float), x, np.asarray(series.high, float)))
        for x0, y0, x1, y1 in pieces:
            part = np.linspace(0.0, 1.0, _STEPS)[:, None]
            at = np.stack([(x0 + (x1 - x0) * part).ravel(), (y0 + (y1 - y0) * part).ravel()], axis=1)
            kept.append(at[np.isfinite(at).all(axis=1)])
    return np.asarray(axes.transData.transform(np.concatenate(kept)))
