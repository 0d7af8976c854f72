"""What is a position worth, in which asset?

Three payoffs cover perpetuals: linear (paid in the quote asset), inverse (paid in the base asset, sized in quote units)
and quanto (paid in a third asset at a fixed exchange). `Contract.value` is the notional a funding rate is a fraction of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from perpscope.errors import InputError
from perpscope.market.instrument import market_of, parse_symbol
from perpscope.market.number import Number, refuse_others

Payoff = Literal["linear", "inverse", "quanto"]
PAYOFFS: tuple[str, ...] = get_args(Payoff)


@dataclass(frozen=True, slots=True)
class Contract:
    """The terms that turn a number of contracts and a price into money.

    Parameters
    ----------
    payoff : "linear", "inverse" or "quanto".
    asset : asset the contract settles in.
    size : > 0. linear: base units per contract; inverse: quote units per contract; quanto: settle units per contract
        and quote unit of price (0.000001 XBT for each dollar of ETHUSD).

    Examples
    --------
    >>> Contract("linear", "USDT", 0.01).value(5, 60_000)
    3000.0
    >>> Contract("inverse", "BTC", 1).value(-10_000, 5_000)
    -2.0
    """

    payoff: Payoff
    asset: str
    size: Number = 1

    def __post_init__(self) -> None:
        """Refuse contracts that cannot be."""
        if self.payoff not in PAYOFFS:
            raise InputError("a contract", f"the payoff {self.payoff!r}", f"Give one of {', '.join(PAYOFFS)}.")
        if not self.asset:
            raise InputError("a contract", "no settle asset", "Say which asset it settles in.")
        refuse_others("a contract", size=self.size)
        if not 0 < self.size < float("inf"):
            raise InputError("a contract", f"a size of {self.size}", "Give the units per contract, a positive number.")

    @classmethod
    def of_symbol(cls, symbol: str, size: Number | None = None) -> Contract:
        """Contract of a unified symbol; without a size one contract is one base unit (linear) or one quote unit (inverse).

        Raises
        ------
        InputError
            When the symbol is no perpetual, or a quanto without a size: its multiplier is never guessed.
        """
        base, quote, settle = parse_symbol(symbol)
        payoff = market_of(base, quote, settle)
        if payoff not in PAYOFFS or "-" in symbol.rpartition(":")[2]:
            there = "a dated future pays no funding" if payoff in PAYOFFS else "a spot market pays no funding"
            raise InputError(f"a contract of {symbol}", there, "Give a perpetual such as BTC/USDT:USDT.")
        if payoff == "quanto" and size is None:
            raise InputError(f"the quanto {symbol}", "its multiplier is not given", f"Give the {settle} per {quote} of price and contract.")
        return cls(payoff, settle, 1 if size is None else size)  # type: ignore[arg-type]  # narrowed by the test against PAYOFFS

    def value(self, quantity: Number, price: Number) -> Number:
        """Notional in the settle asset, with the sign of `quantity` (contracts); `price` > 0 in quote units.

        Raises
        ------
        InputError
            When the price is not positive.
        """
        if not 0 < price < float("inf"):
            raise InputError("the value of a position", f"a price of {price}", "Prices are positive; leave out what is not known.")
        if self.payoff == "inverse":
            return quantity * self.size / price
        return quantity * self.size * price

    def profit(self, quantity: Number, entry: Number, price: Number) -> Number:
        """Gain of `quantity` contracts (signed) from the price `entry` to `price` (quote units), in the settle asset."""
        if self.payoff == "inverse":
            return self.value(quantity, entry) - self.value(quantity, price)
        return self.value(quantity, price) - self.value(quantity, entry)

    def per_base(self, quantity: Number, amount: Number) -> Number:
        """Money of an amount stated in quote units per base unit; only linear contracts are paid so.

        Raises
        ------
        InputError
            For another payoff.
        """
        if self.payoff != "linear":
            raise InputError("an amount per base unit", f"the contract is {self.payoff}", "Only linear contracts are paid per base unit.")
        return quantity * self.size * amount
