"""What did each holder pay or receive?

`settle` is the library's heart for others to embed: positions and fixings go in, payments come out, nothing is read or
fetched. A payment needs a price, an interval and one instant at which somebody holds: what is missing stops the run or
marks the payment as estimated, with the size of the possible error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple, get_args

from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.market.funding import Payment, Position, PublishedFixing
from perpscope.market.number import Number, magnitude, total
from perpscope.market.time import FOREVER, to_text
from perpscope.mechanisms.settle import NO_PRICE, Charge, Settlement, charge, payment
from perpscope.trading.decided import Missing, Priced, once, priced, step
from perpscope.trading.holdings import History, histories

__all__ = ["Hole", "Key", "Listing", "Missing", "Settled", "settle", "way"]

Key = tuple[str, str]
"""Venue and unified symbol."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What is known of one contract beside its positions.

    Parameters
    ----------
    contract : its payoff and size. settle : how its venue pays. listed, ended : ms UTC, its life: listed <= t <= ended; None
        where it is not known to have an end.
    assumed : what was assumed about it, for a reader; empty where nothing was.
    """

    contract: Contract
    settle: Settlement = field(default_factory=Settlement)
    listed: int | None = None
    ended: int | None = None
    assumed: str = ""

    def lasts(self, ms: int) -> bool:
        """Whether the contract exists at an instant."""
        return self.first <= ms <= self.last

    @property
    def first(self) -> int:
        """First instant of its life, ms UTC."""
        return -FOREVER if self.listed is None else self.listed

    @property
    def last(self) -> int:
        """Last instant of its life, ms UTC."""
        return FOREVER if self.ended is None else self.ended


@dataclass(frozen=True, slots=True)
class Hole:
    """Somebody held a contract from `start` to `end` (ms UTC), and no fixing of that time is known: nothing was paid for it."""

    venue: str
    symbol: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What a run of settlement gave.

    Parameters
    ----------
    payments : by stamp, venue, symbol and account. totals : asset -> sum of amounts received.
    conservation_error : asset -> how far the payments of all accounts are from the one payment of their net position; 0 where
        every unit paid was received or is owed by somebody outside.
    ignored : fixings outside every life of their contract, which pay nothing.
    holes : when somebody held and no fixing is known, from the first holding on; what comes after the last fixing is not known.
    """

    payments: tuple[Payment, ...]
    totals: Mapping[str, Number]
    conservation_error: Mapping[str, Number]
    ignored: tuple[PublishedFixing, ...] = ()
    holes: tuple[Hole, ...] = ()


def settle(
    positions: Iterable[Position],
    fixings: Iterable[PublishedFixing],
    terms: Mapping[Key, Sequence[Listing]] | None = None,
    *,
    missing_price: Missing = "stop",
) -> Settled:
    """Pay every fixing to everybody who held at its stamp, or while it accrued.

    Parameters
    ----------
    positions : rows in any order; the last one at or before a stamp is what an account holds at it, a change at the very stamp included.
    fixings : in any order; rows of one contract nearer than a minute are one fixing and must agree. Those of contracts nobody
        holds play no part.
    terms : (venue, symbol) -> the contracts that had that name, one after another; a position never passes from one to the
        next. Without an entry a linear contract is one base unit, an inverse one quote unit, both paid at the stamp.
    missing_price : "stop" raises; "estimate" takes the price between the neighbouring fixings and marks the payment.

    Raises
    ------
    InputError
        For a missing price, a contradiction between rows, a position in a contract without any fixing or opened outside every
        life of its contract.

    Examples
    --------
    >>> held = [Position("me", "venue", "BTC/USDT:USDT", 0, 2)]
    >>> paid = settle(held, [PublishedFixing("venue", "BTC/USDT:USDT", 28_800_000, 0.0001, 8, 60_000)])
    >>> paid.payments[0].amount, paid.totals
    (-12.0, {'USDT': -12.0})
    """
    if missing_price not in get_args(Missing):
        raise InputError("missing_price", repr(missing_price), f"Give {' or '.join(get_args(Missing))}.")
    decided = once(fixings)
    known = terms or {}
    payments: list[Payment] = []
    totals: dict[str, Number] = {}
    error: dict[str, Number] = {}
    ignored: list[PublishedFixing] = []
    holes: list[Hole] = []
    for key, held in sorted(histories(positions).items()):
        lives = sorted(known.get(key) or (Listing(Contract.of_symbol(key[1])),), key=lambda life: life.first)
        _refuse_unpaid(key, held, decided)
        _refuse_afterlife(key, lives, held)
        theirs = decided.get(key, [])
        ignored += [f for f in theirs if not any(life.lasts(f.at) for life in lives)]
        for own in lives:
            alive = [history.between(own.first, own.last) for history in held]
            decided_then = [f for f in theirs if own.lasts(f.at)]
            try:
                paid = _of_contract(own, alive, decided_then, missing_price)
            except TypeError as problem:
                raise _of_two_kinds(key, alive, decided_then) or problem from None
            payments += paid.payments
            holes += _holes(key, own, alive, decided_then)
            if paid.payments:
                asset = own.contract.asset
                totals[asset] = totals.get(asset, 0) + paid.received
                error[asset] = error.get(asset, 0) + magnitude(paid.off)
    payments.sort(key=lambda p: (p.at, p.venue, p.symbol, p.account))
    return Settled(tuple(payments), totals, error, tuple(ignored), tuple(holes))


