"""What does one leg hold, what is it worth, and at which price is it liquidated?

An isolated margin in the leg's settle asset, a position, and the prices known so far. Cash is counted in whole 10^-12 of the asset;
what is not realised is a number until it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from perpscope.market.brackets import Brackets
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import INF, Number, magnitude
from perpscope.market.time import FOREVER
from perpscope.trading.backtest.model import PLACES, Bars, LegHistory
from perpscope.trading.backtest.seen import SeenLeg
from perpscope.trading.costs.parts import LegCosts
from perpscope.trading.margin import Holding, Requirement, liquidation
from perpscope.trading.trade import Leg
from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR

SCALE = 10**PLACES
YEAR_MS = int(HOURS_PER_YEAR) * MS_PER_HOUR
LATE = 1.5
"""Steps after which a price is no longer that of the moment."""
_CUSHION = 50
"""The liquidation price is worked out again when a bar comes near it: nearer than a loss of one part in so many of the margin."""

Coin = Literal["same", "own", "bars"]
"""How the settle asset is worth money: it is the reporting asset (or taken at par), the leg's own price says it, or bars of it do."""


@dataclass(frozen=True, slots=True)
class Due:
    """A fixing and the instant it is paid at: its stamp, or the bar it follows by less than a minute."""

    at: int
    fixing: PublishedFixing


def plain(size: Number) -> Number:
    """Return a size as floats are multiplied with quickest: whole, or the float that a fraction would be turned into every time."""
    return int(size) if size == int(size) else float(size)


def in_units(amount: Number) -> int:
    """Bring an amount to whole units, the nearest."""
    found: int = round(amount * SCALE)
    return found


