"""What does it cost to carry an undated future overnight, and who delivers instead?

After each day's settlement an auction fixes the charge for carrying positions: longs say the most they would pay, shorts
the least they would accept. A short who asks more than the charge delivers, a long who offers less takes delivery, and as
every contract is one of each, deliveries equal receipts. The charge is added to the settlement price; from that base the
next day's gains and losses are counted. It may be negative: then shorts pay longs. The base itself is never traded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.number import INF, Number, magnitude
from perpscope.mechanisms.auction import Order, clear

Wish = tuple[Number, Number]
"""A limit on the charge and a quantity, > 0."""


@dataclass(frozen=True, slots=True)
class Carry:
    """What one auction of the carry gave; prices and charges in quote units per unit of the good.

    Parameters
    ----------
    close, charge, next_base : settlement price, what is added to it, and their sum, from which the next day is counted; the last two are
        None where nobody is carried.
    carried, deliveries, receipts : quantities, >= 0; deliveries equal receipts, and with `carried` they make up each side.
    delivering, receiving : quantity of each short, and of each long, in the order they were given.
    forced : part of the deliveries (> 0: by longs, < 0: by shorts) of those who would be carried at any charge but found nobody.
    """

    close: Number
    charge: Number | None
    next_base: Number | None
    carried: Number
    deliveries: Number
    receipts: Number
    delivering: tuple[Number, ...]
    receiving: tuple[Number, ...]
    forced: Number = 0

    @property
    def rate(self) -> Number | None:
        """The charge as a fraction of the settlement price; positive: longs pay shorts."""
        return None if self.charge is None else self.charge / self.close


def fix_carry(close: Number, longs: Sequence[Wish], shorts: Sequence[Wish]) -> Carry:
    """Fix one day's charge: longs buy the carrying of their positions, shorts sell it, all at one price.

    Parameters
    ----------
    close : settlement price, > 0.
    longs : (most he pays to be carried, quantity); +inf is carried at any charge, -inf takes delivery at any.
    shorts : (least he accepts to be carried, quantity); -inf is carried at any charge, +inf delivers at any.
        Open longs equal open shorts, to the last unit: give whole lots, or fractions. Where several charges leave everybody
        content, the middle of them is fixed; of equal limits the earliest is carried first.

    Raises
    ------
    InputError
        When longs and shorts are not equal, or a number is none.
    NotEnoughData
        When positions are carried and nobody has a limit: any charge would do.

    Source: Gehr 1988 on undated gold futures, as an article retells it; the tie between several charges is a model, see the catalogue.

    Examples
    --------
    >>> found = fix_carry(100.0, longs=[(0.03, 5), (0.01, 5)], shorts=[(0.0, 6), (0.02, 4)])
    >>> found.charge, found.deliveries, found.carried, found.next_base
    (0.01, 4, 6, 100.01)
    """
    if not 0 < close < INF:
        raise InputError("the charge of a day", f"a settlement price of {close}", "Prices are positive.")
    _refuse_unequal(longs, shorts)
    signed = [(limit, quantity) for limit, quantity in longs] + [(limit, -quantity) for limit, quantity in shorts]
    stays = [k for k, (limit, quantity) in enumerate(signed) if limit != (-INF if quantity > 0 else INF)]
    found = clear([Order(*signed[k]) for k in stays], "middle")
    if found.price is None and found.volume:
        raise NotEnoughData("the charge of a day", "nobody has a limit, so any charge would do", "Give limits of longs or of shorts.")
    carried = dict(zip(stays, found.filled, strict=True))
    gone = [magnitude(quantity) - magnitude(carried.get(k, 0)) for k, (_, quantity) in enumerate(signed)]
    receiving, delivering = tuple(gone[: len(longs)]), tuple(gone[len(longs) :])
    return Carry(
        close=close,
        charge=found.price,
        next_base=None if found.price is None else close + found.price,
        carried=found.volume,
        deliveries=sum(delivering, start=0 * found.volume),
        receipts=sum(receiving, start=0 * found.volume),
        delivering=delivering,
        receiving=receiving,
        forced=found.left,
    )


def _refuse_unequal(longs: Sequence[Wish], shorts: Sequence[Wish]) -> None:
    for side, wishes in (("long", longs), ("short", shorts)):
        for limit, quantity in wishes:
            if limit != limit or not 0 < quantity < INF:  # noqa: PLR0124 - only NaN differs from itself
                raise InputError(f"a {side} to be carried", f"limit {limit}, quantity {quantity}", "Give a limit and a quantity above 0.")
    bought, sold = (sum(quantity for _, quantity in wishes) for wishes in (longs, shorts))
    if bought != sold:
        raise InputError(
            "the charge of a day", f"open longs {bought}, open shorts {sold}", "Every contract has one of each: list them all."
        )


@dataclass(frozen=True, slots=True)
class Trade:
    """A new deal of the day: `quantity` > 0 at `price` > 0."""

    buyer: str
    seller: str
    price: Number
    quantity: Number


@dataclass(frozen=True, slots=True)
class Day:
    """One trading day: its deals, its settlement price, and the charge at which each account is still carried.

    Parameters
    ----------
    close : settlement price, > 0. trades : deals of the day.
    limits : account -> limit on the charge, as in `fix_carry`; whoever is not named is carried at any charge.
    """

    close: Number
    trades: tuple[Trade, ...] = ()
    limits: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Carried:
    """What one day gave.

    Parameters
    ----------
    base : price the day's variation was counted from; None before anything was carried. carry : the auction; None where nothing is open.
    variation : account -> money received (quote units). delivered : account -> quantity that left by delivery, signed as held.
    positions : account -> quantity after the auction, signed; no zeros.
    """

    base: Number | None
    carry: Carry | None
    variation: Mapping[str, Number]
    delivered: Mapping[str, Number]
    positions: Mapping[str, Number]


def carry_days(days: Iterable[Day]) -> list[Carried]:
    """Run an undated future day by day, from nothing open.

    Raises
    ------
    InputError
        When a number is none, or a limit is given for an account that holds nothing.
    NotEnoughData
        When positions are carried and nobody has a limit.

    Source: as `fix_carry`.
    """
    found: list[Carried] = []
    for day in days:
        last = found[-1] if found else None
        held = dict(last.positions) if last else {}
        base = last.carry.next_base if last and last.carry else None
        found.append(_one_day(day, held, base))
    return found


def _one_day(day: Day, held: dict[str, Number], base: Number | None) -> Carried:
    variation: dict[str, Number] = {} if base is None else {name: quantity * (day.close - base) for name, quantity in held.items()}
    for trade in day.trades:
        if not (0 < trade.quantity < INF and 0 < trade.price < INF) or trade.buyer == trade.seller:
            raise InputError("a deal", f"{trade}", "Give two accounts, a price and a quantity above 0.")
        for name, quantity in ((trade.buyer, trade.quantity), (trade.seller, -trade.quantity)):
            held[name] = held.get(name, 0) + quantity
            variation[name] = variation.get(name, 0) + quantity * (day.close - trade.price)
    held = {name: quantity for name, quantity in held.items() if quantity}
    if strangers := sorted(set(day.limits) - set(held)):
        raise InputError("a limit on the charge", f"{', '.join(strangers)} holds nothing", "Leave it out.")
    if not held:
        return Carried(base, None, variation, {}, {})
    longs = {name: (day.limits.get(name, INF), quantity) for name, quantity in held.items() if quantity > 0}
    shorts = {name: (day.limits.get(name, -INF), -quantity) for name, quantity in held.items() if quantity < 0}
    carry = fix_carry(day.close, [*longs.values()], [*shorts.values()])
    gone = {**dict(zip(longs, carry.receiving, strict=True)), **{k: -q for k, q in zip(shorts, carry.delivering, strict=True)}}
    positions = {name: quantity - gone[name] for name, quantity in held.items() if quantity != gone[name]}
    return Carried(base, carry, variation, {name: quantity for name, quantity in gone.items() if quantity}, positions)
