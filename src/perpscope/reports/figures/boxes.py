"""How are thousands of cells drawn cheaply? As one path per colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.reports.theme import role

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from matplotlib.axes import Axes

Box = tuple[float, float, float, float]


def boxes(axes: Axes, corners: Iterable[Box], colour: str) -> None:
    """Fill boxes (left, bottom, width, height in data units) with the colour of a role; nothing for none."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    points: list[tuple[float, float]] = []
    codes: list[np.uint8] = []
    for x, y, width, height in corners:
        points += [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
        codes += [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    if points:
        axes.add_patch(PathPatch(Path(points, codes), facecolor=role(colour), edgecolor="none"))
