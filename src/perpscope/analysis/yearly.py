"""What is a profit of some days a year, which profit makes a yearly rate, and how long must it take?

A profit on a capital over some days is one number; its rate a year is another under every way of reinvesting it. All of them stand side
by side, so that nobody has to guess which one is meant.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perpscope.analysis.printed.yields import DAYS, HOWS, How, annual, earned, horizon
from perpscope.errors import InputError

CALLED: dict[How, str] = {"simple": "simple", "compound": "compounded", "daily": "compounded_daily", "continuous": "continuous"}
"""Name of each way for a reader: not reinvested; reinvested once a horizon, every day and all the time."""
PERCENT = 100.0
_LOST = "the capital is lost, and nothing is left to reinvest"
_LOST_DAILY = "a day's even share of the loss is the whole capital, and nothing is left to reinvest"
_BEYOND = "larger than any number that can be held"


@dataclass(frozen=True, slots=True)
class Gain:
    """A profit on a capital over some days, money in one asset.

    Parameters
    ----------
    profit : below 0 is a loss; None where only `fraction` is known. capital : > 0, or None likewise. days : > 0.
    fraction : profit over capital.
    """

    fraction: float
    days: float
    profit: float | None = None
    capital: float | None = None

    def __post_init__(self) -> None:
        """Refuse what has no yearly rate."""
        _above_zero("the days", self.days)
        if self.capital is not None:
            _above_zero("the capital", self.capital)
        if not math.isfinite(self.fraction):
            raise InputError("a gain", f"{self.fraction}", "Give a finite profit.")

    @classmethod
    def of(cls, profit: float, capital: float, days: float) -> Gain:
        """Build it from money.

        Raises
        ------
        InputError
            When the capital or the days are not above 0.
        """
        _above_zero("the capital", capital)
        return cls(profit / capital, days, profit, capital)

    def yields(self) -> tuple[dict[str, float | None], dict[str, str]]:
        """Return its rate a year in every way, fractions, and why a way has none.

        **Source**: `analysis.printed.yields.annual`; a year has 365 days.

        Examples
        --------
        >>> found, _ = Gain.of(52_627.18, 1_000_000, 56).yields()
        >>> {way: round(rate, 4) for way, rate in found.items()}
        {'simple': 0.343, 'compounded': 0.397, 'compounded_daily': 0.409, 'continuous': 0.4092}
        """
        found: dict[str, float | None] = {}
        why: dict[str, str] = {}
        for how in HOWS:
            lost = _LOST if how == "compound" and self.fraction <= -1 else _LOST_DAILY if _lost_a_day(self, how) else ""
            rate = math.nan if lost else annual(self.fraction, self.days, how)
            found[CALLED[how]] = rate if math.isfinite(rate) else None
            if not math.isfinite(rate):
                why[CALLED[how]] = lost or _BEYOND
        return found, why


def _lost_a_day(gain: Gain, how: How) -> bool:
    return how == "daily" and gain.fraction / gain.days <= -1


def _above_zero(what: str, value: float) -> None:
    if not 0 < value < math.inf:
        raise InputError(what, f"{value:g}", "Give a number above 0.")


@dataclass(frozen=True, slots=True)
class Asked:
    """Three of profit, capital, days and rate, of which the fourth is asked.

    Parameters
    ----------
    profit, capital : money. days : of the horizon. rate : a year, a fraction. how : what the rate is.
    """

    profit: float | None = None
    capital: float | None = None
    days: float | None = None
    rate: float | None = None
    how: How = "simple"

    def answer(self) -> tuple[str, Gain]:
        """Return what was asked ("rate", "profit" or "days"), and the whole gain.

        Raises
        ------
        InputError
            When too little or too much is given, or the numbers are none that go together.

        Examples
        --------
        >>> asked, gain = Asked(profit=50.0, capital=1000.0, rate=0.365).answer()
        >>> asked, gain.days
        ('days', 50.0)
        """
        if self.rate is None:
            return "rate", self._rated()
        if self.how != "simple" and self.rate <= -1:
            raise InputError("a yearly yield", f"{self.rate:.6g} loses everything", "Give one above -1, or ask `apr` of a simple rate.")
        if self.profit is None:
            return "profit", self._gained(self.rate)
        return "days", self._waited(self.rate)

    def _rated(self) -> Gain:
        if self.profit is None or self.capital is None or self.days is None:
            there = _listed(profit=self.profit, capital=self.capital, days=self.days)
            raise InputError("a rate a year", there, "Give --profit, --capital and --days, or --rate and two of them.")
        return Gain.of(self.profit, self.capital, self.days)

    def _gained(self, rate: float) -> Gain:
        if self.days is None:
            raise InputError("a profit", "no days", "Give --days with --rate, and --capital for the money.")
        _above_zero("the days", self.days)
        fraction = earned(rate, self.days, self.how)
        profit = None if self.capital is None else fraction * self.capital
        return Gain(fraction, self.days, profit, self.capital)

    def _waited(self, rate: float) -> Gain:
        if self.days is not None or self.capital is None or self.profit is None:
            there = _listed(profit=self.profit, capital=self.capital, days=self.days, rate=rate)
            raise InputError("the days of a profit", there, "Give --profit, --capital and --rate; leave out what is asked.")
        _above_zero("the capital", self.capital)
        fraction = self.profit / self.capital
        if fraction <= -1 or fraction * rate <= 0:
            there = f"a gain of {fraction:.6g} and a rate of {rate:.6g} a year"
            raise InputError("the days of a profit", there, "Give both above 0, or both below it and less than everything.")
        return Gain(fraction, horizon(fraction, rate, self.how), self.profit, self.capital)


def _listed(**given: float | None) -> str:
    return f"given: {', '.join(f'{name} {value:g}' for name, value in given.items() if value is not None) or 'nothing'}"


def yearly(asked: Asked) -> dict[str, object]:
    """Answer for a reader: what was asked, profit, capital, days, gain, every rate a year, and why one is not there.

    Raises
    ------
    InputError
        As `Asked.answer`; and where a compounded rate is asked of a loss of everything.

    Examples
    --------
    >>> yearly(Asked(10.0, 1000.0, 73.0))["apr"]
    0.05
    """
    what, gain = asked.answer()
    if asked.how != "simple" and gain.fraction <= -1:
        there = f"a gain of {gain.fraction:.6g} loses everything"
        raise InputError("a compounded yield", there, "Give a loss smaller than the capital, or ask `apr` for the simple rate.")
    rates, why = gain.yields()
    if "compounded" in why:
        why = {"apy": why["compounded"], **why}
    return {
        "asked": what,
        "profit": gain.profit,
        "capital": gain.capital,
        "days": gain.days,
        "gain": gain.fraction,
        "apr": rates["simple"],
        "apy": rates["compounded"],
        **rates,
        "conventions": _told(gain.days),
        "why_null": why | ({} if gain.capital is not None else dict.fromkeys(("profit", "capital"), "no capital is given")),
    }


def _told(days: float) -> dict[str, str]:
    return {
        "simple": f"gain x {DAYS:g} / days: nothing is reinvested",
        "compounded": f"(1 + gain)^({DAYS:g} / days) - 1: reinvested once a horizon of {days:g} days",
        "compounded_daily": f"(1 + gain / days)^{DAYS:g} - 1: an even share reinvested every day",
        "continuous": f"exp(gain x {DAYS:g} / days) - 1: reinvested all the time",
    }


def ways(found: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return what `yearly` told as rows, one a way of reinvesting: way, a year (per cent), how, and why there is none."""
    return [
        {"way": way, "% a year": None if found[way] is None else round(PERCENT * found[way], 6), "how": found["why_null"].get(way) or told}
        for way, told in found["conventions"].items()
    ]


def headline(found: Mapping[str, Any]) -> str:
    """Return what `yearly` told of the gain itself in one line."""
    money = "" if found["profit"] is None else f"{found['profit']:,.2f} on {found['capital']:,.2f}, "
    return f"{money}a gain of {found['gain']:.6%} in {found['days']:.10g} days"
