"""A market made up for tests of hedges: every number is one that can be worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts
from perpscope.trading.hedge.assess import Asked, Assessed, assess
from perpscope.trading.hedge.offer import Offer, Quote, Terms, stay
from perpscope.trading.hedge.position import Position
from perpscope.trading.trade import Leg, Side

PERP, COIN, DATED, OTHER = "BTC/USDT:USDT", "BTC/USDT", "BTC/USDT:USDT-260327", "BTC/USDC:USDC"
OPPOSITE: Mapping[Side, Side] = {"short": "long", "long": "short"}
NAMES = (f"a:{PERP}", f"a:{COIN}", f"c:{DATED}", f"b:{OTHER}")
FEES = dict(zip(NAMES, (0.0005, 0.001, 0.0002, 0.0004), strict=True))
FREE = Asked(0, opportunity=Figure.given(0))


def costs(**changed: LegCosts) -> dict[str, LegCosts]:
    """Fee of each leg's fills; no spread, a delivery fee of 1 bp, coins borrowed at 3 % a year."""
    found = {
        name: LegCosts(
            FlatFees(Figure.given(fee), Figure.given(fee)), HalfSpread(Figure.given(0)), Figure.given(0.03), delivery=Figure.given(0.0001)
        )
        for name, fee in FEES.items()
    }
    return found | {name.replace("_", ":"): cost for name, cost in changed.items()}


def held(side: Side = "short", days: float = 73.0, *, hedged: bool = True, already: bool = False) -> Position:
    """A perpetual at venue a with a leverage of 2, against its coin; a fifth of a year."""
    against = Leg("a", COIN, OPPOSITE[side], leverage=1 if side == "short" else 2) if hedged else None
    return Position(Leg("a", PERP, side, leverage=2), against, 1e6, days, already)


def quote(price: float = 102.0, days: float = 73.0, side: Side = "short") -> Quote:
    """A future at venue c, 2 % above spot: 10 % a year over 73 days."""
    return Quote(Leg("c", DATED, side, leverage=4), price, 100.0, days)


def terms(rate: float = 0.09, days: float = 73.0, **said: Any) -> Terms:  # noqa: ANN401 - what a swap's terms take
    """A swap at 9 % with a fee of 5 bp a year at once and 20 bp a year as it settles."""
    facts = {"fee": Figure.given(0.0005), "settlement_fee": Figure.given(0.002), "margin": Figure.given(0.05), "entrance": Figure.given(0)}
    return Terms("swap", rate, days, **(facts | said))


def steady(rate_1d: float, days: int = 400) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A history that never changes."""
    return np.full(days, rate_1d)


def restless(seed: int = 1, mean: float = 0.0003, days: int = 400) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A history that does."""
    return np.random.default_rng(seed).normal(mean, 0.0005, days)


def weighed(position: Position, offer: Offer, asked: Asked = FREE) -> Assessed:
    """One instrument beside staying in the perpetual."""
    return assess(position, [stay(position, costs(), restless()), offer], asked)[1]