def _of_two_kinds(key: Key, held: Sequence[History], decided: Sequence[PublishedFixing]) -> InputError | None:
    """Say that decimals and floats do not multiply, where that is what happened."""
    used = [quantity for history in held for quantity in history.quantity]
    used += [number for f in decided for number in (f.rate, f.price, f.per_base) if number is not None]
    kinds = sorted({type(number).__name__ for number in used} - {"int"})
    if "Decimal" not in kinds or len(kinds) == 1:
        return None
    return InputError(f"the funding of {' '.join(key)}", f"numbers of several kinds: {', '.join(kinds)}", "Give all as one kind.")


def _refuse_unpaid(key: Key, held: Sequence[History], decided: Mapping[Key, Sequence[PublishedFixing]]) -> None:
    """Refuse positions in a contract of which there is no fixing at all: nothing would be paid without a word."""
    if key in decided or all(history.opened is None for history in held):
        return
    known = ", ".join(" ".join(other) for other in sorted(decided)) or "nothing"
    raise InputError(f"the funding of {' '.join(key)}", f"no fixing of it; there are fixings of {known}", "Correct the symbol.")


def _refuse_afterlife(key: Key, lives: Sequence[Listing], held: Sequence[History]) -> None:
    """Refuse lives that overlap, and positions taken before the contract was listed or after it had ended."""
    for one, other in pairwise(lives):
        if other.first <= one.last:
            there = f"one lasts until {to_text(one.last)}, the next is listed at {to_text(other.first)}"
            raise InputError(f"the contracts named {' '.join(key)}", there, "Give lives that follow one another.")
    for history in held:
        for at, quantity in zip(history.at, history.quantity, strict=True):
            if quantity and not any(life.lasts(at) for life in lives):
                ended = [life.last for life in lives if life.last < at]
                there = f"the contract ended at {to_text(max(ended))}" if ended else "the contract was not listed yet"
                what = f"the position of {history.account} in {' '.join(key)} at {to_text(at)}"
                raise InputError(what, there, "Date it inside the contract's life, or name the contract that had this ticker then.")


class _Paid(NamedTuple):
    """Payments of one contract, their sum, and how far it is from the payments of the net position."""

    payments: list[Payment]
    received: Number
    off: Number


def _of_contract(own: Listing, held: Sequence[History], decided: Sequence[PublishedFixing], missing: Missing) -> _Paid:
    """Pay the fixings of one contract."""
    payments: list[Payment] = []
    received: list[Number] = []
    off: list[Number] = []
    for fixing, price in zip(decided, priced(decided, missing), strict=True):
        settle = way(own.settle, fixing)
        holders = list(_holders(held, fixing, settle))
        if not holders:
            continue
        at_price = _at_price(fixing, price, settle, missing)
        owed = _owed(fixing, own, settle, at_price.price, holders)
        error = at_price.error_of(own.contract.payoff)
        paid = [_payment(fixing, own, at_price, error, holder, payment(owed, holder.quantity, settle)) for holder in holders]
        payments += paid
        received.append(total([p.amount for p in paid]))
        if settle.sides == "mirror":
            off.append(received[-1] - payment(owed, total([holder.quantity for holder in holders]), settle))
    return _Paid(payments, total(received), total(off))


