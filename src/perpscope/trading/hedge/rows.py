"""Which instrument comes first, and how is it told? Plain values, for readers and programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perpscope.market.number import INF
from perpscope.trading.hedge.assess import Assessed
from perpscope.trading.hedge.position import Position


def ranked(found: Sequence[Assessed], position: Position) -> list[dict[str, Any]]:
    """Write instruments as rows, what locks most first; what locks nothing comes after, by what is expected.

    Returns
    -------
    rows
        instrument, name, rank_locked and rank_risk (1 is best; None where not known), gross_apr (before costs), locked_apr, locked_days,
        expected_apr, worst_apr, cost_bp, capital (money), residual_risk, breakeven, costs (part -> value, status, source, note), why_null,
        told, explained.
    """
    locked = sorted((one.locked_apr for one in found if one.locked_apr is not None), reverse=True)
    risks = sorted(one.residual_risk for one in found if one.residual_risk is not None)
    order = sorted(found, key=lambda one: (-_or_last(one.locked_apr), -_or_last(one.expected_apr)))
    return [
        {
            "instrument": one.offer.instrument,
            "name": one.offer.name,
            "rank_locked": None if one.locked_apr is None else locked.index(one.locked_apr) + 1,
            "rank_risk": None if one.residual_risk is None else risks.index(one.residual_risk) + 1,
            **_numbers(one, position),
        }
        for one in order
    ]


def _or_last(rate: float | None) -> float:
    return -INF if rate is None else rate


def _numbers(one: Assessed, position: Position) -> dict[str, Any]:
    costs = {**one.cost, **one.yearly}
    return {
        "gross_apr": one.gross_apr,
        "locked_apr": one.locked_apr,
        "locked_days": one.offer.fixed_days if one.offer.fixed is not None else None,
        "expected_apr": one.expected_apr,
        "worst_apr": one.worst_apr,
        "cost_bp": one.cost_bp,
        "capital": None if one.capital.value is None else float(one.capital.value) * position.notional,
        "residual_risk": one.residual_risk,
        "breakeven": one.breakeven,
        "costs": {part: figure.told() for part, figure in costs.items()},
        "why_null": dict(one.why_null),
        "told": list(one.told),
        "explained": _sentence(one, position),
    }


def _sentence(one: Assessed, position: Position) -> str:
    offer = one.offer
    if offer.why_not:
        return f"not weighed: {offer.why_not}"
    parts = []
    if one.locked_apr is not None and offer.fixed is not None:
        parts.append(f"locks {one.locked_apr:.2%} a year for {offer.fixed_days:g} days ({offer.fixed:.2%} before costs)")
    elif offer.fixed is not None:
        parts.append(f"what it locks after costs is unknown: {one.why_null['locked_apr']}")
    if one.expected_apr is not None:
        parts.append(f"expected {one.expected_apr:.2%} a year over {position.days:g} days")
    if one.worst_apr is not None:
        parts.append(f"{one.worst_apr:.2%} in the worst of twenty")
    if one.breakeven is not None:
        words = "staying does as well where funding averages" if offer.fixed is not None else "pays for itself where it averages"
        parts.append(f"{words} {one.breakeven:.2%}")
    return "; ".join(parts) or "nothing of it is known: " + "; ".join(dict.fromkeys(one.why_null.values()))


def matching_rate(swapped: Assessed, against: Assessed, receives: int) -> float | None:
    """Return the fixed rate of a swap at which it locks what another instrument does; None where one of them locks nothing known.

    Parameters
    ----------
    receives : +1 where the position receives funding, -1 where it pays.

    **Source**: what is locked is receives x rate, less costs that do not depend on the rate.
    """
    if swapped.locked_apr is None or against.locked_apr is None or swapped.offer.fixed is None:
        return None
    return receives * (swapped.offer.fixed + against.locked_apr - swapped.locked_apr)