@dataclass(slots=True, eq=False)
class Account:
    """One leg as the fold goes along.

    Parameters
    ----------
    label : its name in results. leg : as the trade says. history, costs : of this leg.
    requirement : what its margin must hold. coin_is : see `Coin`. exact : whether numbers are Fractions. seen : what decisions may go by.
    paid : fixings of its life, in order. The rest is the state.
    """

    label: str
    leg: Leg
    history: LegHistory
    costs: LegCosts
    requirement: Requirement
    coin_is: Coin
    exact: bool
    seen: SeenLeg
    paid: tuple[Due, ...] = ()
    ended: int = FOREVER
    due: int = 0
    learned: int = 0
    row: int = -1
    coin_row: int = -1
    fresh: bool = False
    now: int = 0
    price: Number = 0
    mark: Number = 0
    coin: Number = 1
    wallet: int = 0
    quantity: Number = 0
    cost: Number = 0
    worth: int = 0
    dead: bool = False
    mark_before: Number = 0
    changed_at: list[int] = field(default_factory=list)
    changed_to: list[Number] = field(default_factory=list)
    size: Number = 1
    spot: bool = False
    inverse: bool = False
    quanto: bool = False
    _guard: tuple[int, Number] | None = None

    def __post_init__(self) -> None:
        """Keep at hand what is asked at every bar."""
        contract = self.history.listing.contract
        self.size, self.spot = contract.size if self.exact else plain(contract.size), self.leg.market == "spot"
        self.inverse, self.quanto = (contract.payoff == payoff and not self.leg.swap for payoff in ("inverse", "quanto"))

    @property
    def bars(self) -> Bars:
        """Prices of the leg."""
        return self.history.bars

    @property
    def swap(self) -> bool:
        """Whether it is a swap of a floating rate for a fixed one."""
        return self.leg.swap

    @property
    def asset(self) -> str:
        """Asset it is settled in."""
        return self.history.listing.contract.asset

    def number(self, units: int) -> Number:
        """Return whole units as an amount."""
        return Fraction(units, SCALE) if self.exact else units / SCALE

    # prices ---------------------------------------------------------------------------------------------------------------------------

    def advance(self, ms: int) -> bool:
        """Learn the prices known at an instant; return whether there were any."""
        bars, self.now, before = self.history.bars, ms, (self.row, self.coin_row)
        row = self.row + 1
        self.fresh = row < len(bars.known) and bars.known[row] == ms and not self.dead
        if self.fresh:
            self.mark_before = self.mark if self.row >= 0 else bars.mark[row]
            self.row, self.price, self.mark = row, bars.trade[row], bars.mark[row]
        coin = self.history.coin
        if self.coin_is == "own":
            self.coin = self.price
        elif coin is not None and self.coin_is == "bars":
            while self.coin_row + 1 < len(coin.known) and coin.known[self.coin_row + 1] <= ms:
                self.coin_row += 1
                self.coin = coin.trade[self.coin_row]
        return (self.row, self.coin_row) != before

    @property
    def late(self) -> bool:
        """Whether the last price is too old to stand for the moment."""
        return self.row < 0 or self.now - self.bars.known[self.row] > LATE * self.bars.step_hours * MS_PER_HOUR

    @property
    def coin_late(self) -> bool:
        """Whether the price of the settle asset is missing or too old."""
        coin = self.history.coin
        if self.coin_is != "bars" or coin is None:
            return False
        return self.coin_row < 0 or self.now - coin.known[self.coin_row] > LATE * coin.step_hours * MS_PER_HOUR

    @property
    def years_left(self) -> Number:
        """Time to maturity in years of 365 days, which a swap is worth by."""
        left = max(self.ended - self.now, 0)
        return Fraction(left, YEAR_MS) if self.exact else left / YEAR_MS

    def halted(self, ms: int) -> bool:
        """Whether the venue lets nobody trade or move money."""
        return any(start <= ms < end for start, end in self.history.halts)

    # worth ----------------------------------------------------------------------------------------------------------------------------

    def signed(self, quantity: Number, price: Number) -> Number:
        """Value of a quantity at a price in the settle asset, with its sign; of a swap what its fixed leg is worth until maturity."""
        if self.inverse:
            return quantity * self.size / price
        return quantity * price * self.years_left if self.leg.swap else quantity * self.size * price

    def profit(self, price: Number) -> Number:
        """Unrealised gain at a price, in the settle asset."""
        if not self.quantity:
            return 0
        value = self.signed(self.quantity, price)
        return self.cost - value if self.inverse else value - self.cost

    def value(self, price: Number, quantity: Number | None = None) -> Number:
        """Notional without sign, in the settle asset; that of a swap does not move with the rate."""
        held = self.quantity if quantity is None else quantity
        return magnitude(held) if self.swap else magnitude(self.signed(held, price))

    def equity(self, price: Number) -> Number:
        """Cash and unrealised gain at a price, in the settle asset."""
        return self.number(self.wallet) + self.profit(price)

    def worth_at(self, price: Number) -> int:
        """Cash and unrealised gain in units of the reporting asset, at the settle asset's price of the moment."""
        if self.coin_is == "same":
            return self.wallet + in_units(self.profit(price))
        return in_units(self.coin * (self.number(self.wallet) + self.profit(price)))

    def exposure(self, price: Number) -> Number | None:
        """Return the base units it stands for, signed; None for a swap, which stands for none."""
        if self.swap:
            return None
        if self.inverse:
            return self.quantity * self.size / price
        return self.quantity * self.size * (self.coin if self.quanto else 1)

    def base_worth(self) -> Number:
        """Return the reporting money that one base unit is worth by this leg's price."""
        if self.inverse:
            return self.coin
        return self.price if self.quanto else self.price * self.coin

    def quantity_of(self, base: Number) -> Number:
        """Contracts that stand for so many base units at the price of the moment."""
        if self.inverse:
            return base * self.price / self.size
        return base / (self.size * (self.coin if self.quanto else 1))

    # position -------------------------------------------------------------------------------------------------------------------------

    def take(self, quantity: Number, price: Number) -> None:
        """Add contracts at a price; of the same sign as what is held."""
        self.cost = self.cost + self.signed(quantity, price)
        self.quantity = self.quantity + quantity
        self._changed()

    def give(self, share: Number, price: Number) -> int:
        """Close a share of the position (0 < share <= 1) at a price; return the gain that is realised, in units of the settle asset."""
        gain = in_units(self.profit(price) * share)
        self.wallet += gain
        if share == 1:
            self.drop()
        else:
            self.quantity, self.cost = self.quantity * (1 - share), self.cost * (1 - share)
            self._changed()
        return gain

    def drop(self) -> None:
        """Hold nothing."""
        self.quantity = self.cost = 0
        self._changed()

    def _changed(self) -> None:
        """Write down what is held from here on."""
        self._guard = None
        if self.changed_at and self.changed_at[-1] == self.now:
            self.changed_to[-1] = self.quantity
        else:
            self.changed_at.append(self.now)
            self.changed_to.append(self.quantity)

    # margin ---------------------------------------------------------------------------------------------------------------------------

    @property
    def safe(self) -> bool:
        """Whether nothing can be liquidated: nothing is held, or coins that are paid in full."""
        return not self.quantity or (self.spot and self.quantity > 0)

    def needed(self, price: Number) -> Number:
        """Maintenance and closing fee at a price, in the settle asset."""
        if not self.swap:
            return self.requirement.needed(self.holding(), price)
        table: Brackets = self.requirement.brackets
        return table.maintenance(self.value(price)) + self.requirement.fee * self.value(price)

    def holding(self) -> Holding:
        """Return the position as the margin rules see it; its entry is the price before costs."""
        contract = self.history.listing.contract
        units = self.quantity * contract.size
        return Holding(contract, self.quantity, units / self.cost if self.inverse else self.cost / units)

    def ends_at(self, wallet: int) -> Number:
        """Price beyond which so much cash is not enough; infinite or 0 where no price is."""
        never = -INF if self.quantity > 0 else INF
        margin, years = self.number(wallet), self.years_left
        if self.swap:
            lacks = self.needed(self.price) - margin + self.cost
            return lacks / (self.quantity * years) if years else never
        found = liquidation(self.holding(), self.requirement, margin, self.mark_before)
        if found.price is None:
            return -never if found.already else never
        return found.price

    def beyond(self, extreme: Number) -> Number | None:
        """Price at which the position was liquidated on the way to an extreme mark; None where it holds."""
        if self.safe:
            return None
        way = 1 if self.quantity > 0 else -1
        if self._guard is not None and self.wallet >= self._guard[0] and way * (extreme - self._guard[1]) >= 0:
            return None
        limit = self.ends_at(self.wallet)
        if way * (extreme - limit) < 0:
            return limit
        least = self.wallet - abs(self.wallet) // _CUSHION
        self._guard = None if self.swap else (least, self.ends_at(least))
        return None
