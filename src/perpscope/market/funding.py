"""Who held what, which rate was decided, and what was paid?

The nouns of settlement. A positive rate means longs pay shorts; a positive amount is money received by the holder.
Times are milliseconds UTC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from perpscope.errors import InputError
from perpscope.market.number import Number, refuse_others
from perpscope.market.time import to_text
from perpscope.units import MS_PER_HOUR

Accrual = Literal["stamp", "continuous"]


@dataclass(frozen=True, slots=True)
class Position:
    """From `at` on, `account` holds `quantity` contracts of `symbol` at `venue` (signed: long > 0), until its next row.

    Parameters
    ----------
    account, venue, symbol : who holds what where; the symbol is ccxt's unified one.
    at : ms UTC. quantity : contracts, signed; 0 closes.
    """

    account: str
    venue: str
    symbol: str
    at: int
    quantity: Number

    def __post_init__(self) -> None:
        """Refuse names, times and quantities that are none."""
        names = (self.account, self.venue, self.symbol)
        if not all(isinstance(name, str) for name in names):
            raise InputError("a position", f"the names {names!r}", "Give account, venue and symbol as texts.")
        if not isinstance(self.at, int) or not isinstance(self.quantity, float | int):
            refuse_others(f"the position of {self.account} in {self.symbol}", at=self.at, quantity=self.quantity)
        if self.quantity is None or not math.isfinite(self.quantity):
            raise InputError(f"the position of {self.account} in {self.symbol}", f"a quantity of {self.quantity}", "Give contracts.")


@dataclass(frozen=True, slots=True)
class PublishedFixing:
    """One rate as applied by a venue, with the price its notional is taken at.

    Parameters
    ----------
    venue, symbol : whose. at : ms UTC, the payment stamp, or the end of the interval where it accrues.
    rate : fraction of notional per `interval_hours`; > 0: longs pay. interval_hours : > 0, never assumed.
    price : mark, index or oracle in quote units, as the venue's rule says; None where it is missing.
    accrual : "stamp" (who holds at `at` pays) or "continuous" (accrues over the interval before `at`).
    per_base : quote units per base unit, where the venue fixes money and not a fraction; `rate` and `price` then play no part.
    price_error : None where the price is the venue's own; where it is an estimate, its largest relative error, infinite if nobody knows it.
    """

    venue: str
    symbol: str
    at: int
    rate: Number
    interval_hours: Number
    price: Number | None = None
    accrual: Accrual = "stamp"
    per_base: Number | None = None
    price_error: Number | None = None

    def __post_init__(self) -> None:
        """Refuse what is no fixing: no interval, no number, a price that is not positive, a negative error."""
        try:
            self._refuse_impossible(f"the fixing of {self.venue} {self.symbol} at {to_text(self.at)}")
        except TypeError:
            what = f"a fixing of {self.venue} {self.symbol}"
            refuse_others(what, at=self.at, rate=self.rate, interval_hours=self.interval_hours, price=self.price, per_base=self.per_base)
            raise InputError(what, "a rate or interval that is not there", "Give rate and interval_hours; neither is assumed.") from None

    def _refuse_impossible(self, what: str) -> None:
        if not 1 <= self.interval_hours * MS_PER_HOUR < math.inf:
            raise InputError(what, f"an interval of {self.interval_hours} h", "State interval_hours; it is never assumed to be 8 h.")
        if self.accrual not in get_args(Accrual):
            raise InputError(what, f"the accrual {self.accrual!r}", f"Give {' or '.join(get_args(Accrual))}.")
        if not math.isfinite(self.rate):
            raise InputError(what, f"a rate of {self.rate}", "Leave the row out, or find its value.")
        if self.per_base is not None and not math.isfinite(self.per_base):
            raise InputError(what, f"an amount of {self.per_base} per base unit", "Leave the row out, or find its value.")
        if self.price_error is not None and not self.price_error >= 0:
            raise InputError(what, f"a price error of {self.price_error}", "Give the largest relative error, zero or more.")
        if self.price is not None and not 0 < self.price < math.inf:
            raise InputError(what, f"a price of {self.price}", "Prices are positive; leave out what is not known.")


@dataclass(frozen=True, slots=True)
class Payment:
    """One funding payment of one account: positive amounts are received.

    Parameters
    ----------
    account, venue, symbol, at : whose, where and when (ms UTC). quantity : contracts held, signed; a time average where funding accrues.
    rate, interval_hours, price : the fixing it came from. amount : money in `asset`.
    estimated : whether the price is an estimate; possible_error : the largest error of the amount from it, infinite if nobody knows it.
    doubt : what is not settled about this payment, "" for nothing: a change of position inside the venue's tolerance of the stamp.
    """

    account: str
    venue: str
    symbol: str
    at: int
    quantity: Number
    rate: Number
    interval_hours: Number
    price: Number | None
    amount: Number
    asset: str
    estimated: bool = False
    possible_error: Number = 0
    doubt: str = ""
