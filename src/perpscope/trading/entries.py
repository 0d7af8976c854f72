"""How do the payments of a fixing become entries of a ledger, to the last unit?

Each payment is rounded to whole units. What holders outside the file owe, or a third party that the rule names, is posted to
a named account; what rounding leaves over is posted to another. So each entry sums to zero exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.market.funding import Payment
from perpscope.market.number import Rounding
from perpscope.mechanisms.settle import charge, payment
from perpscope.trading.ledger import OUTSIDE, ROUNDING, Entry, Posting
from perpscope.trading.money import Units, exact
from perpscope.trading.settle import Key, Listing, Settled


def funding_entry(
    payments: Sequence[Payment], terms: Listing | None = None, units: Units | None = None, rounding: Rounding = "nearest"
) -> Entry:
    """Return the entry of one fixing.

    Parameters
    ----------
    payments : all of one venue, symbol and stamp, of different accounts.
    terms : the contract; where longs and shorts mirror each other it lets the outside share be the payment of the net position,
        and what the venue's own rounding moved is seen as rounding. Without it the outside owes minus the sum of the amounts.
    units : the unit of each asset. rounding : of a payment that is not whole units; "down" is against the holder.

    Raises
    ------
    InputError
        For no payments, payments of several fixings or assets, or two of one account.

    Examples
    --------
    >>> held = Payment("me", "venue", "BTC/USDT:USDT", 0, 2, 0.0001, 8, 60_000, -12.0, "USDT")
    >>> [(p.account, p.units, p.reason) for p in funding_entry([held]).postings]
    [('me', -1200000000, 'funding'), ('outside', 1200000000, 'funding')]
    """
    first = _of_one_fixing(payments)
    unit = units or Units()
    about = f"{first.venue} {first.symbol}"
    postings = [Posting(p.account, p.asset, unit.of(p.asset, p.amount, rounding), "funding", p.at, about) for p in payments]
    theirs = unit.of(first.asset, _outside(payments, terms))
    if theirs:
        postings.append(Posting(_third(terms), first.asset, theirs, "funding", first.at, about))
    rest = -sum(p.units for p in postings)
    if rest:
        postings.append(Posting(ROUNDING, first.asset, rest, "rounding", first.at, about))
    return Entry(tuple(postings), f"funding {about} {first.at}")


def funding_entries(
    settled: Settled, terms: Mapping[Key, Sequence[Listing]] | None = None, units: Units | None = None, rounding: Rounding = "nearest"
) -> tuple[Entry, ...]:
    """Return one entry for each fixing that paid somebody, in order of time; parameters as in `settle` and `funding_entry`."""
    rows = sorted(settled.payments, key=lambda p: (p.at, p.venue, p.symbol))
    found: list[Entry] = []
    for (at, venue, symbol), own in groupby(rows, key=lambda p: (p.at, p.venue, p.symbol)):
        lives = (terms or {}).get((venue, symbol)) or (None if terms is None else _plain(symbol))
        life = next((one for one in lives or () if one.lasts(at)), None)
        found.append(funding_entry(list(own), life, units, rounding))
    return tuple(found)


def _plain(symbol: str) -> tuple[Listing, ...]:
    """Return what `settle` takes for a contract it is told nothing of."""
    return (Listing(Contract.of_symbol(symbol)),)


def _of_one_fixing(payments: Sequence[Payment]) -> Payment:
    if not payments:
        raise InputError("a funding entry", "no payments", "Leave out a fixing at which nobody held.")
    first = payments[0]
    if {(p.venue, p.symbol, p.at, p.asset) for p in payments} != {(first.venue, first.symbol, first.at, first.asset)}:
        raise InputError("a funding entry", "payments of several fixings", "Give those of one; funding_entries takes many.")
    if len({p.account for p in payments}) != len(payments):
        raise InputError("a funding entry", "an account that is paid twice", "Give one payment for each account.")
    return first


def _third(terms: Listing | None) -> str:
    """Account that takes what the holders do not owe each other."""
    return OUTSIDE if terms is None or terms.settle.sides == "mirror" else terms.settle.to


def _outside(payments: Sequence[Payment], terms: Listing | None) -> Fraction:
    """Exact amount that somebody beyond these holders receives."""
    first = payments[0]
    if terms is None or terms.settle.sides != "mirror" or terms.settle.unit != "rate":
        return -sum((exact(p.amount) for p in payments), start=Fraction(0))
    net = sum((exact(p.quantity) for p in payments), start=Fraction(0))
    contract = replace(terms.contract, size=exact(terms.contract.size))
    precise = replace(terms.settle, money_grains=0)
    price = None if first.price is None else exact(first.price)
    return -exact(payment(charge(exact(first.rate), precise, contract, price), net, precise))
