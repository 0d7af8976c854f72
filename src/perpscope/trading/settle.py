"""What did each holder pay or receive?

`settle` is the library's heart for others to embed: positions and fixings go in, payments come out, nothing is read or
fetched. A payment needs a price, an interval and one instant at which somebody holds: what is missing stops the run or
marks the payment as estimated, with the size of the possible error.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Literal

from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.market.funding import Payment, Position, PublishedFixing
from perpscope.market.number import Number, magnitude
from perpscope.market.time import to_text
from perpscope.mechanisms.settle import Settlement, charge, payment
from perpscope.units import MS_PER_HOUR

Key = tuple[str, str]
"""Venue and unified symbol."""
Missing = Literal["stop", "estimate"]


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
        return (self.listed is None or self.listed <= ms) and (self.ended is None or ms <= self.ended)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a run of settlement gave.

    Parameters
    ----------
    payments : by stamp, venue, symbol and account. totals : asset -> sum of amounts received.
    conservation_error : asset -> how far the payments of all accounts are from the one payment of their net position; 0 where
    every unit paid was received or is owed by somebody outside. ignored : fixings outside every life of their contract, which
    pay nothing.
    """

    payments: tuple[Payment, ...]
    totals: Mapping[str, Number]
    conservation_error: Mapping[str, Number]
    ignored: tuple[PublishedFixing, ...] = ()


def settle(
    positions: Iterable[Position],
    fixings: Iterable[PublishedFixing],
    terms: Mapping[Key, Sequence[Listing]] | None = None,
    *,
    missing_price: Missing = "stop",
) -> Settled:
    """Pay every fixing to everybody who held at its stamp.

    Parameters
    ----------
    positions : rows in any order; the last one at or before a stamp is what an account holds at it.
    fixings : in any order; two of one contract and stamp are an error.
    terms : (venue, symbol) -> the contracts that had that name, one after another; a position never passes from one to the
        next. Without an entry a linear contract is one base unit, an inverse one quote unit, both paid at the stamp.
    missing_price : "stop" raises; "estimate" takes the price between the neighbouring fixings and marks the payment.

    Raises
    ------
    InputError
        For a missing price, a contradiction between rows, a position opened outside every life of its contract.

    Examples
    --------
    >>> held = [Position("me", "binanceusdm", "BTC/USDT:USDT", 0, 2)]
    >>> paid = settle(held, [PublishedFixing("binanceusdm", "BTC/USDT:USDT", 28_800_000, 0.0001, 8, 60_000)])
    >>> paid.payments[0].amount, paid.totals
    (-12.0, {'USDT': -12.0})
    """
    held = _histories(positions)
    decided = _by_contract(fixings)
    known = terms or {}
    payments: list[Payment] = []
    error: dict[str, Number] = {}
    ignored: list[PublishedFixing] = []
    for key in sorted(decided):
        if key not in held:
            continue
        lives = known.get(key) or (Listing(Contract.of_symbol(key[1])),)
        _refuse_afterlife(key, lives, held[key])
        ignored += [f for f in decided[key] if not any(life.lasts(f.at) for life in lives)]
        for own in lives:
            theirs = [h.within(own) for h in held[key]]
            found, off = _of_contract(own, theirs, [f for f in decided[key] if own.lasts(f.at)], missing_price)
            payments += found
            error[own.contract.asset] = error.get(own.contract.asset, 0) + off
    payments.sort(key=lambda p: (p.at, p.venue, p.symbol, p.account))
    totals: dict[str, Number] = {}
    for one in payments:
        totals[one.asset] = totals.get(one.asset, 0) + one.amount
    return Settled(tuple(payments), totals, error, tuple(ignored))


@dataclass(frozen=True, slots=True)
class _History:
    """One account's holdings of one contract: rising times and the quantity from each on."""

    account: str
    at: Sequence[int]
    quantity: Sequence[Number]

    def holds(self, ms: int) -> Number:
        """Contracts held at an instant, a change at that very instant included."""
        k = bisect_right(self.at, ms)
        return self.quantity[k - 1] if k else 0

    def within(self, life: Listing) -> _History:
        """Return what was held of the contract of one life."""
        own = [(at, quantity) for at, quantity in zip(self.at, self.quantity, strict=True) if life.lasts(at)]
        return _History(self.account, [at for at, _ in own], [quantity for _, quantity in own])

    def mean(self, start: int, end: int) -> Number:
        """Contracts held on average over start < t <= end."""
        edges = [start, *(at for at in self.at if start < at < end), end]
        spent = [self.holds(a) * (b - a) for a, b in pairwise(edges)]
        return sum(spent[1:], start=spent[0]) / (end - start)

    def doubt(self, ms: int, grace_s: Number) -> str:
        """Say what a venue's tolerance leaves open about who held at an instant."""
        near = [at for at in self.at if magnitude(at - ms) < grace_s * 1000 and self.holds(at - 1) != self.holds(at)]
        if not near:
            return ""
        return f"the position changed at {to_text(near[0])}, inside the {float(grace_s):g} s the venue allows itself"


