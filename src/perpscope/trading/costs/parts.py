"""Of which parts is a cost made?

The same objects charge a backtest, fill by fill, and rank a scan. Each part answers for a moment and a notional with a `Figure`;
none knows a venue. What a fill costs beyond its fee is told as the share of the mid price by which its average price is worse
than the mid: half the spread, and the walk into the book.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from perpscope.errors import InputError
from perpscope.market.book import Book, Side, impact_price
from perpscope.market.number import Number, magnitude
from perpscope.trading.costs.figure import Figure, summed
from perpscope.units import MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    from perpscope.trading.trade import Leg

Liquidity = Literal["maker", "taker"]
Order = Literal["buy", "sell"]
_NO_BORROW = "no borrow rate is given for this leg"
_NO_LIQUIDATION = "no liquidation fee is given for this leg"
_NO_TRANSFER = "no transfer between these venues is on record"


class Fees(Protocol):
    """What a venue charges for a fill."""

    def at(self, ms: int, liquidity: Liquidity, price: Number | None = None) -> Figure:
        """Fraction of the notional at a moment (ms UTC); below 0 is paid to the trader.

        Parameters
        ----------
        price : of one base unit in quote units, for venues that charge per contract and not per value.
        """
        ...


class Crossing(Protocol):
    """What a taker's fill is worse than the mid price."""

    def at(self, ms: int, order: Order, notional: Number) -> Figure:
        """Fraction of the mid, >= 0, for buying or selling `notional` (quote units) at a moment."""
        ...


@dataclass(frozen=True, slots=True)
class FlatFees:
    """The same fees at all times.

    Parameters
    ----------
    maker, taker : fractions of the notional; below 0 a rebate.
    """

    maker: Figure
    taker: Figure

    def at(self, ms: int, liquidity: Liquidity, price: Number | None = None) -> Figure:  # noqa: ARG002 - the protocol's
        """Fraction of the notional."""
        return self.maker if liquidity == "maker" else self.taker


@dataclass(frozen=True, slots=True)
class HalfSpread:
    """Half the spread, whatever the notional: `half` is a fraction of the mid, >= 0."""

    half: Figure

    def at(self, ms: int, order: Order, notional: Number) -> Figure:  # noqa: ARG002 - the protocol's
        """Fraction of the mid."""
        return self.half


@dataclass(frozen=True, slots=True)
class Walk:
    """The walk of an order through a recorded book.

    Parameters
    ----------
    book : both sides, quantities as the venue counts them. source : of which recording.
    inverse : whether a quantity is worth `size` quote units whatever the price, and not `size` base units.
    size : worth of one unit of quantity, > 0; of a quanto, its multiplier times the price of the settle asset. note : for a reader.
    """

    book: Book
    source: str
    inverse: bool = False
    size: Number = 1
    note: str = ""

    def at(self, ms: int, order: Order, notional: Number) -> Figure:  # noqa: ARG002 - the protocol's
        """Fraction of the mid that the average fill of `notional` is worse; unknown where the book is too thin.

        **Source**: `Book.impact_price`, the walk by which venues define impact prices.
        """
        side: Side = "ask" if order == "buy" else "bid"
        if not (self.book.bids and self.book.asks):
            return Figure.unknown(f"one side of the recorded book is empty ({self.source})")
        prices, quantities = self._ladder(side)
        price = impact_price(prices, quantities, float(notional)) if notional else prices[0]
        if math.isnan(price):
            held = sum(p * q for p, q in zip(prices, quantities, strict=True))
            there = f"the recorded book holds {held:,.0f} on the {side} side, less than {float(notional):,.0f}"
            return Figure.unknown(f"{there}; lower the notional, or give an impact in a cost file")
        mid = self.book.mid
        return Figure(abs(price - mid) / mid, "measured", self.source, self.note)

    def capacity(self, order: Order) -> float:
        """Notional (quote units) that one side of the book holds."""
        prices, quantities = self._ladder("ask" if order == "buy" else "bid")
        return sum(p * q for p, q in zip(prices, quantities, strict=True))

    def _ladder(self, side: Side) -> tuple[list[float], list[float]]:
        """Prices of a side, and quantities in base units."""
        levels = self.book.asks if side == "ask" else self.book.bids
        size = float(self.size)
        return [p for p, _ in levels], [q * size / p if self.inverse else q * size for p, q in levels]


