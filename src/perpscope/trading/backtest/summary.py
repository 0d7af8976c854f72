"""What does a result come to: return, risk, and where the money came from?

Returns are simple: the change of equity over a step by the equity at its start, nothing subtracted for money that is free of risk unless it
is given. A year is 365 days. Fractions throughout.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from perpscope.market.time import to_text
from perpscope.trading.backtest.model import WHYS, Result
from perpscope.trading.costs.figure import Figure
from perpscope.units import HOURS_PER_YEAR, MS_PER_DAY, MS_PER_HOUR

CONVENTIONS = {
    "net_return": "last equity / capital put in - 1, after all costs; a fraction",
    "apr": "net_return x 8760 / hours of the window, simple, on the capital put in",
    "sharpe": "sharpe_all_hours",
    "sharpe_all_hours": "mean / deviation (n - 1) of the returns of all steps, less the risk-free rate, x root of the steps a year",
    "sharpe_active_hours": "the same of steps in which a position was held, or at whose end one was opened (He et al. v7, section 4.4)",
    "sharpe_days": "the same of daily returns (UTC), which a sweep ranks by",
    "max_drawdown": "least of equity / highest equity so far - 1, at the points of the curve, at trade prices; <= 0",
    "max_drawdown_days": "the same at the ends of days (UTC), as a sweep has it",
    "liquidation": "the penalty, and what a leg lost beyond its margin, which its venue bears: above 0 where that is more",
    "by_reason": "money of the reporting asset; by_reason_units and by_leg_units add up to equity last_units - first_units, exactly",
}
_SAME = 1e-12
"""Returns whose deviation is smaller than this part of their mean never change: it is rounding."""


def summary(result: Result, *, risk_free: float = 0.0, opportunity: Figure | None = None) -> dict[str, object]:
    """Sum a result up for a reader or for JSON.

    Parameters
    ----------
    risk_free : simple annual rate subtracted from returns for the Sharpe ratios. opportunity : what the capital would have earned
        elsewhere, a fraction a year; it is told beside, as money, and is no part of the result.

    Returns
    -------
    summary
        net_return, apr, sharpe (None where returns do not vary), max_drawdown, by_reason (reason -> money), liquidations, trades; and
        sharpe_all_hours, sharpe_active_hours, sharpe_days, max_drawdown_days, active_hours_1y, by_leg, equity (first, last, lowest,
        asset), start, end, hours, points, notional, opportunity, assumed, unknown, events (count of each kind), by_reason_units,
        by_leg_units (whole units of 10^-places), places, conventions.

    Examples
    --------
    >>> found = summary(Result((0, 3_600_000), (100, 101), {"funding": 1}, 0, "USDT", (False, True)))
    >>> found["net_return"], found["by_reason"]["funding"], found["sharpe"]
    (0.01, 1.0, None)
    """
    hours = (result.at[-1] - result.at[0]) / MS_PER_HOUR
    net = (result.equity[-1] - result.equity[0]) / result.equity[0]
    points = list(zip(result.at, result.equity, strict=True))
    ends = days(points)
    returns, by_day = steps(points, risk_free), steps(ends, risk_free)
    busy = [gain for gain, active in zip(returns, result.active[1:], strict=True) if active]
    share = 0.0 if not returns else len(busy) / len(returns)
    every, active, daily = (sharpe(gains, hours, len(gains)) for gains in (returns, busy, by_day))
    unit = 10**result.places
    reasons = tuple(why for why in WHYS if why != "opportunity" or why in result.by_reason)
    return {
        "net_return": net,
        "apr": net / hours * HOURS_PER_YEAR,
        "sharpe": every,
        "max_drawdown": drawdown(result.equity),
        "by_reason": {why: result.by_reason.get(why, 0) / unit for why in reasons},
        "liquidations": result.liquidations,
        "trades": result.trades,
        "sharpe_all_hours": every,
        "sharpe_active_hours": active,
        "sharpe_days": daily,
        "max_drawdown_days": drawdown([equity for _, equity in ends]),
        "active_hours_1y": share * HOURS_PER_YEAR,
        "by_leg": {name: {why: units / unit for why, units in own.items()} for name, own in result.by_leg.items()},
        "equity": {
            "first": result.equity[0] / unit,
            "last": result.equity[-1] / unit,
            "lowest": min(result.equity) / unit,
            "asset": result.asset,
            "first_units": result.equity[0],
            "last_units": result.equity[-1],
        },
        "start": to_text(result.at[0]),
        "end": to_text(result.at[-1]),
        "hours": hours,
        "points": len(result.at),
        "notional": result.notional,
        "opportunity": None if opportunity is None else _elsewhere(opportunity, result.equity[0] / unit, hours),
        "assumed": list(result.assumed),
        "unknown": dict(result.unknown),
        "events": _counted(result),
        "by_reason_units": {why: result.by_reason.get(why, 0) for why in reasons},
        "by_leg_units": {name: dict(own) for name, own in result.by_leg.items()},
        "places": result.places,
        "conventions": CONVENTIONS,
    }


def steps(points: Iterable[tuple[int, int]], risk_free: float = 0.0) -> list[float]:
    """Return the simple returns between points (ms UTC, equity), in excess of a simple annual rate; 0 from where nothing is left."""
    found = []
    for (a, before), (b, after) in pairwise(points):
        found.append(0.0 if before <= 0 else (after - before) / before - risk_free * (b - a) / MS_PER_HOUR / HOURS_PER_YEAR)
    return found


def days(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the first of the points (ms UTC, equity), and the last of each day (UTC); what is known at midnight ends the day before it.

    Examples
    --------
    >>> [at // 3_600_000 for at, _ in days([(hour * 3_600_000, 100) for hour in (20, 23, 24, 30, 50)])]
    [20, 24, 30, 50]
    """
    ends = [one for one, after in pairwise(points) if (one[0] - 1) // MS_PER_DAY != (after[0] - 1) // MS_PER_DAY]
    return list(dict.fromkeys([points[0], *ends, points[-1]]))


def sharpe(returns: list[float], hours: float, n: int) -> float | None:
    """Mean over deviation, for a year; None for fewer than two returns, or returns that never change.

    Parameters
    ----------
    hours : of the whole window. n : steps of it that count.
    """
    if len(returns) < 2 or hours <= 0:  # noqa: PLR2004 - a deviation needs two
        return None
    mean = math.fsum(returns) / len(returns)
    deviation = math.sqrt(math.fsum((gain - mean) ** 2 for gain in returns) / (len(returns) - 1))
    if deviation <= _SAME * abs(mean) or deviation == 0:
        return None
    return mean / deviation * math.sqrt(n / hours * HOURS_PER_YEAR)


def drawdown(equity: Sequence[int]) -> float:
    """Largest fall of the equity from its highest so far, a fraction <= 0."""
    highest, worst = equity[0], 0.0
    for now in equity:
        highest = max(highest, now)
        worst = min(worst, (now - highest) / highest)
    return worst


def _elsewhere(opportunity: Figure, capital: float, hours: float) -> Mapping[str, object]:
    money = None if opportunity.value is None else capital * float(opportunity.value) * hours / HOURS_PER_YEAR
    return {"money": money, "rate": opportunity.told()}


def _counted(result: Result) -> dict[str, int]:
    found: dict[str, int] = {}
    for event in result.events:
        found[event.what] = found.get(event.what, 0) + 1
    return found
