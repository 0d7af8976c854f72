"""Which trade is meant, and when is it entered and left?

A `Trade` is legs, collateral and a policy: cash and carry, reverse carry, perpetual against perpetual or dated future, a deliverable
against a cash-settled one, and the naked cases are the same value with other legs. Nothing here knows a price.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.market.instrument import parse_symbol
from perpscope.market.number import INF, Number
from perpscope.trading.costs.parts import Liquidity

Side = Literal["long", "short"]
LegMarket = Literal["spot", "linear", "inverse", "quanto", "dated", "swap"]
Kind = Literal[
    "cash_and_carry",
    "reverse_carry",
    "perp_perp",
    "perp_dated",
    "dated_carry",
    "deliverable_cash",
    "perp_swap",
    "naked_long",
    "naked_short",
]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Leg:
    """One position of a trade.

    Parameters
    ----------
    venue, symbol : where and what; a unified symbol (`BTC/USDT` is spot, an expiry such as `BTC/USDT:USDT-260327` a dated future).
    side : long or short.
    ratio : its notional as a share of the trade's, > 0.
    leverage : its notional over the margin put aside for it, >= 1; spot held long is paid in full.
    liquidity : whether its orders rest (maker) or cross (taker).
    swap : whether it is a swap of a floating funding rate for a fixed one (long receives floating), whatever the symbol says.
    multiplier : contract size, where the symbol does not say it (a quanto).
    """

    venue: str
    symbol: str
    side: Side
    ratio: Number = 1
    leverage: Number = 1
    liquidity: Liquidity = "taker"
    swap: bool = False
    multiplier: Number | None = None

    def __post_init__(self) -> None:
        """Refuse legs that cannot be held."""
        what = f"the leg {self.side} {self.venue} {self.symbol}"
        parse_symbol(self.symbol)
        if self.side not in get_args(Side) or self.liquidity not in get_args(Liquidity):
            raise InputError(what, f"side {self.side!r}, liquidity {self.liquidity!r}", "Say long or short, maker or taker.")
        if not 0 < self.ratio < INF:
            raise InputError(what, f"a ratio of {float(self.ratio):g}", "Give its share of the trade's notional, above 0.")
        if not 1 <= self.leverage < INF:
            raise InputError(what, f"a leverage of {float(self.leverage):g}", "Give 1 or more; 1 is paid in full.")
        if self.multiplier is not None and not 0 < self.multiplier < INF:
            raise InputError(what, f"a contract size of {float(self.multiplier):g}", "Give units per contract, above 0.")
        if self.market == "spot" and self.side == "long" and self.leverage != 1:
            raise InputError(what, f"spot with a leverage of {float(self.leverage):g}", "Spot held long is paid in full; leave it at 1.")

    @property
    def sign(self) -> int:
        """+1 long, -1 short."""
        return 1 if self.side == "long" else -1

    @property
    def market(self) -> LegMarket:
        """What is traded, read off the symbol."""
        if self.swap:
            return "swap"
        base, quote, settle = parse_symbol(self.symbol)
        if not settle:
            return "spot"
        if "-" in self.symbol.rpartition(":")[2]:
            return "dated"
        return "linear" if settle == quote else "inverse" if settle == base else "quanto"

    @property
    def perpetual(self) -> bool:
        """Whether it pays funding."""
        return self.market in {"linear", "inverse", "quanto"}

    @property
    def asset(self) -> str:
        """Asset it is settled in; of spot, what it is quoted in."""
        _, quote, settle = parse_symbol(self.symbol)
        return settle or quote

    @property
    def in_coin(self) -> bool:
        """Whether its margin is held in the coin it is on: inverse perpetuals, and dated futures that settle so."""
        base, _, settle = parse_symbol(self.symbol)
        return settle == base

    @property
    def contract(self) -> Contract:
        """Terms of one contract; spot and swaps count base units.

        Raises
        ------
        InputError
            For a quanto whose multiplier is not given.
        """
        base, quote, settle = parse_symbol(self.symbol)
        if not settle or settle == quote:
            return Contract("linear", settle or quote, self.multiplier or 1)
        if settle == base:
            return Contract("inverse", settle, self.multiplier or 1)
        return Contract.of_symbol(self.symbol.partition("-")[0], self.multiplier)

    @property
    def name(self) -> str:
        """Name it for a reader and in tables."""
        return f"{self.venue}:{self.symbol}"


@dataclass(frozen=True, slots=True)
class Collateral:
    """How the capital is spread and moved.

    Parameters
    ----------
    buffer : idle money kept beside the margins, a fraction of the trade's notional, >= 0.
    top_up : a leg whose margin ratio (equity over notional) falls below this gets money from the buffer and then from the other legs;
        None leaves it alone. target : margin ratio it is brought back to; None is 1 / leverage.
    rebalance : relative drift between the legs' exposures in base units at which the smaller change brings them together; None never.
    """

    buffer: Number = 0
    top_up: Number | None = None
    target: Number | None = None
    rebalance: Number | None = None

    def __post_init__(self) -> None:
        """Refuse what is no plan."""
        if not 0 <= self.buffer < INF:
            raise InputError("a buffer", f"{float(self.buffer):g}", "Give a fraction of the notional, 0 or more.")
        for name in ("top_up", "target", "rebalance"):
            value = getattr(self, name)
            if value is not None and not 0 < value < INF:
                raise InputError(f"the collateral's {name}", f"{float(value):g}", "Give a fraction above 0, or leave it out.")
        if self.target is not None and (self.top_up is None or self.target < self.top_up):
            below = "no top-up" if self.top_up is None else f"a top-up at {float(self.top_up):g}"
            there = f"a target of {float(self.target):g} with {below}"
            raise InputError("the collateral's target", there, "Give a top_up, and a target at least as high.")


@dataclass(frozen=True, slots=True)
class Policy:
    """When a trade is entered and left, from rates known at the time.

    The *expected carry* is the mean of the last `look` fixings of each perpetual leg known before the decision, each as a simple annual
    rate of notional, summed over the legs with the sign by which the trade receives it.

    Parameters
    ----------
    enter : opened when the expected carry is above it, a simple annual rate. exit : closed when it is below, exit <= enter.
    look : fixings looked at, >= 1.
    follow : whether the sides turn with the sign of the carry: entered reversed below -enter, and left above -exit.
    stay_hours : shortest time a position is kept, >= 0. rest_hours : shortest time between closing and opening again, >= 0.
    most_hours : longest time a position is kept.

    Examples
    --------
    >>> Policy.hold().enter, Policy.flip().follow
    (-inf, True)
    """

    enter: float = -INF
    exit: float = -INF
    look: int = 3
    follow: bool = False
    stay_hours: float = 0
    rest_hours: float = 0
    most_hours: float = INF

    def __post_init__(self) -> None:
        """Refuse thresholds nobody can follow."""
        if math.isnan(self.enter) or math.isnan(self.exit) or self.exit > self.enter:
            there = f"entered above {self.enter:g}, left below {self.exit:g}"
            raise InputError("a policy", there, "Give exit at or below enter, both simple annual rates.")
        if self.look < 1 or not self.stay_hours >= 0 or not self.rest_hours >= 0 or not self.most_hours > 0:
            there = f"look {self.look}, stay {self.stay_hours} h, rest {self.rest_hours} h, most {self.most_hours} h"
            raise InputError("a policy", there, "Give look 1 or more and times of 0 or more.")
        if self.follow and not self.enter >= 0:
            raise InputError("a policy that follows the sign", f"entered above {self.enter:g}", "Give an enter of 0 or more.")

    @classmethod
    def hold(cls) -> Policy:
        """Build the policy that is always on."""
        return cls()

    @classmethod
    def flip(cls, look: int = 1) -> Policy:
        """Build the policy that turns round at every change of sign."""
        return cls(0.0, 0.0, look, follow=True)


@dataclass(frozen=True, slots=True)
class Trade:
    """Legs, collateral and a policy.

    Parameters
    ----------
    kind : which trade it is. legs : at least one. collateral, policy : as they are.
    name : for a reader; made of the legs where empty.
    """

    kind: Kind
    legs: tuple[Leg, ...]
    collateral: Collateral = field(default_factory=Collateral)
    policy: Policy = field(default_factory=Policy)
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse trades without legs, or of an unknown kind."""
        if self.kind not in KINDS:
            raise InputError("a trade", f"the kind {self.kind!r}", f"Give one of {', '.join(KINDS)}.")
        if not self.legs:
            raise InputError("a trade", "no legs", "Give at least one.")
        if len({(leg.venue, leg.symbol, leg.swap) for leg in self.legs}) < len(self.legs):
            raise InputError("a trade", "one contract in two legs", "Net them into one.")

    @property
    def called(self) -> str:
        """Name of the trade, or its legs."""
        return self.name or " / ".join(f"{leg.side} {leg.name}" for leg in self.legs)

    @property
    def capital(self) -> Number:
        """Money put aside per unit of notional: every leg's margin, and the buffer."""
        margins = [leg.ratio / leg.leverage for leg in self.legs]
        return sum(margins[1:], start=margins[0]) + self.collateral.buffer

    @property
    def venues(self) -> tuple[str, ...]:
        """Venues of the legs, each once."""
        return tuple(dict.fromkeys(leg.venue for leg in self.legs))

    def reversed(self) -> Trade:
        """Return the same trade with all sides turned, as `Policy.follow` holds it below zero."""
        other: dict[Side, Side] = {"long": "short", "short": "long"}
        return replace(self, legs=tuple(replace(leg, side=other[leg.side], leverage=self._leverage(leg)) for leg in self.legs))

    @staticmethod
    def _leverage(leg: Leg) -> Number:
        """Leverage of a turned leg: spot that is now held long is paid in full."""
        return 1 if leg.market == "spot" and leg.side == "short" else leg.leverage


def expected_carry(legs: tuple[Leg, ...], means: tuple[float | None, ...]) -> float | None:
    """Carry a trade receives: minus sign x ratio x mean rate (simple, a year), summed over perpetual legs; None where a mean is missing.

    Examples
    --------
    >>> legs = (Leg("a", "BTC/USDT:USDT", "short"), Leg("b", "BTC/USDT:USDT", "long"))
    >>> round(expected_carry(legs, (0.12, 0.05)), 12)
    0.07
    """
    found = 0.0
    for leg, mean in zip(legs, means, strict=True):
        if not leg.perpetual:
            continue
        if mean is None:
            return None
        found -= leg.sign * float(leg.ratio) * mean
    return found