@dataclass(frozen=True, slots=True)
class Recordings:
    """Books of one recording, at several moments: of the nearest moment where it is near, else the mean of all of them.

    Parameters
    ----------
    walks : (ms UTC, walk), at least one, in order of time.
    """

    walks: tuple[tuple[int, Walk], ...]

    def at(self, ms: int, order: Order, notional: Number) -> Figure:
        """Fraction of the mid; of another time than the recording's, its mean, with its distance in days and from the least to the most."""
        when, walk = min(self.walks, key=lambda pair: abs(pair[0] - ms))
        apart = abs(when - ms)
        if apart <= MS_PER_HOUR:
            return walk.at(ms, order, notional)
        found = [each.at(at, order, notional) for at, each in self.walks]
        thin = next((each for each in found if not each.known), None)
        if thin is not None:
            return thin
        costs = [float(each.needed("a walk that is known")) for each in found]
        mean = sum(costs) / len(costs)
        span = (min(costs), max(costs)) if min(costs) <= mean <= max(costs) else None
        note = f"recorded {apart / MS_PER_DAY:.1f} days away, mean of {len(costs)} looks"
        return Figure(mean, "measured", walk.source, "; ".join(filter(None, (note, walk.note))), span)


@dataclass(frozen=True, slots=True)
class SquareRoot:
    """Half the spread and an impact that grows with the root of the share of a day's volume.

    Parameters
    ----------
    half : half the spread, a fraction of the mid. coefficient : times the daily volatility, a number near 1. volatility : of a day, a
        fraction. volume : quote units traded a day, > 0.

    **Source**: the square-root law of impact, sigma x Y x sqrt(Q / V): a model; its `coefficient` is an assumption or a fit, and says so.
    """

    half: Figure
    coefficient: Figure
    volatility: Figure
    volume: Figure

    def __post_init__(self) -> None:
        """Refuse what would make an order fill better the larger it is, or a market in which nobody trades.

        Raises
        ------
        InputError
            When a number that is known is below 0, or the volume is 0.
        """
        parts = {"half the spread": self.half, "coefficient": self.coefficient, "volatility": self.volatility}
        wrong = [f"{name} {float(part.value):g}" for name, part in parts.items() if part.value is not None and part.value < 0]
        if self.volume.value is not None and self.volume.value <= 0:
            wrong.append(f"volume {float(self.volume.value):g}")
        if wrong:
            raise InputError("the square-root law of impact", ", ".join(wrong), "Give a volume above 0, the others 0 or more.")

    def at(self, ms: int, order: Order, notional: Number) -> Figure:  # noqa: ARG002 - the protocol's
        """Fraction of the mid."""
        parts = {"half the spread": self.half, "coefficient": self.coefficient, "volatility": self.volatility, "volume": self.volume}
        if not all(part.known for part in parts.values()):
            return summed(parts)
        half, coefficient, volatility, volume = (float(part.needed(name)) for name, part in parts.items())
        found = half + coefficient * volatility * math.sqrt(float(notional) / volume)
        return Figure(found, summed(parts).status, summed(parts).source)


@dataclass(frozen=True, slots=True)
class LegCosts:
    """What one leg costs.

    Parameters
    ----------
    fees : of its venue. crossing : what a taker's fill is worse than the mid.
    borrow : fraction a year of the value, for a coin sold short without owning it. liquidation : fee of a forced close, a fraction of the
        notional. delivery : fee of a settlement at expiry or by delivery, a fraction of the notional.
    tolerance : seconds around a funding stamp within which a fill may or may not be charged, see `stamp_doubt`.
    """

    fees: Fees
    crossing: Crossing
    borrow: Figure = field(default_factory=lambda: Figure.unknown(_NO_BORROW))
    liquidation: Figure = field(default_factory=lambda: Figure.unknown(_NO_LIQUIDATION))
    delivery: Figure = field(default_factory=lambda: Figure.unknown("no delivery fee is given for this leg"))
    tolerance: Figure = field(default_factory=lambda: Figure.unknown("no tolerance around funding stamps is given for this leg"))

    def fill(self, ms: int, order: Order, notional: Number, liquidity: Liquidity, price: Number | None = None) -> Mapping[str, Figure]:
        """Fee and impact of one fill, fractions of its notional; a maker crosses nothing. `price` as in `Fees.at`."""
        crossed = self.crossing.at(ms, order, notional) if liquidity == "taker" else Figure(0, "given", "a resting order crosses nothing")
        return {"fee": self.fees.at(ms, liquidity, price), "impact": crossed}


