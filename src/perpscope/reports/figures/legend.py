"""Where do the keys of a figure stand? In rows above the plot, as wide as the page allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perpscope.reports.theme import Form, role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

_LINE = 19.0
_WIDE_COLUMNS = 8
_NARROW_COLUMNS = 3


def legend_height(form: Form, entries: int) -> float:
    """Pixels a legend of so many entries takes."""
    return -(-entries // _columns(form)) * _LINE + 8


def legend(figure: Figure, form: Form, handles: Sequence[Any]) -> None:
    """Put the key above the plot, entries in reading order."""
    columns = _columns(form)
    rows = -(-len(handles) // columns)
    order = [handles[row * columns + column] for column in range(columns) for row in range(rows) if row * columns + column < len(handles)]
    figure.legend(
        handles=order,
        loc="upper left",
        ncols=min(columns, len(handles)),
        frameon=False,
        fontsize=form.small,
        labelcolor=role("ink"),
        handletextpad=0.3,
        handlelength=1.4,
        columnspacing=1.4,
        labelspacing=0.35,
        bbox_to_anchor=(0, 1),
        borderaxespad=0,
    )


def _columns(form: Form) -> int:
    return _WIDE_COLUMNS if form.wide else _NARROW_COLUMNS
