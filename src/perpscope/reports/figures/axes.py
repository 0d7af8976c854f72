"""How do the axes of every figure look?

One quiet style: no box, light grid lines behind the data, ticks on whole years, months or days, annual rates in per
cent. A scale that is linear around zero and compressed beyond keeps both ordinary days and storms readable.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from perpscope.market.time import to_ms
from perpscope.reports import words
from perpscope.reports.theme import Form, role
from perpscope.units import MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINEAR = 0.1
"""Annual rate up to which the compressed scale is near linear."""
_APR_TICKS = (-5.0, -2.0, -1.0, -0.5, -0.2, -0.1, 0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_FEW_TICKS = (-5.0, -1.0, -0.2, 0.0, 0.2, 1.0, 5.0)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 48)
_DAY_STEPS = (1, 2, 5, 10, 15)


def plain(axes: Axes, *, grid: str = "y") -> Axes:
    """Take the box away from a plot and leave a light grid behind the data; `grid` is x, y, both or empty."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, axis="y", pad=4)
    axes.tick_params(length=3, axis="x", color=role("rule"))
    for axis in ("x", "y"):
        if grid in {axis, "both"}:
            axes.grid(axis=axis, color=role("rule"), linewidth=0.7)
    axes.set_axisbelow(True)
    axes.patch.set_visible(False)
    return axes


def margins(figure: Figure, form: Form, height: float, *, left: float, right: float = 12, top: float = 22, bottom: float = 26) -> None:
    """Set the outer margins in pixels."""
    figure.subplots_adjust(left=left / form.width, right=1 - right / form.width, top=1 - top / height, bottom=bottom / height)


def time_axis(axes: Axes, start: int, end: int, most: int) -> None:
    """Put at most `most` ticks on whole years, months or days of a time axis in milliseconds, none at its very start."""
    places, labels = time_ticks(start + (end - start) // 40, end, most)
    axes.set_xlim(start, max(end, start + MS_PER_HOUR))
    axes.set_xticks(places, labels)


def time_ticks(start: int, end: int, most: int, language: str = "en") -> tuple[list[int], list[str]]:
    """Places (ms) and labels of at most `most` ticks between two moments; months in English or ("zh") in Chinese."""
    first, last = (datetime.fromtimestamp(ms / 1000, tz=UTC) for ms in (start, end))
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if (end - start) / MS_PER_DAY < 75:  # noqa: PLR2004 - under two and a half months days are named
        return _days(start, end, most, language)
    step = next((s for s in _MONTH_STEPS if months / s <= most), _MONTH_STEPS[-1])
    places, labels = [], []
    for index in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        at = to_ms(f"{index // 12}-{index % 12 + 1:02d}-01T00:00:00Z")
        if index % step == 0 and start <= at <= end:
            places.append(at)
            labels.append(str(index // 12) if step >= 12 else _month(index, language))  # noqa: PLR2004 - whole years
    return places, labels


def _month(index: int, language: str) -> str:
    at = datetime(index // 12, index % 12 + 1, 1, tzinfo=UTC)
    name = f"{at.month} 月" if language == "zh" else f"{at:%b}"
    return f"{name}\n{at:%Y}" if index % 12 == 0 else name


def _days(start: int, end: int, most: int, language: str) -> tuple[list[int], list[str]]:
    step = next((s for s in _DAY_STEPS if (end - start) / MS_PER_DAY / s <= most), 30)
    places = list(range(-(-start // MS_PER_DAY) * MS_PER_DAY, end + 1, step * MS_PER_DAY))
    days = [datetime.fromtimestamp(at / 1000, tz=UTC) for at in places]
    return places, [f"{at.month} 月 {at.day} 日" if language == "zh" else f"{at.day} {at:%b}" for at in days]


def compressed(axes: Axes, low: float, high: float, *, axis: str = "y", few: bool = False) -> None:
    """Give an axis of annual rates the scale that is linear near zero and compressed beyond, ticked in per cent."""
    getattr(axes, f"set_{axis}scale")("asinh", linear_width=LINEAR)
    getattr(axes, f"set_{axis}lim")(low, high)
    inside = [tick for tick in _APR_TICKS if low <= tick <= high]
    if few and len(inside) > len(_FEW_TICKS) - 1:
        inside = [tick for tick in _FEW_TICKS if low <= tick <= high]
    getattr(axes, f"set_{axis}ticks")(inside, [percent_tick(tick) for tick in inside], minor=False)
    axes.minorticks_off()


def percent_tick(apr: float) -> str:
    """Label of an annual rate on an axis."""
    return words.percent(apr, 0)


def nice_step(span: float, most: int) -> float:
    """Smallest of 1, 2, 5 x 10^k that divides `span` into at most `most` parts."""
    step = 1e-6
    factors = (2.0, 2.5, 2.0)
    turn = 0
    while span / step > most:
        step *= factors[turn % 3]
        turn += 1
    return step


def linear_ticks(axes: Axes, low: float, high: float, *, axis: str = "x", most: int = 6) -> None:
    """Give an axis of annual rates round ticks in per cent between two limits."""
    step = nice_step(high - low, most)
    first = -(-low // step)
    ticks = [round((first + i) * step, 9) for i in range(int((high - low) / step) + 2) if (first + i) * step <= high + 1e-12]
    getattr(axes, f"set_{axis}lim")(low, high)
    digits = max(0, -math.floor(math.log10(step * 100) + 1e-9))
    getattr(axes, f"set_{axis}ticks")(ticks, [words.percent(tick, digits) for tick in ticks])