def _histories(positions: Iterable[Position]) -> dict[Key, list[_History]]:
    found: dict[Key, list[_History]] = {}
    rows = sorted(positions, key=lambda p: (p.venue, p.symbol, p.account, p.at))
    for (venue, symbol, account), own in groupby(rows, key=lambda p: (p.venue, p.symbol, p.account)):
        several = list(own)
        for one, other in pairwise(several):
            if one.at == other.at and one.quantity != other.quantity:
                there = f"{one.quantity} and {other.quantity} at {to_text(one.at)}"
                raise InputError(f"the position of {account} in {venue} {symbol}", there, "Give one quantity for each instant.")
        found.setdefault((venue, symbol), []).append(_History(account, [p.at for p in several], [p.quantity for p in several]))
    return found


def _by_contract(fixings: Iterable[PublishedFixing]) -> dict[Key, list[PublishedFixing]]:
    found: dict[Key, list[PublishedFixing]] = {}
    for one in sorted(fixings, key=lambda f: (f.venue, f.symbol, f.at)):
        own = found.setdefault((one.venue, one.symbol), [])
        if own and own[-1].at == one.at:
            if own[-1] != one:
                raise InputError(f"the fixing of {one.venue} {one.symbol} at {to_text(one.at)}", "two of them differ", "Give one of them.")
            continue
        own.append(one)
    return found


def _refuse_afterlife(key: Key, lives: Sequence[Listing], held: Sequence[_History]) -> None:
    """Refuse positions taken before the contract was listed or after it had ended."""
    for history in held:
        for at, quantity in zip(history.at, history.quantity, strict=True):
            if quantity and not any(life.lasts(at) for life in lives):
                ended = [life.ended for life in lives if life.ended is not None and life.ended < at]
                there = f"the contract ended at {to_text(max(ended))}" if ended else "the contract was not listed yet"
                what = f"the position of {history.account} in {' '.join(key)} at {to_text(at)}"
                raise InputError(what, there, "Date it inside the contract's life, or name the contract that had this ticker then.")


def _of_contract(
    own: Listing, held: Sequence[_History], decided: Sequence[PublishedFixing], missing_price: Missing
) -> tuple[list[Payment], Number]:
    """Pay the fixings of one contract; return the payments and how far they are from that of the net position."""
    payments: list[Payment] = []
    off: Number = 0
    for k, fixing in enumerate(decided):
        price, error = _price(own, decided, k, missing_price)
        holders = [(h, _held(h, fixing)) for h in held]
        holders = [(h, quantity) for h, quantity in holders if quantity]
        if not holders:
            continue
        long_open = sum((q for _, q in holders if q > 0), start=0 * holders[0][1])
        short_open = -sum((q for _, q in holders if q < 0), start=0 * holders[0][1])
        value = fixing.rate if fixing.per_base is None else fixing.per_base
        owed = charge(value, own.settle, own.contract, price, long_open=long_open, short_open=short_open)
        amounts = [payment(owed, quantity, own.settle) for _, quantity in holders]
        for (history, quantity), amount in zip(holders, amounts, strict=True):
            one = Payment(
                account=history.account,
                venue=fixing.venue,
                symbol=fixing.symbol,
                at=fixing.at,
                quantity=quantity,
                rate=fixing.rate,
                interval_hours=fixing.interval_hours,
                price=price,
                amount=amount,
                asset=own.contract.asset,
                estimated=error > 0,
                possible_error=magnitude(amount) * error,
                doubt=history.doubt(fixing.at, own.settle.grace_s) if fixing.accrual == "stamp" else "",
            )
            payments.append(one)
        if own.settle.sides == "mirror":
            off += sum(amounts, start=0 * amounts[0]) - payment(owed, long_open - short_open, own.settle)
    return payments, magnitude(off)


def _held(history: _History, fixing: PublishedFixing) -> Number:
    if fixing.accrual == "stamp":
        return history.holds(fixing.at)
    return history.mean(fixing.at - round(fixing.interval_hours * MS_PER_HOUR), fixing.at)


def _price(own: Listing, decided: Sequence[PublishedFixing], k: int, missing: Missing) -> tuple[Number | None, Number]:
    """Return the price of a fixing and, where it is an estimate, the largest relative error of the payment from it."""
    fixing = decided[k]
    if fixing.price is not None or own.settle.price == "none" or fixing.per_base is not None:
        return fixing.price, fixing.price_error
    what = f"the payment of {fixing.venue} {fixing.symbol} at {to_text(fixing.at)}"
    if missing == "stop":
        raise InputError(what, "the price of the notional is missing", "Give it, or ask for estimates (missing price: estimate).")
    earlier = next((f for f in reversed(decided[:k]) if f.price is not None), None)
    later = next((f for f in decided[k + 1 :] if f.price is not None), None)
    if earlier is None or later is None or earlier.price is None or later.price is None:
        raise InputError(what, "no price on both sides of it to estimate from", "Give the price: a one-sided guess has no known error.")
    share = (fixing.at - earlier.at) / (later.at - earlier.at)
    price = earlier.price + (later.price - earlier.price) * share
    ends = [earlier.price / price - 1, later.price / price - 1]
    if own.contract.payoff == "inverse":
        ends = [price / earlier.price - 1, price / later.price - 1]
    return price, max(magnitude(end) for end in ends)
