"""On which terms are trades compared?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from perpscope.errors import InputError
from perpscope.market.number import INF
from perpscope.trading.costs.parts import Liquidity

Basis = Literal["realised", "expected"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every trade of a scan.

    Parameters
    ----------
    window : days of the realised spread that ranks. shorter : whether a pair that has no such history yet is ranked by the longest of the
        shorter windows it has. hold : days a trade is held, which its costs are spread over.
    by : whether net figures stand on the realised spread of the window or on the expected one of the holding time.
    notional : of a leg, quote units. leverage : of every leg but spot held long, >= 1; a borrowed coin is secured in full.
    buffer : idle money beside the margins, a share of the notional. liquidity : whether orders rest or cross.
    transfers : how often collateral is moved between the venues while a trade is held.
    naked : whether unhedged positions are shown too. both_ways : whether every trade is shown turned round as well.
    same_venue : whether two contracts of one venue make a pair.
    """

    window: int = 30
    shorter: bool = True
    hold: int = 30
    by: Basis = "realised"
    notional: float = 100_000.0
    leverage: float = 3.0
    buffer: float = 0.0
    liquidity: Liquidity = "taker"
    transfers: int = 0
    naked: bool = False
    both_ways: bool = False
    same_venue: bool = False

    def __post_init__(self) -> None:
        """Refuse terms nobody can trade on."""
        if not 0 < self.notional < INF or not 1 <= self.leverage < INF or not 0 <= self.buffer < INF:
            there = f"a notional of {self.notional:g}, a leverage of {self.leverage:g}, a buffer of {self.buffer:g}"
            raise InputError("the terms of a scan", there, "Give a notional above 0, a leverage of 1 or more and a buffer of 0 or more.")
        if self.hold < 1 or self.window < 1 or self.transfers < 0:
            there = f"held {self.hold} days, a window of {self.window}, {self.transfers} transfers"
            raise InputError("the terms of a scan", there, "Give whole days, 1 or more, and transfers of 0 or more.")
        if self.by not in get_args(Basis) or self.liquidity not in get_args(Liquidity):
            there = f"by {self.by!r}, orders {self.liquidity!r}"
            raise InputError("the terms of a scan", there, "Say realised or expected, and maker or taker.")

    @property
    def assumed(self) -> tuple[str, ...]:
        """What every trade takes for granted."""
        moved = "no collateral is moved between venues" if self.transfers == 0 else f"collateral is moved {self.transfers} times"
        rest = ("resting orders are filled, all legs at once and at no spread (assumed)",) if self.liquidity == "maker" else ()
        return (f"{moved} while it is held (assumed)", f"a leverage of {self.leverage:g} on every leg but spot (assumed)", *rest)
