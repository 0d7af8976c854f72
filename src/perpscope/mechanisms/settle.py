"""What does a decided rate cost, per contract long and per contract short?

`Settlement` is the part of a rule that says so. `charge` turns a fixing into money per contract; `payment` turns that
into what one holder receives, in whole units of the settle asset where the venue counts so. What longs and shorts do not
owe each other belongs to a third party that the rule names: insurance fund, pool, fee pool.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple, get_args

from perpscope.errors import CatalogueError, InputError
from perpscope.market.contract import Contract
from perpscope.market.number import ROUNDINGS, TO_ZERO, Number, Rounding, magnitude, rounded_to, rounding_code

Flow = Literal["stamp", "through", "delivery"]
Unit = Literal["rate", "quote"]
Sides = Literal["mirror", "both_pay", "shared", "larger", "capped"]
FLOWS, UNITS, SIDES = get_args(Flow), get_args(Unit), get_args(Sides)
NO_PRICE = "none"


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a decided rate is paid; data for the ledger and the passports.

    Parameters
    ----------
    price : notional price: mark, index, oracle, close; "none" where the size itself is the notional; or unknown.
    flow : "stamp" (holders at the stamp pay), "through" (accrues all the time), "delivery" (once, at the end).
    lag : intervals between decision and payment, 0 or 1.
    unit : "rate" (a fraction of notional) or "quote" (quote units per base unit, a price difference).
    level_grains : with "quote": shares of the price level are cut to whole 1/level_grains; 0 leaves them exact.
    sides : "mirror" (shorts receive what longs pay), "both_pay" (both sides pay a third party), "shared" (receivers split
        what payers pay by their open interest), "larger" (as shared, but the rate is on the larger side, whoever pays, and nothing
        is paid where a side is empty), "capped" (receivers get their mirror, but no more than payers pay plus `pool_share`
        of the fee pool).
    pool_share : share of the fee pool that may make up for what payers do not pay.
    index_grains : the cumulative amount per base unit moves in whole 1/index_grains, cut towards zero; 0 is exact.
    side_grains : a capped amount per base unit is cut to whole 1/side_grains; 0 is exact.
    money_grains, money_rounding : payments are whole 1/money_grains of the settle asset, rounded so ("down" is against the holder).
    grace_s : seconds around the stamp within which a change of position may or may not count.
    to : who takes what the sides do not owe each other.
    """

    price: str = "mark"
    flow: Flow = "stamp"
    lag: int = 0
    unit: Unit = "rate"
    level_grains: Number = 0
    sides: Sides = "mirror"
    pool_share: Number = 0
    index_grains: Number = 0
    side_grains: Number = 0
    money_grains: Number = 0
    money_rounding: Rounding = "to_zero"
    grace_s: Number = 0
    to: str = "venue"

    def __post_init__(self) -> None:
        """Refuse words nobody defined."""
        for name, known in (("flow", (*FLOWS, "unknown")), ("unit", UNITS), ("sides", SIDES), ("money_rounding", ROUNDINGS)):
            if getattr(self, name) not in known:
                raise CatalogueError("a settlement", f"{name} = {getattr(self, name)!r}", f"Known: {', '.join(known)}.")


class Charge(NamedTuple):
    """Money owed by one contract held long, and by one held short, in the settle asset; negative is received."""

    long: Number
    short: Number


def charge(
    value: Number,
    settle: Settlement,
    contract: Contract,
    price: Number | None = None,
    *,
    long_open: Number | None = None,
    short_open: Number | None = None,
    pool: Number = 0,
) -> Charge:
    """Money one contract owes for a decided `value`.

    Parameters
    ----------
    value : the rate, a fraction of notional for the interval; or quote units per base unit where the rule's unit is "quote".
    price : notional price in quote units; not needed where the rule's unit is "quote" or its price is "none".
    long_open, short_open : open contracts of each side, >= 0; needed where receivers share.
    pool : fee pool in the settle asset, for "capped".

    Raises
    ------
    InputError
        When a price or an open interest is needed and absent.

    Source: payment rules of the venues (mirror, pools, capped and shared receivers); see the sources of each rule in the catalogue.

    Examples
    --------
    >>> charge(0.0001, Settlement(), Contract("linear", "USDT"), 50_000)
    Charge(long=5.0, short=-5.0)
    """
    owed = _per_contract(value, settle, contract, price)
    match settle.sides:
        case "mirror":
            return Charge(owed, -owed)
        case "both_pay":
            return Charge(owed, owed)
        case _:
            return _limited(owed, settle, long_open, short_open, pool)


def _per_contract(value: Number, settle: Settlement, contract: Contract, price: Number | None) -> Number:
    """Money a long contract owes."""
    if settle.unit == "quote" or settle.index_grains:
        amount = value if settle.unit == "quote" else value * _needed(price)
        return contract.per_base(1, rounded_to(amount, settle.index_grains, TO_ZERO))
    if settle.price == NO_PRICE:
        return value * contract.size
    return value * contract.value(1, _needed(price))


def _needed(price: Number | None) -> Number:
    if price is None:
        raise InputError("a funding payment", "the notional price is missing", "Give the mark, index or oracle price the rule names.")
    return price


def _limited(owed: Number, settle: Settlement, long_open: Number | None, short_open: Number | None, pool: Number) -> Charge:
    """Receivers get what payers pay (shared), or their mirror as far as payers and the pool's share reach (capped)."""
    if long_open is None or short_open is None:
        raise InputError("a payment that receivers share", "the open interest is missing", "Give long_open and short_open, in contracts.")
    if owed == 0:
        return Charge(owed, owed)
    paying, receiving = (long_open, short_open) if owed > 0 else (short_open, long_open)
    size = magnitude(owed)
    if settle.sides == "larger":
        return _from_larger(owed, paying, receiving)
    each = _capped(size, paying, receiving, pool, settle) if settle.sides == "capped" else size * paying / receiving if receiving else size
    return Charge(size, -each) if owed > 0 else Charge(-each, size)


def _capped(size: Number, paying: Number, receiving: Number, pool: Number, settle: Settlement) -> Number:
    """Amount per contract that receivers get: their mirror, unless the pool would have to add more than its share.

    In whole units of money every sum is cut towards zero, and what is paid out stays one unit below payers and pool together.
    """
    whole = partial(rounded_to, grains=settle.money_grains, rounding=TO_ZERO)
    share, paid = whole(pool * settle.pool_share), whole(size * paying)
    if not receiving or whole(size * (receiving - paying)) <= share:
        return size
    funded = paid + share
    if settle.money_grains:
        funded -= (1 + 0 * size) / settle.money_grains
    return rounded_to(funded / receiving, settle.side_grains, TO_ZERO)


def _from_larger(owed: Number, paying: Number, receiving: Number) -> Charge:
    """Return what each contract pays and gets of a sum that is the rate on the larger side."""
    if not paying or not receiving:
        return Charge(0 * owed, 0 * owed)
    funded = owed * max(paying, receiving)
    return Charge(funded / paying, -funded / receiving) if owed > 0 else Charge(funded / receiving, -funded / paying)


def payment(owed: Charge, quantity: Number, settle: Settlement) -> Number:
    """Money the holder of `quantity` contracts (signed) receives, in the settle asset, rounded as the venue does.

    Source: as `charge`.

    Examples
    --------
    >>> payment(Charge(5.0, -5.0), -2, Settlement())
    10.0
    """
    amount = -owed.long * quantity if quantity >= 0 else owed.short * quantity
    return rounded_to(amount, settle.money_grains, rounding_code(settle.money_rounding)) if settle.money_grains else amount