@dataclass(frozen=True, slots=True)
class Transfer:
    """Moving collateral between the venues of a trade.

    Parameters
    ----------
    fee : of one transfer, in `asset`. hours : until the money can be used at the other end.
    whole : whether the hours are all of it; times of networks alone are a lower bound, which a strict run does not take.
    """

    fee: Figure = field(default_factory=lambda: Figure.unknown(_NO_TRANSFER))
    hours: Figure = field(default_factory=lambda: Figure.unknown(_NO_TRANSFER))
    asset: str = ""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class TradeCosts:
    """What a whole trade costs.

    Parameters
    ----------
    legs : one a leg, in the order of the trade's legs. transfer : between its venues.
    opportunity : what the capital would earn elsewhere, a fraction a year.
    """

    legs: tuple[LegCosts, ...]
    transfer: Transfer = field(default_factory=Transfer)
    opportunity: Figure = field(default_factory=lambda: Figure.unknown("no opportunity cost is given"))


def turn(
    costs: TradeCosts, legs: Sequence[Leg], notional: Number, ms: int, *, opening: bool, prices: Sequence[Number | None] = ()
) -> dict[str, Figure]:
    """Cost of entering or leaving all legs at a moment, by part and leg; fractions of the trade's notional (quote units).

    Parameters
    ----------
    notional : of the trade, quote units. prices : one a leg, for venues that charge per contract; none where empty.

    Raises
    ------
    InputError
        When there is not one set of costs a leg.
    """
    if len(costs.legs) != len(legs):
        raise InputError("the costs of a trade", f"{len(costs.legs)} sets of costs for {len(legs)} legs", "Give one set a leg.")
    found: dict[str, Figure] = {}
    for leg, own, price in zip(legs, costs.legs, prices or [None] * len(legs), strict=True):
        order: Order = "buy" if (leg.side == "long") == opening else "sell"
        for part, figure in own.fill(ms, order, notional * leg.ratio, leg.liquidity, price).items():
            found[f"{part} {leg.name} {'in' if opening else 'out'}"] = figure.times(leg.ratio)
    return found


def round_trip(
    costs: TradeCosts, legs: Sequence[Leg], notional: Number, ms: int, *, prices: Sequence[Number | None] = ()
) -> dict[str, Figure]:
    """Cost of entering and leaving all legs, by part and leg; fractions of the trade's notional. `summed` adds them.

    Examples
    --------
    >>> from perpscope.trading.trade import Leg
    >>> flat = LegCosts(FlatFees(Figure.given(0.0002), Figure.given(0.0005)), HalfSpread(Figure.given(0.0001)))
    >>> found = round_trip(TradeCosts((flat,)), [Leg("venue", "BTC/USDT:USDT", "short")], 1_000_000, 0)
    >>> round(summed(found).needed("the round trip"), 6)
    0.0012
    """
    ends = [turn(costs, legs, notional, ms, opening=opening, prices=prices) for opening in (True, False)]
    return ends[0] | ends[1]


def held(costs: TradeCosts, legs: Sequence[Leg]) -> dict[str, Figure]:
    """Cost of holding, fractions of the trade's notional a year: the coin borrowed by each spot leg held short."""
    borrowed = [(leg, own) for leg, own in zip(legs, costs.legs, strict=True) if leg.market == "spot" and leg.side == "short"]
    return {f"borrow {leg.name}": own.borrow.times(leg.ratio) for leg, own in borrowed}


def stamp_doubt(own: LegCosts, fill: int, stamp: int, rate: Number, notional: Number) -> Figure:
    """Money that a fill so near a funding stamp may or may not be charged, >= 0; nothing outside the venue's tolerance.

    Parameters
    ----------
    fill, stamp : ms UTC. rate : the funding rate of that stamp, a fraction of the notional. notional : of the fill, quote units.
    """
    if own.tolerance.value is None:
        return own.tolerance
    inside = abs(fill - stamp) <= own.tolerance.value * 1000
    return Figure(magnitude(rate * notional) if inside else 0, own.tolerance.status, own.tolerance.source, own.tolerance.note)
