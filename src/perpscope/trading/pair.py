"""Which move of the coin liquidates a leg of a hedged trade, and which transfer prevents it?

Neutral to the price is not neutral in margin: the leg that loses is liquidated although the other gains as much. Here every leg stands
alone, with its own margin at its own venue, and one coin's price moves for all of them at once; that they stay together is assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.market.number import INF, Number, to_float
from perpscope.trading.margin import Holding, Requirement, initial_margin, liquidation
from perpscope.trading.trade import Leg

NOTHING_HELD = "nothing is borrowed: it is paid in full"
_ASK_PRICE = "its margin is asked in coins or contracts, and no price of the coin is known"


@dataclass(frozen=True, slots=True)
class Pledge:
    """One leg with what its venue asks of it.

    Parameters
    ----------
    leg : side, ratio and leverage. contract : its terms; None where nobody states them, see `why`.
    requirement : its margin table; None where it is not known, see `why`, or where nothing can be liquidated (spot held long).
    settle_price : price of the asset it settles in, in quote units; of a quanto only, the coin's own elsewhere.
    """

    leg: Leg
    contract: Contract | None = None
    requirement: Requirement | None = None
    why: str = ""
    settle_price: Number | None = None

    @property
    def safe(self) -> bool:
        """Whether nothing can liquidate it: spot that was paid for."""
        return self.leg.market == "spot" and self.leg.side == "long"


@dataclass(frozen=True, slots=True)
class LegMove:
    """Where one leg ends.

    Parameters
    ----------
    leg : its name. side : long or short.
    move : relative change of the price that liquidates it; None where none does or it is not known, see `why`.
    known : whether it is known. why : the reason where there is no move.
    transfer : money that, once there, brings its margin back to 1 / leverage of its value at that price, as a fraction of the notional.
    gain : what the other legs have gained by then, a fraction of the notional; None where it is not known.
    """

    leg: str
    side: str
    move: Number | None
    known: bool
    why: str = ""
    transfer: Number | None = None
    gain: Number | None = None

    def told(self) -> dict[str, object]:
        """Write it for a reader."""
        covered = None if self.transfer is None or self.gain is None else bool(self.gain >= self.transfer)
        numbers = {name: None if (value := getattr(self, name)) is None else to_float(value) for name in ("move", "transfer", "gain")}
        return {"leg": self.leg, "side": self.side, **numbers, "gain_covers_transfer": covered, "why": self.why or None}


@dataclass(frozen=True, slots=True)
class PairMove:
    """Which move of one coin's price liquidates a leg of a trade first."""

    legs: tuple[LegMove, ...]

    @property
    def first(self) -> LegMove | None:
        """Leg that the smallest move liquidates; None where no move does, or one of them is not known."""
        ends = [each for each in self.legs if each.move is not None]
        if not ends or not all(each.known for each in self.legs):
            return None
        return min(ends, key=lambda each: abs(to_float(each.move or 0)))

    @property
    def why(self) -> str:
        """Why there is no smallest move; empty where there is one."""
        unknown = [f"{each.leg}: {each.why}" for each in self.legs if not each.known]
        if unknown:
            return "; ".join(unknown)
        return "" if self.first is not None else "no move liquidates a leg: " + "; ".join(f"{each.leg}: {each.why}" for each in self.legs)


def pair_move(pledges: Sequence[Pledge], notional: Number, price: Number | None = None) -> PairMove:
    """Find the move that liquidates each leg, and what would have to be moved to it.

    Parameters
    ----------
    pledges : one a leg. notional : of the trade, quote units, > 0.
    price : of the coin, quote units; where it is not known, only legs are answered whose margin goes by value in the quote asset, or is one
        rate for any size.

    Raises
    ------
    InputError
        When the notional is not positive.

    Examples
    --------
    >>> from perpscope.market.brackets import Brackets
    >>> table = Requirement(Brackets.flat(0.005))
    >>> legs = [Leg("a", "BTC/USDT:USDT", "short", leverage=4), Leg("b", "BTC/USDT:USDT", "long", leverage=4)]
    >>> found = pair_move([Pledge(leg, leg.contract, table) for leg in legs], 100_000)
    >>> [round(each.move, 4) for each in found.legs], found.first.leg
    ([0.2438, -0.2462], 'a:BTC/USDT:USDT')

    **Source**: `margin.liquidation` of each leg; short linear with a flat rate m: (1 + 1/L) / (1 + m) - 1.
    """
    if not 0 < notional < INF:
        raise InputError("the notional of a trade", f"{to_float(notional):g}", "Give quote units, above 0.")
    held = [_held(pledge, notional, price) for pledge in pledges]
    moves = [_move(pledge, own) for pledge, own in zip(pledges, held, strict=True)]
    return PairMove(tuple(_with_transfer(k, moves, pledges, held, notional) for k in range(len(moves))))


