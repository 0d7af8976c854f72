"""How is the cost of leverage told, so that nobody confuses notional with equity or simple with compounded?"""

from __future__ import annotations

from dataclasses import asdict

from perpscope.errors import InputError
from perpscope.market.number import to_exact, to_float
from perpscope.trading.leverage import HoldingCost
from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR


def cost_answer(cost: HoldingCost, hours: float | None, notional: float | None, fees: float = 0.0) -> dict[str, object]:
    """Tell a cost as named fields; above 0 is paid, below 0 received.

    Parameters
    ----------
    cost : at a leverage. hours : time held, or None. notional : value of the position in money, or None.
    fees : of both ends together, a fraction of notional, counted in the break-even only.

    Returns
    -------
    {leverage, side, rate, interval_hours, on_notional, on_equity (each per_interval, per_day, per_year, per_year_compounded),
    break_even_move (per_interval, per_day, per_year), convention, holding (hours, intervals, payments_least, payments_most,
    on_notional, on_equity, total, break_even_move) or null}.

    Raises
    ------
    InputError
        When the notional is not positive.
    """
    if notional is not None and not notional > 0:
        raise InputError("a notional", f"{notional:g}", "Give the value of the position, a positive number.")
    spans = {"per_interval": cost.rate.per, "per_day": HOURS_PER_DAY, "per_year": HOURS_PER_YEAR}
    return {
        "leverage": cost.leverage,
        "side": cost.side,
        "rate": cost.rate.value,
        "interval_hours": cost.rate.per,
        "on_notional": asdict(cost.on_notional),
        "on_equity": asdict(cost.on_equity),
        "break_even_move": {name: cost.break_even(span, fees) for name, span in spans.items()},
        "convention": "simple, 365 days a year; above 0 is paid; per_year_compounded is the APY",
        "holding": None if hours is None else _holding(cost, hours, notional, fees),
    }


def _holding(cost: HoldingCost, hours: float, notional: float | None, fees: float) -> dict[str, object]:
    least, most = cost.stamps(hours)
    share = cost.over(hours)
    return {
        "hours": hours,
        "intervals": hours / cost.rate.per,
        "payments_least": least,
        "payments_most": most,
        "on_notional": share,
        "on_equity": _times(share, cost.leverage),
        "total": None if notional is None else _times(share, notional),
        "break_even_move": cost.break_even(hours, fees),
    }


def _times(one: float, other: float) -> float:
    """Multiply decimals, rounded once."""
    return to_float(to_exact(one) * to_exact(other))