def _owed(fixing: PublishedFixing, own: Listing, settle: Settlement, price: Number | None, holders: Sequence[_Holder]) -> Charge:
    """Return what a contract owes; where receivers share what payers pay, these holders are all there are."""
    value = fixing.rate if fixing.per_base is None else fixing.per_base
    if settle.sides in {"mirror", "both_pay"}:
        return charge(value, settle, own.contract, price)
    none = 0 * holders[0].quantity
    long_open = total([none, *(holder.quantity for holder in holders if holder.quantity > 0)])
    short_open = total([none, *(-holder.quantity for holder in holders if holder.quantity < 0)])
    return charge(value, settle, own.contract, price, long_open=long_open, short_open=short_open)


class _Holder(NamedTuple):
    """Whom a fixing concerns: account, contracts held (signed), and what the venue's tolerance leaves in doubt."""

    account: str
    quantity: Number
    doubt: str


def _holders(held: Sequence[History], fixing: PublishedFixing, settle: Settlement) -> Iterator[_Holder]:
    """Who is concerned by a fixing: who holds, and who may hold by the venue's tolerance."""
    start = fixing.at - step(fixing)
    for history in held:
        if fixing.accrual == "stamp":
            quantity, doubt = history.holds(fixing.at), history.doubt(fixing.at, settle.grace_s)
        else:
            quantity, doubt = history.mean(start, fixing.at), ""
        if quantity or doubt:
            yield _Holder(history.account, quantity, doubt)


def way(settle: Settlement, fixing: PublishedFixing) -> Settlement:
    """How a fixing is paid: an amount per base unit as such, a rate as a fraction of notional, also where the venue decides amounts."""
    if fixing.per_base is not None:
        return settle if settle.unit == "quote" else replace(settle, unit="quote")
    return settle if settle.unit == "rate" else replace(settle, unit="rate", price="index")


def _at_price(fixing: PublishedFixing, price: Priced | None, settle: Settlement, missing: Missing) -> Priced:
    """Price a fixing is paid at.

    Raises
    ------
    InputError
        When it is needed and not there.
    """
    if settle.price == NO_PRICE or fixing.per_base is not None:
        return Priced(fixing.price)
    if price is not None:
        return price
    what = f"the payment of {fixing.venue} {fixing.symbol} at {to_text(fixing.at)}"
    if missing == "stop":
        raise InputError(
            what, "the price of the notional is missing", 'Give it, or have it estimated (--estimate, missing_price="estimate").'
        )
    raise InputError(what, "no price on both sides of it to estimate from", "Give the price: a one-sided guess has no known error.")


def _payment(fixing: PublishedFixing, own: Listing, price: Priced, error: Number | None, holder: _Holder, amount: Number) -> Payment:
    return Payment(
        account=holder.account,
        venue=fixing.venue,
        symbol=fixing.symbol,
        at=fixing.at,
        quantity=holder.quantity,
        rate=fixing.rate,
        interval_hours=fixing.interval_hours,
        price=price.price,
        amount=amount,
        asset=own.contract.asset,
        estimated=error is not None,
        possible_error=magnitude(amount) * error if error and amount else 0,
        doubt=holder.doubt,
    )


def _holes(key: Key, own: Listing, held: Sequence[History], decided: Sequence[PublishedFixing]) -> Iterator[Hole]:
    """When somebody held and no fixing is known, within the life of one contract; jitter of half an interval is none."""
    opened = [history.opened for history in held if history.opened is not None]
    if not opened:
        return
    now = min(opened)
    for fixing in decided:
        start = fixing.at - step(fixing)
        if 2 * (start - now) > step(fixing) and any(history.any_in(now, start) for history in held):
            yield Hole(*key, now, start)
        now = max(now, fixing.at)
    length = step(decided[-1]) if decided else 0
    if own.last < FOREVER and own.last - now > length and any(history.any_in(now, own.last) for history in held):
        yield Hole(*key, now, own.last)
