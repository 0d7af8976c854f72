"""Which one convention and which one horizon turn all printed profits of a trade into the yields printed beside them?

Every way of compounding is tried on every capital the text names. A reading fits where one horizon gives every yield to its last printed
digit. Simple, daily and continuous yields depend on capital x days alone, so that twice the capital over half the days fits as well; only a
yield compounded once a horizon tells the two apart. How long that horizon's interval is, and how far each profit could be off
without losing it, says how unique the finding is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perpscope.analysis.printed.yields import HOWS, How, Printed, annual, earned, horizons, shared_horizon
from perpscope.errors import InputError

_DUST = 1e-9
"""Days by which a whole number may lie outside an interval and still be its end."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A profit and the yield printed for it.

    Parameters
    ----------
    profit : money, > 0. yearly : a fraction a year. unit : of the yield's last printed digit.
    """

    profit: float
    yearly: float
    unit: float

    def on(self, capital: float) -> Printed:
        """Return it as a gain on a capital."""
        return Printed(self.profit / capital, self.yearly, self.unit)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way of compounding on one capital.

    Parameters
    ----------
    how, capital : the way, and the capital's name. each : figure -> shortest and longest horizon (days) that gives its printed yield.
    shared : the horizons all figures share; None where there is none. apart : days between the figures that are furthest apart; below 0
        where they overlap.
    """

    how: How
    capital: str
    each: Mapping[str, tuple[float, float]]
    shared: tuple[float, float] | None
    apart: float


def readings(figures: Mapping[str, Figure], capitals: Mapping[str, float]) -> tuple[Reading, ...]:
    """Try every way of compounding on every capital.

    Parameters
    ----------
    figures : by name, at least two: one alone fits anything. capitals : money by name.

    **Source**: `analysis.printed.yields`, for all figures at once.

    Examples
    --------
    >>> figures = {"one": Figure(50.0, 0.375, 0.001), "other": Figure(40.0, 0.292, 0.001)}
    >>> [(r.how, r.capital) for r in readings(figures, {"margin": 1000.0, "position": 2000.0}) if r.shared]
    [('compound', 'margin')]
    """
    if len(figures) < 2:  # noqa: PLR2004 - two can disagree
        raise InputError(
            "a convention behind printed yields", f"{len(figures)} figures", "Give two at least: one alone fits every convention."
        )
    found = []
    for how in HOWS:
        for name, capital in capitals.items():
            printed = {key: figure.on(capital) for key, figure in figures.items()}
            each = {key: horizons(one, how) for key, one in printed.items()}
            apart = max(low for low, _ in each.values()) - min(high for _, high in each.values())
            found.append(Reading(how, name, each, shared_horizon(list(printed.values()), how), apart))
    return tuple(found)


def fitting(tried: Sequence[Reading]) -> Reading | None:
    """Return the one reading that fits; None where none does, or several.

    **Source**: definition.
    """
    fits = [reading for reading in tried if reading.shared is not None]
    return fits[0] if len(fits) == 1 else None


def whole_days(span: tuple[float, float]) -> tuple[int, ...]:
    """Return the whole numbers of days in an interval, its ends included.

    **Source**: definition.

    Examples
    --------
    >>> whole_days((55.9, 57.0)), whole_days((55.9, 55.95))
    ((56, 57), ())
    """
    return tuple(range(math.ceil(span[0] - _DUST), math.floor(span[1] + _DUST) + 1))


def days_of(span: tuple[float, float]) -> float:
    """Return the horizon to name: the only whole number of days in the interval, else its middle.

    **Source**: definition.
    """
    whole = whole_days(span)
    return float(whole[0]) if len(whole) == 1 else (span[0] + span[1]) / 2


def slack(figures: Mapping[str, Figure], capital: float, how: How) -> dict[str, tuple[float, float] | None]:
    """Return between which amounts each profit could lie, the others as printed, so that all would still share a horizon.

    **Source**: `earned` at the ends of the horizons that the others share; None where they share none.

    Examples
    --------
    >>> figures = {"one": Figure(50.0, 0.375, 0.001), "other": Figure(40.0, 0.292, 0.001)}
    >>> tuple(round(x, 2) for x in slack(figures, 1000.0, "compound")["other"])
    (39.92, 40.14)
    """
    found: dict[str, tuple[float, float] | None] = {}
    for name, figure in figures.items():
        others = [other.on(capital) for key, other in figures.items() if key != name]
        span = shared_horizon(others, how)
        half = figure.unit / 2
        ends = None if span is None else (earned(figure.yearly - half, span[0], how), earned(figure.yearly + half, span[1], how))
        found[name] = None if ends is None else (ends[0] * capital, ends[1] * capital)
    return found


def misses(figures: Mapping[str, Figure], capital: float, how: How, days: float) -> dict[str, tuple[float, float]]:
    """Return each figure's yield over a horizon, and by how many units of its last printed digit it is off.

    **Source**: `annual`.
    """
    again = {name: annual(figure.profit / capital, days, how) for name, figure in figures.items()}
    return {name: (value, (value - figures[name].yearly) / figures[name].unit) for name, value in again.items()}
