"""Where does the money of a trade lie, and why did it change?

The only place where money moves. Every change of what an account is worth is written down under one reason at the moment it is made,
as the difference of two whole numbers: so the reasons add up to the change of the equity, to the last unit, whatever happens.
Beside it every cash flow is posted in its own asset, from somebody to somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perpscope.market.number import Number
from perpscope.trading.backtest.account import Account, in_units
from perpscope.trading.backtest.model import PLACES, Why
from perpscope.trading.ledger import OUTSIDE, Entry, Ledger, Posting, Reason, moved
from perpscope.trading.money import Units

IDLE = "idle"
INSURANCE, VENUE, LENDER = "insurance", "venue", "lender"


@dataclass(slots=True, eq=False)
class Flight:
    """Money on its way to a leg: units of the leg's settle asset, and what they are worth in the reporting asset."""

    to: Account
    arrives: int
    units: int
    worth: int


class Purse:
    """Idle money, the accounts of the legs, and money on its way.

    Parameters
    ----------
    accounts : one a leg. asset : reporting asset. capital : units of it put in. at : ms UTC. keep : whether to keep the ledger.
    """

    def __init__(self, accounts: Sequence[Account], asset: str, capital: int, at: int, *, keep: bool) -> None:
        self.accounts, self.asset, self.capital = accounts, asset, capital
        self.idle = capital
        self.flights: list[Flight] = []
        self.cells: dict[tuple[str, Why], int] = {}
        self.ledger = Ledger(Units(others=PLACES), outside=(OUTSIDE, INSURANCE, VENUE, LENDER)) if keep else None
        self._post(OUTSIDE, IDLE, asset, capital, "transfer", at, about="capital")

    @property
    def equity(self) -> int:
        """All money at the prices of the moment, in units of the reporting asset."""
        return self.idle + sum(own.worth for own in self.accounts) + sum(one.worth for one in self.flights)

    @property
    def booked(self) -> int:
        """Capital and the sum of all reasons: the same number, from the other side."""
        return self.capital + sum(self.cells.values())

    # what prices do -------------------------------------------------------------------------------------------------------------------

    def revalue(self, own: Account, before: tuple[Number, Number, Number]) -> None:
        """Write down what new prices made of an account; `before` : its price, its coin's price and its years left until now."""
        price, coin, years = before
        worth = own.worth_at(own.price)
        change, own.worth = worth - own.worth, worth
        if own.swap and own.quantity:
            fixed = in_units(own.coin * own.quantity * price * (own.years_left - years))
            self._add(own.label, "funding", fixed)
            change -= fixed
        if own.coin_is != "same" and own.quantity and own.coin != coin:
            cross = in_units((own.coin - coin) * (own.profit(own.price) - own.profit(price)))
            self._add(own.label, "convexity", cross)
            change -= cross
        self._add(own.label, "basis", change)

    def revalue_flights(self) -> None:
        """Write down what coins on their way gained."""
        for one in self.flights:
            worth = one.units if one.to.coin_is == "same" else round(one.to.coin * one.units)
            self._add(one.to.label, "basis", worth - one.worth)
            one.worth = worth

    # cash flows -----------------------------------------------------------------------------------------------------------------------

    def receive(self, own: Account, units: int, why: Why, reason: Reason, other: str, about: str = "") -> None:
        """Let an account receive (> 0) or give units of its settle asset, for a reason."""
        own.wallet += units
        self._post(other, own.label, own.asset, units, reason, own.now, about=about)
        self.settle(own, why)

    def receive_idle(self, units: int, why: Why, reason: Reason, other: str, at: int, *, about: str = "") -> None:
        """Let the idle money receive or give units of the reporting asset."""
        self.idle += units
        self._post(other, IDLE, self.asset, units, reason, at, about=about)
        self._add("", why, units)

    def settle(self, own: Account, why: Why) -> None:
        """Write down under a reason what a cash flow or a close made of an account's worth."""
        worth = own.worth_at(own.price)
        self._add(own.label, why, worth - own.worth)
        own.worth = worth

    def realise(self, own: Account, share: Number, price: Number, why: Why, about: str) -> None:
        """Close a share of a position at a price; against the trade price the gain or loss has the reason given."""
        gain = own.give(share, price)
        self._post(OUTSIDE, own.label, own.asset, gain, "realised", own.now, about=about)
        self.settle(own, why)

    # between pockets ------------------------------------------------------------------------------------------------------------------

    def fund(self, own: Account, units: int) -> None:
        """Move idle money (units of the reporting asset) into an account, bought into its asset at the price of the moment."""
        bought = self.bought(own, units)
        before = own.worth
        own.wallet += bought
        own.worth = own.worth_at(own.price)
        self.idle -= own.worth - before
        self._exchange(IDLE, own.label, own, own.worth - before, bought)

    def bought(self, own: Account, units: int) -> int:
        """Units of an account's asset that units of the reporting asset buy."""
        return units if own.coin_is == "same" else round(units / own.coin)

    def sweep(self, own: Account) -> None:
        """Bring all cash of an account without a position back to the idle money, sold at the price of the moment."""
        self._exchange(IDLE, own.label, own, -own.worth, -own.wallet)
        self.idle += own.worth
        own.wallet = own.worth = 0

    def send(self, giver: Account | None, taker: Account, units: int, arrives: int) -> None:
        """Send units of the reporting asset from an account (None: the idle money) on their way to another."""
        bought = self.bought(taker, units)
        worth = bought if taker.coin_is == "same" else round(taker.coin * bought)
        if giver is None:
            self.idle -= worth
        else:
            sold = self.bought(giver, units)
            giver.wallet -= sold
            before, giver.worth = giver.worth, giver.worth_at(giver.price)
            self.idle += before - giver.worth - worth
            self._exchange(IDLE, giver.label, giver, giver.worth - before, -sold)
        self._exchange(IDLE, "on the way", taker, worth, bought)
        self.flights.append(Flight(taker, arrives, bought, worth))

    def land(self, one: Flight) -> None:
        """Let money arrive; where nothing is held any more, with the idle money."""
        self.flights.remove(one)
        own = one.to
        if not own.quantity:
            self.idle += one.worth
            self._exchange(IDLE, "on the way", own, -one.worth, -one.units, own.now)
            return
        before = own.worth
        own.wallet += one.units
        own.worth = own.worth_at(own.price)
        self._add(own.label, "transfer", own.worth - before - one.worth)
        self._post("on the way", own.label, own.asset, one.units, "transfer", own.now)

    # books ----------------------------------------------------------------------------------------------------------------------------

    def _add(self, label: str, why: Why, units: int) -> None:
        if units:
            self.cells[label, why] = self.cells.get((label, why), 0) + units

    def _post(self, giver: str, taker: str, asset: str, units: int, reason: Reason, at: int, *, about: str = "") -> None:
        if units and self.ledger is not None:
            self.ledger.post(moved(giver, taker, asset, units, reason, at, about))

    def _exchange(self, giver: str, taker: str, own: Account, paid: int, bought: int, at: int | None = None) -> None:
        """Post what a pocket gives in the reporting asset and another gets in an account's asset; the world changes the money."""
        if self.ledger is None or not (paid or bought):
            return
        when = own.now if at is None else at
        flows = [(giver, self.asset, -paid), (OUTSIDE, self.asset, paid), (OUTSIDE, own.asset, -bought), (taker, own.asset, bought)]
        if own.asset == self.asset:
            flows = [(giver, self.asset, -paid), (taker, self.asset, bought), (OUTSIDE, self.asset, paid - bought)]
        self.ledger.post(Entry(tuple(Posting(who, what, units, "transfer", when) for who, what, units in flows if units)))