def _held(pledge: Pledge, notional: Number, price: Number | None) -> Holding | str:
    """Return the position of a leg, or why there is none."""
    leg, contract = pledge.leg, pledge.contract
    if contract is None:
        return pledge.why or "its contract is not known"
    table = None if pledge.requirement is None else pledge.requirement.brackets
    by_value = contract.payoff == "linear" and (table is None or table.measure == "value")
    flat = contract.payoff == "inverse" and table is not None and len(table.tiers) == 1
    if price is None and not (by_value or flat):
        return _ASK_PRICE
    at = 1 if price is None else price
    value = notional * leg.ratio
    if contract.payoff == "quanto":
        if pledge.settle_price is None:
            return f"no price of {contract.asset}, in which it settles, is known"
        return Holding(contract, leg.sign * value / (at * contract.size * pledge.settle_price), at)
    units = value / contract.size if contract.payoff == "inverse" else value / (at * contract.size)
    return Holding(contract, leg.sign * units, at)


def _move(pledge: Pledge, held: Holding | str) -> LegMove:
    leg = pledge.leg
    if pledge.safe:
        return LegMove(leg.name, leg.side, None, known=True, why=NOTHING_HELD)
    if isinstance(held, str):
        return LegMove(leg.name, leg.side, None, known=False, why=held)
    if pledge.requirement is None:
        return LegMove(leg.name, leg.side, None, known=False, why=pledge.why or "its margin table is not known")
    try:
        margin = initial_margin(held, leg.leverage, pledge.requirement.brackets)
        found = liquidation(held, pledge.requirement, margin)
    except InputError as problem:
        return LegMove(leg.name, leg.side, None, known=False, why=f"{problem.asked}: {problem.there}")
    if found.price is None:
        return LegMove(leg.name, leg.side, None, known=True, why=found.reason)
    return LegMove(leg.name, leg.side, found.price / held.entry - 1, known=True)


def _with_transfer(k: int, moves: Sequence[LegMove], pledges: Sequence[Pledge], held: Sequence[Holding | str], notional: Number) -> LegMove:
    own, mine = held[k], moves[k]
    if mine.move is None or isinstance(own, str):
        return mine
    at = own.entry * (1 + mine.move)
    margin = own.value(own.entry) / pledges[k].leg.leverage
    short = own.value(at) / pledges[k].leg.leverage - own.equity(margin, at)
    gains: list[Number] = []
    for other, (pledge, theirs) in enumerate(zip(pledges, held, strict=True)):
        if other == k:
            continue
        if isinstance(theirs, str):
            return replace(mine, transfer=_quoted(pledges[k], own, short, at) / notional)
        gains.append(_quoted(pledge, theirs, theirs.profit(theirs.entry * (1 + mine.move)), theirs.entry * (1 + mine.move)))
    gain = sum(gains[1:], start=gains[0]) / notional if gains else 0 * notional
    return replace(mine, transfer=_quoted(pledges[k], own, short, at) / notional, gain=gain)


def _quoted(pledge: Pledge, held: Holding, amount: Number, price: Number) -> Number:
    """Turn money of the settle asset into quote units, at a price of the coin; a quanto's settle asset keeps its price (assumed)."""
    if held.contract.payoff == "linear":
        return amount
    if held.contract.payoff == "inverse":
        return amount * price
    return amount * (pledge.settle_price or 1)
