"""What did the last 90 days look like, in the space of a word? A line for a table cell, drawn as plain SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.series import SERIES
from perpscope.analysis.smoothing import daily

if TYPE_CHECKING:
    import polars as pl

DAYS = 90
_WIDTH, _HEIGHT, _PAD = 96.0, 22.0, 2.0


def sparks(rows: pl.DataFrame) -> dict[tuple[str, ...], str]:
    """Draw the daily annual rates of each contract over its own last 90 days; each line has its own scale.

    Parameters
    ----------
    rows : what `analysis.series.fixings` gives.
    """
    out: dict[tuple[str, ...], str] = {}
    for who, part in daily(rows, DAYS).group_by(SERIES, maintain_order=True):
        points = list(zip(part["day"].to_list(), part["apr"].to_list(), strict=True))
        if len(points) > 1:
            out[tuple(str(name) for name in who)] = spark(points)
    return out


def spark(points: list[tuple[int, float]]) -> str:
    """Draw (day, annual rate) points as one line over a hairline at zero, a dot at the end; days apart break the line."""
    low = min(0.0, *(apr for _, apr in points))
    high = max(0.0, *(apr for _, apr in points))
    scale = (_HEIGHT - 2 * _PAD) / ((high - low) or 1.0)

    def place(day: int, apr: float) -> str:
        return f"{_PAD + day * (_WIDTH - 2 * _PAD) / (DAYS - 1):.1f} {_HEIGHT - _PAD - (apr - low) * scale:.1f}"

    path, before = "", -2
    for day, apr in points:
        path += ("L" if day == before + 1 else "M") + place(day, apr)
        before = day
    zero = place(0, 0.0).split()[1]
    x, y = place(*points[-1]).split()
    return (
        f'<svg class="spark" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" aria-hidden="true"><path class="zero" d="M0 {zero}H{_WIDTH:g}"/>'
        f'<path d="{path}"/><circle cx="{x}" cy="{y}" r="1.8"/></svg>'
    )
