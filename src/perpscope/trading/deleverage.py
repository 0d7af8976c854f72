"""Whose gains pay when the insurance fund is empty?

Two ways, both at the bankruptcy price of the position that failed: the queue closes the holders of the other side in order of
profit and leverage; pro rata closes the same share of everybody. Quantities and money are integers here, so that nothing is lost
in rounding; what remains after equal shares goes to the largest remainders, ties by order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.market.number import INF, Number, magnitude, to_float

Ranking = Literal["profit", "price_ratio"]


@dataclass(frozen=True, slots=True)
class Opposite:
    """A holder on the other side of a failed position.

    Parameters
    ----------
    account : whose. quantity : whole contracts, signed, not 0. entry : average entry price, > 0.
    equity : money behind it at the mark, in the settle asset: its own (isolated) or the account's (cross).
    """

    account: str
    quantity: int
    entry: Number
    equity: Number

    def __post_init__(self) -> None:
        """Refuse holders of nothing."""
        if self.quantity == 0 or not 0 < self.entry < INF:
            there = f"{self.quantity} contracts entered at {to_float(self.entry):g}"
            raise InputError(f"the position of {self.account}", there, "Give whole contracts, not 0, and a positive price.")


@dataclass(frozen=True, slots=True)
class Closure:
    """One holder's part: contracts closed at the bankruptcy price.

    Parameters
    ----------
    account : whose. closed : contracts, with the sign of the position closed. left : contracts that remain, same sign.
    profit : realised against the entry. given_up : realised less against the mark; both in the settle asset.
    """

    account: str
    closed: int
    left: int
    profit: Number
    given_up: Number


@dataclass(frozen=True, slots=True)
class Deleveraged:
    """What a deleveraging closed.

    Parameters
    ----------
    closures : in the order they were closed. open : contracts of the failed position that found nobody, >= 0.
    beyond : contracts closed beyond what was needed, because whole positions were closed; the fund holds the other side. >= 0.
    """

    closures: tuple[Closure, ...]
    open: int
    beyond: int

    @property
    def given_up(self) -> Number:
        """Money the holders gave up against the mark."""
        return sum(one.given_up for one in self.closures)


def score(contract: Contract, one: Opposite, mark: Number, ranking: Ranking = "profit") -> Number:
    """Place of a holder in the queue; the highest is closed first.

    "profit": profit share times leverage, profit share divided by leverage where it is a loss. "price_ratio": mark / entry times
    leverage; for shorts entry / mark is taken, which is assumed (the document does not say). Leverage is value at the mark / equity;
    an account without equity comes first.

    Source
    ------
    The pages of the two venues that use them; docs/guide/margin.md names both.
    """
    share = contract.profit(one.quantity, one.entry, mark) / magnitude(contract.value(one.quantity, one.entry))
    ratio = mark / one.entry if one.quantity > 0 else one.entry / mark
    gain = share if ranking == "profit" else ratio
    if one.equity <= 0:
        return INF if gain > 0 else -INF
    leverage = magnitude(contract.value(one.quantity, mark)) / one.equity
    return gain * leverage if gain > 0 else gain / leverage


def queue(contract: Contract, others: Sequence[Opposite], mark: Number, ranking: Ranking = "profit") -> tuple[Opposite, ...]:
    """Sort holders as they would be closed; ties keep their order."""
    return tuple(sorted(others, key=lambda one: -score(contract, one, mark, ranking)))


def deleverage_queue(
    contract: Contract,
    failed: int,
    others: Sequence[Opposite],
    price: Number,
    mark: Number,
    *,
    whole: bool = False,
    ranking: Ranking = "profit",
) -> Deleveraged:
    """Close the other side in order of the queue, until `failed` contracts are matched.

    Parameters
    ----------
    contract, failed : its terms, and the contracts of the failed position, signed.
    others : holders of the other side. price, mark : bankruptcy price of the failed position; price of valuation.
    whole : close whole positions, the last one too, even beyond what is needed.

    Raises
    ------
    InputError
        When a holder is on the same side as the failed position.
    """
    _check_sides(failed, others)
    need = abs(failed)
    closures: list[Closure] = []
    for one in queue(contract, others, mark, ranking):
        if need <= 0:
            break
        taken = abs(one.quantity) if whole else min(abs(one.quantity), need)
        closures.append(_closure(contract, one, taken, price, mark))
        need -= taken
    return Deleveraged(tuple(closures), max(need, 0), max(-need, 0))


def deleverage_pro_rata(contract: Contract, failed: int, others: Sequence[Opposite], price: Number, mark: Number) -> Deleveraged:
    """Close the same share of every position of the other side, in whole contracts by largest remainders.

    Parameters as in `deleverage_queue`; nobody is closed by more than one contract beyond the equal share.
    """
    _check_sides(failed, others)
    held = [abs(one.quantity) for one in others]
    need = min(abs(failed), sum(held))
    parts = zip(others, share_out(need, held), strict=True)
    closures = tuple(_closure(contract, one, part, price, mark) for one, part in parts if part)
    return Deleveraged(closures, abs(failed) - need, 0)


def _check_sides(failed: int, others: Sequence[Opposite]) -> None:
    if failed == 0:
        raise InputError("a deleveraging", "a failed position of 0 contracts", "Give its contracts, signed.")
    same = [one.account for one in others if (one.quantity > 0) == (failed > 0)]
    if same:
        there = f"{', '.join(same[:5])} stand on the side of the failed position"
        raise InputError("a deleveraging", there, "Give the holders of the other side only.")


def _closure(contract: Contract, one: Opposite, taken: int, price: Number, mark: Number) -> Closure:
    closed = taken if one.quantity > 0 else -taken
    profit = contract.profit(closed, one.entry, price)
    return Closure(one.account, closed, one.quantity - closed, profit, contract.profit(closed, price, mark))


@dataclass(frozen=True, slots=True)
class Haircut:
    """Gains taken to cover a deficit, in whole units of money.

    Parameters
    ----------
    taken : from each, in the order given. overshoot : taken beyond the deficit, >= 0. uncovered : deficit left, >= 0.
    """

    taken: tuple[int, ...]
    overshoot: int
    uncovered: int


def haircut_queue(deficit: int, gains: Sequence[int]) -> Haircut:
    """Take whole gains in the order given until the deficit is covered; the last one may be more than was needed.

    Parameters
    ----------
    deficit : money to be found, >= 0. gains : unrealised gains, sorted as the queue; those of 0 and below are passed over.

    Source
    ------
    Whole positions until the deficit is covered: arXiv 2512.01112 and 2602.15182, as summed up in theory.md, section 4.
    """
    _check_deficit(deficit)
    left = deficit
    taken: list[int] = []
    for gain in gains:
        part = gain if left > 0 and gain > 0 else 0
        taken.append(part)
        left -= part
    return Haircut(tuple(taken), max(-left, 0), max(left, 0))


def haircut_pro_rata(deficit: int, gains: Sequence[int]) -> Haircut:
    """Take the same share of every gain, in whole units by largest remainders: no overshoot.

    Source
    ------
    The integer pro rata alternative of arXiv 2602.15182.
    """
    _check_deficit(deficit)
    weights = [max(gain, 0) for gain in gains]
    covered = min(deficit, sum(weights))
    return Haircut(share_out(covered, weights), 0, deficit - covered)


def _check_deficit(deficit: int) -> None:
    if deficit < 0:
        raise InputError("a deficit", f"{deficit}", "Give the money that is missing, 0 or more.")


def share_out(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Divide whole units by weight: the largest remainders get the units that are left over, ties by order.

    Parameters
    ----------
    total : units, >= 0. weights : >= 0; where all are 0 nothing can be given and `total` must be 0.

    Returns
    -------
    One number a weight, summing to `total`, each less than 1 from its exact share.
    """
    all_weights = sum(weights)
    if total < 0 or any(weight < 0 for weight in weights) or (total > 0 and all_weights == 0):
        raise InputError(f"{total} units by weight", f"weights that sum to {all_weights}", "Give units and weights of 0 or more.")
    if total == 0:
        return (0,) * len(weights)
    parts = [total * weight // all_weights for weight in weights]
    rest: Callable[[int], tuple[int, int]] = lambda k: (-(total * weights[k] % all_weights), k)  # noqa: E731 - a key, named for its use
    for k in sorted(range(len(weights)), key=rest)[: total - sum(parts)]:
        parts[k] += 1
    return tuple(parts)
