"""How do small multiples stand on a page? A grid of equal panels that share their axes, names above, labels outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from perpscope.reports.figures.axes import plain
from perpscope.reports.theme import Form, role

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL = 118.0
_TITLE = 26.0
_FOOT = 34.0
_LEFT = 50.0


def grid_height(form: Form, panels: int, *, head: float = 0.0, panel: float = PANEL, columns: int = 0) -> float:
    """Pixels a grid of so many panels takes."""
    return -(-panels // _across(form, panels, columns)) * panel + _FOOT + head


def grid(
    figure: Figure, form: Form, names: list[str], *, head: float = 0.0, panel: float = PANEL, columns: int = 0, shared: bool = True
) -> Iterator[Axes]:
    """Yield one empty panel per name, in reading order.

    Parameters
    ----------
    names : titles of the panels.
    head : pixels to leave free above.
    panel : height of one with its title, pixels.
    columns : side by side; 0 leaves it to the form.
    shared : whether all panels have the same axes, so that only the outer ones name them.
    """
    across = _across(form, len(names), columns)
    gap = _TITLE if shared else _TITLE + _FOOT - 8
    down = -(-len(names) // across)
    height = grid_height(form, len(names), head=head, panel=panel, columns=columns)
    for i, name in enumerate(names):
        axes = plain(figure.add_subplot(down, across, i + 1))
        axes.set_title(name, loc="left", fontsize=form.small, color=role("ink"), pad=5)
        yield axes
        if shared:
            axes.tick_params(labelleft=i % across == 0, labelbottom=i + across >= len(names))
    figure.subplots_adjust(
        left=_LEFT / form.width,
        right=1 - 8 / form.width,
        top=1 - (head + 22) / height,
        bottom=_FOOT / height,
        wspace=0.06 if shared else 0.14,
        hspace=gap / (panel - gap),
    )


def _across(form: Form, panels: int, columns: int) -> int:
    return min(columns or form.columns, panels)
