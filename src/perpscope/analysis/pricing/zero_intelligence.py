"""Which spread and depth does a book have whose traders know nothing?

Limit orders fall at random on every place beyond the other side's best quote, market orders arrive at random, resting orders are cancelled
at random. Mean-field theory gives spread and depth by formula; the simulated book, event by event, says how good the formula is.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from perpscope.analysis.pricing.validity import arrays, in_kind, positive, refuse

if TYPE_CHECKING:
    from perpscope.analysis.pricing.validity import Values

WIDE = 12
"""Width of the simulated book, in spreads of the formula: far places hold what they hold without trade."""
FEWEST_PLACES, MOST_PLACES = 120, 4000
LIVES = 20
"""Lives of an order that pass before anything is counted."""


@dataclass(frozen=True, slots=True)
class Book:
    """What a simulated book showed.

    Parameters
    ----------
    spread : time-weighted mean, in ticks. depth : time-weighted mean of the orders at a best quote. events : simulated in all.
    """

    spread: float
    depth: float
    events: int


def spread_of(limit: Values, market: Values, cancel: Values) -> Values:
    """Mean spread by formula: (mu / alpha) (0.28 + 1.86 eps^0.75), eps = delta / mu; orders of one unit.

    Parameters
    ----------
    limit : alpha, limit orders per tick, unit of time and side, > 0. market : mu, market orders per unit of time and side, > 0.
    cancel : delta, cancellations per unit of time of each resting order, >= 0.

    Returns
    -------
    spread
        In ticks.

    Source: Farmer, Patelli, Zovko 2005, as recorded in `theory.md` 6 with rates per side.

    Examples
    --------
    >>> round(spread_of(0.02, 0.5, 0.02), 3)
    11.159
    """
    a, m, d = arrays("a book without intelligence", limit=limit, market=market, cancel=cancel)
    positive("a book without intelligence", limit=a, market=m)
    refuse("a book without intelligence", d < 0, "a rate of cancelling below 0", "Give a rate of 0 or more.")
    return in_kind(m / a * (0.28 + 1.86 * (d / m) ** 0.75))


def depth_of(limit: Values, market: Values, cancel: Values, order: Values = 1.0, scale: Values = 1.0) -> Values:
    """Mean depth profile's scale by formula: k mu^2.5 delta^0.5 sigma^-0.5 alpha^-2.

    Parameters
    ----------
    limit, market, cancel : as in `spread_of`. order : sigma, size of an order, > 0. scale : k, unknown: the formula tells ratios.

    Source: Farmer, Patelli, Zovko 2005, as recorded, from memory, in `theory.md` 6.

    Examples
    --------
    >>> round(depth_of(0.02, 0.5, 0.08) / depth_of(0.02, 0.5, 0.02), 9)
    2.0
    """
    a, m, d, s, k = arrays("a book without intelligence", limit=limit, market=market, cancel=cancel, order=order, scale=scale)
    positive("a book without intelligence", limit=a, market=m, order=s)
    refuse("a book without intelligence", d < 0, "a rate of cancelling below 0", "Give a rate of 0 or more.")
    return in_kind(k * m**2.5 * d**0.5 * s**-0.5 * a**-2)


def simulate_book(limit: float, market: float, cancel: float, *, events: int = 60_000, seed: int = 0) -> Book:
    """Simulate such a book of single orders and average what it shows.

    Parameters
    ----------
    limit, market, cancel : as in `spread_of`, cancel > 0. events : averaged over, after those of the warming up.
    seed : of the random numbers; the same seed gives the same book.

    Raises
    ------
    InputError
        When a rate is not positive, or the book would need more places than are simulated.

    Source: the model of Farmer, Patelli, Zovko 2005; events of a Poisson process, one at a time.

    Examples
    --------
    >>> 9 < simulate_book(0.02, 0.5, 0.02, events=5_000).spread < 18
    True
    """
    what = "a simulated book"
    a, m, d = arrays(what, limit=limit, market=market, cancel=cancel)
    positive(what, limit=a, market=m, cancel=d)
    places = int(WIDE * float(spread_of(limit, market, cancel)))
    refuse(what, arrays(what, places=places)[0] > MOST_PLACES, f"{places} ticks wide", "Measure prices in larger ticks.")
    book = _Places(limit, market, cancel, max(places, FEWEST_PLACES), Random(seed))  # noqa: S311 - a simulation, no secret
    done = 0
    while book.now < LIVES / cancel:
        book.event()
        done += 1
    weight = area = depth = 0.0
    for _ in range(events):
        spread, shown = book.ask - book.bid, (book.bids[book.bid] + book.asks[book.ask]) / 2
        lasted = book.event()
        weight += lasted
        area += spread * lasted
        depth += shown * lasted
    return Book(area / weight, depth / weight, done + events)


class _Places:
    """Orders resting on a window of places, which follows the quotes."""

    __slots__ = ("ask", "asks", "bid", "bids", "cancel", "limit", "market", "now", "random", "resting_asks", "resting_bids", "settled")

    def __init__(self, limit: float, market: float, cancel: float, places: int, random: Random) -> None:
        self.limit, self.market, self.cancel, self.random, self.now = limit, market, cancel, random, 0.0
        self.settled = limit / cancel
        self.bid, self.ask = places // 2 - 1, places // 2
        self.bids = [self._far() if k < places // 2 else 0 for k in range(places)]
        self.asks = [self._far() if k >= places // 2 else 0 for k in range(places)]
        self.bids[self.bid] += 1
        self.asks[self.ask] += 1
        self.resting_bids, self.resting_asks = sum(self.bids), sum(self.asks)

    def _far(self) -> int:
        """Return what a place that never trades holds: limit / cancel on average."""
        return int(self.settled + self.random.random())

    def event(self) -> float:
        """Let the next thing happen; return the time until it did."""
        buys, sells = self.limit * self.ask, self.limit * (len(self.bids) - 1 - self.bid)
        gone = self.cancel * (self.resting_bids + self.resting_asks)
        total = buys + sells + 2 * self.market + gone
        waited = self.random.expovariate(total)
        pick = self.random.random() * total
        if pick < buys:
            self._rest_bid(min(int(pick / self.limit), self.ask - 1))
        elif pick < buys + sells:
            self._rest_ask(min(self.bid + 1 + int((pick - buys) / self.limit), len(self.bids) - 1))
        elif pick < buys + sells + 2 * self.market:
            self._trade(buyer=pick < buys + sells + self.market)
        else:
            self._withdraw(int(self.random.random() * (self.resting_bids + self.resting_asks)))
        self._quote()
        self.now += waited
        return waited

    def _rest_bid(self, place: int) -> None:
        self.bids[place] += 1
        self.resting_bids += 1
        self.bid = max(self.bid, place)

    def _rest_ask(self, place: int) -> None:
        self.asks[place] += 1
        self.resting_asks += 1
        self.ask = min(self.ask, place)

    def _trade(self, *, buyer: bool) -> None:
        """Take the best quote; an order that finds nobody is lost."""
        if buyer and self.asks[self.ask]:
            self.asks[self.ask] -= 1
            self.resting_asks -= 1
        elif not buyer and self.bids[self.bid]:
            self.bids[self.bid] -= 1
            self.resting_bids -= 1

    def _withdraw(self, one: int) -> None:
        """Cancel one of all resting orders: bids from the best down, then asks from the best up."""
        side, place, step = (self.bids, self.bid, -1) if one < self.resting_bids else (self.asks, self.ask, 1)
        left = one if step < 0 else one - self.resting_bids
        while left >= side[place]:
            left -= side[place]
            place += step
        side[place] -= 1
        if step < 0:
            self.resting_bids -= 1
        else:
            self.resting_asks -= 1

    def _quote(self) -> None:
        """Find the best quotes, and move the window where they come near its ends."""
        last = len(self.bids) - 1
        while self.bid > 0 and not self.bids[self.bid]:
            self.bid -= 1
        while self.ask < last and not self.asks[self.ask]:
            self.ask += 1
        shift = (self.bid + self.ask) // 2 - len(self.bids) // 2
        if abs(shift) > len(self.bids) // 4:
            self._move(shift)

    def _move(self, shift: int) -> None:
        places, reach = len(self.bids), abs(shift)
        fresh, none = [self._far() for _ in range(reach)], [0] * reach
        if shift > 0:
            self.bids, self.asks = self.bids[reach:] + none, self.asks[reach:] + fresh
        else:
            self.bids, self.asks = fresh + self.bids[: places - reach], none + self.asks[: places - reach]
        self.bid, self.ask = self.bid - shift, self.ask - shift
        self.resting_bids, self.resting_asks = sum(self.bids), sum(self.asks)
