"""Why this size, why not that trade, and what would more of a limit earn? A plan as plain values, for readers and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perpscope.trading.allocation.candidate import Candidate
from perpscope.trading.allocation.plan import Plan
from perpscope.trading.allocation.program import DAYS_PER_YEAR, yearly_cost
from perpscope.trading.allocation.sizing import hidden_cost
from perpscope.trading.costs.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

BINDS = 1e-6
"""A limit binds where it is used up but for this part."""
PER = 100_000
"""Notional by which what is left out is told."""


def explained(found: Plan) -> dict[str, Any]:
    """Write a plan as plain values.

    Returns
    -------
    dict
        trades: of each trade taken name, kind, coin, legs, notional, capital, expected (money over the time held), by_reason, apr_notional,
        apr_capital, bound_by, explained. limits: limit, what, used, most, binds, earns_more (money that one more unit of it earns).
        left_out: name, why, net_at_zero (money per unit of notional before limits), takes (limit -> money its use of it would earn
        elsewhere, per unit of notional). totals; assumed; refused and dropped with reasons.
    """
    limits = _limits(found)
    taken = [place for place, size in enumerate(found.solution.notional.tolist()) if size > 0]
    trades = [_trade(found, place, limits) for place in taken]
    return {
        "trades": sorted(trades, key=lambda one: -one["expected"]),
        "totals": _totals(found, trades),
        "limits": limits,
        "left_out": [_left_out(found, place) for place in range(len(found.candidates)) if place not in taken],
        "refused": [{"name": name, "why": why} for name, why in found.refused.items()],
        "assumed": _assumed(found),
    }


def _limits(found: Plan) -> list[dict[str, Any]]:
    import numpy as np

    used = found.program.uses @ found.solution.notional
    rows = []
    for row, amount, price in zip(found.program.rows, used.tolist(), found.solution.prices.tolist(), strict=True):
        binds = amount >= row.most * (1 - BINDS)
        rows.append(
            {"limit": row.name, "what": row.what, "used": amount, "most": row.most, "binds": binds, "earns_more": price if binds else 0.0}
        )
    if found.limits.sd is not None and found.program.factor is not None:
        most = found.limits.sd * found.limits.capital
        binds = found.solution.sd >= most * (1 - BINDS)
        price = found.solution.sd_price if binds else 0.0
        rows.append({"limit": "sd", "what": "sd", "used": found.solution.sd, "most": most, "binds": binds, "earns_more": price})
    return sorted(rows, key=lambda row: (not row["binds"], -float(np.nan_to_num(row["earns_more"]))))


def _by_reason(one: Candidate, size: float, years: float) -> dict[str, float]:
    """Money expected over the time held, by reason; parts of the cost at this very size, not on the hull."""
    found = {reason: rate * years * size for reason, rate in one.carry.items()}
    for part, figure in one.charge(size).items():
        _add(found, part, figure, -size)
    for part, figure in one.held.items():
        _add(found, part, figure, -size * years)
    _add(found, "opportunity", one.opportunity, -size * years * one.capital)
    return found


def _add(found: dict[str, float], part: str, figure: Figure, factor: float) -> None:
    reason = part.partition(" ")[0]
    if figure.value is not None:
        found[reason] = found.get(reason, 0.0) + float(figure.value) * factor


def _trade(found: Plan, place: int, limits: list[dict[str, Any]]) -> dict[str, Any]:
    one, size = found.candidates[place], float(found.solution.notional[place])
    years = found.aim.days / DAYS_PER_YEAR
    by_reason = _by_reason(one, size, years)
    expected = sum(by_reason.values())
    capital = one.capital * size
    bound = _bound_by(found, place, {row["limit"] for row in limits if row["binds"]})
    return {
        "name": one.name,
        "kind": one.kind,
        "coin": one.coin,
        "legs": [
            {
                "venue": leg.venue,
                "symbol": leg.what,
                "side": leg.side,
                "notional": leg.ratio * size,
                "margin": leg.margin * size,
                "leverage": leg.ratio / leg.margin,
            }
            for leg in one.legs
        ],
        "notional": size,
        "capital": capital,
        "expected": expected,
        "by_reason": by_reason,
        "apr_notional": expected / size / years,
        "apr_capital": expected / capital / years,
        "bound_by": bound,
        "explained": _sentence(found, one, size, by_reason, bound),
    }


def _bound_by(found: Plan, place: int, binding: set[str]) -> list[str]:
    """Limits that keep a trade from being larger."""
    bound = [row.name for row in found.program.rows if row.name in binding and row.uses[place] > 0]
    size, cost = float(found.solution.notional[place]), found.costs[place]
    if size >= cost.top * (1 - BINDS):
        bound.append(f"capacity{f' ({cost.ends})' if cost.ends else ''}")
    if "sd" in binding:
        bound.append("sd")
    return bound


def _sentence(found: Plan, one: Candidate, size: float, by_reason: Mapping[str, float], bound: list[str]) -> str:
    legs = ", ".join(leg.called for leg in one.legs)
    money = ", ".join(f"{reason} {amount:+,.0f}" for reason, amount in by_reason.items() if amount)
    whole = sum(by_reason.values())
    ends = f"no larger because of {', '.join(bound)}" if bound else "no larger because the next unit costs or risks more than it earns"
    return f"{legs}: {size:,.0f} for {found.aim.days:g} days, expected {whole:+,.0f} ({money}); {ends}"


def _left_out(found: Plan, place: int) -> dict[str, Any]:
    one, cost = found.candidates[place], found.costs[place]
    years = found.aim.days / DAYS_PER_YEAR
    carried = (one.gross - yearly_cost(one)) * years
    entered = cost.slopes[0] if cost.slopes else carried
    net = carried - entered
    takes = {
        row.name: price * row.uses[place]
        for row, price in zip(found.program.rows, found.solution.prices.tolist(), strict=True)
        if price * row.uses[place] > max(abs(net), 1e-12) * BINDS
    }
    risk = float(found.solution.marginal_risk[place])
    if risk > max(abs(net), 1e-12) * BINDS:
        takes["risk"] = risk
    return {"name": one.name, "why": _why(found, one, carried, entered, takes), "net_at_zero": net, "takes": takes}


def _why(found: Plan, one: Candidate, carried: float, entered: float, takes: Mapping[str, float]) -> str:
    dropped = found.dropped.get(one.name)
    if dropped is not None:
        return f"its best size, {dropped:,.0f}, is below the smallest asked for, {found.limits.least:,.0f}"
    net, per = carried - entered, f"per {PER:,} of notional over {found.aim.days:g} days"
    if net <= 0:
        return f"does not pay: receives {carried * PER:+,.2f} after holding costs and costs {entered * PER:,.2f} to enter and leave, {per}"
    elsewhere = ", ".join(f"{name} {amount * PER:,.2f}" for name, amount in sorted(takes.items(), key=lambda item: -item[1]))
    if not elsewhere:
        return f"earns {net * PER:,.2f} {per}, too little to tell from nothing"
    return f"would earn {net * PER:,.2f} {per}, but what it takes is worth {sum(takes.values()) * PER:,.2f} elsewhere ({elsewhere})"


def _totals(found: Plan, trades: list[dict[str, Any]]) -> dict[str, Any]:
    by_reason: dict[str, float] = {}
    for trade in trades:
        for reason, amount in trade["by_reason"].items():
            by_reason[reason] = by_reason.get(reason, 0.0) + amount
    expected, capital = sum(by_reason.values()), found.limits.capital
    used = sum(trade["capital"] for trade in trades)
    return {
        "capital": capital,
        "capital_used": used,
        "notional": sum(trade["notional"] for trade in trades),
        "days": found.aim.days,
        "expected": expected,
        "by_reason": by_reason,
        "apr_capital": expected / capital / found.aim.days * DAYS_PER_YEAR,
        "sd": found.solution.sd if found.program.factor is not None else None,
        "risk_charge": found.aim.aversion * found.solution.sd**2 / capital,
        "worth": found.solution.worth,
        "one_more_of_capital": _one_more(found),
    }


def _one_more(found: Plan) -> float:
    """Tell what one more unit of capital would earn: its own limit, all limits that are shares of it, and the risk it thins.

    **Source**: envelope theorem; the derivative of the optimum in C of `program`.
    """
    rows = sum(row.share * price for row, price in zip(found.program.rows, found.solution.prices.tolist(), strict=True))
    spread = 0.0 if found.limits.sd is None else found.limits.sd * found.solution.sd_price
    return float(rows + spread + found.aim.aversion * (found.solution.sd / found.limits.capital) ** 2)


def _assumed(found: Plan) -> list[str]:
    taken = [place for place, size in enumerate(found.solution.notional.tolist()) if size > 0]
    told = [words for place in taken for words in found.candidates[place].assumed]
    hidden = sum(hidden_cost(found.candidates[place], found.costs[place], float(found.solution.notional[place])) for place in taken)
    if hidden > BINDS * found.limits.capital:
        told.append(f"sizes were chosen on the convex hull of costs, {hidden:,.2f} below the costs told here")
    holes = {f"{name} of {one.name}: {figure.note}" for one in found.candidates for name, figure in one.held.items() if not figure.known}
    missing = {one.opportunity.note for one in found.candidates if not one.opportunity.known}
    told += sorted(f"counted as nothing: {words}" for words in holes | missing)
    if any(one.buffer for one in found.candidates):
        told.append("the buffer of a trade lies in equal parts at its venues (assumed)")
    return list(dict.fromkeys([*told, *(found.risk.told if found.risk is not None else ())]))
