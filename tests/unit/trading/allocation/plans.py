"""Trades made up for tests of plans, by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from perpscope.trading.allocation.candidate import Candidate, Charge, Stake
from perpscope.trading.allocation.risk import Risk, given_risk
from perpscope.trading.costs.figure import Figure

FREE = Figure.given(0)


def flat(cost: float) -> Charge:
    """Cost that is the same share at every size."""
    return lambda _notional: {"fee": Figure.given(cost)}


def bent(fee: float, bend: float) -> Charge:
    """Fee, and an impact that grows with the notional: money is fee x + bend x^2."""
    return lambda notional: {"fee": Figure.given(fee), "impact": Figure.given(bend * notional)}


def trade(
    name: str,
    apr: float,
    charge: Charge | float = 0.001,
    *,
    venues: Sequence[str] = ("a", "b"),
    margin: float = 0.5,
    coin: str = "BTC",
    **said: Any,  # noqa: ANN401 - what a candidate takes
) -> Candidate:
    """Two legs with a margin of one half each."""
    legs = tuple(Stake(venue, coin, side, 1.0, margin) for venue, side in zip(venues, ("long", "short"), strict=True))
    facts: dict[str, Any] = {"carry": {"funding": apr}, "opportunity": FREE} | said
    return Candidate(name, "perp_perp", coin, legs, charge=flat(charge) if isinstance(charge, float) else charge, **facts)


def independent(sds: Sequence[float], days: float = 30) -> Risk:
    """Trades that know nothing of each other; standard deviations over the time held."""
    return given_risk(np.diag(np.square(sds)) / days, days, "made up")


def sizes(answer: Mapping[str, Any]) -> dict[str, float]:
    """Trade -> notional."""
    return {one["name"]: one["notional"] for one in answer["trades"]}
