"""What is the premium at this instant?

One scalar function per kind of premium; its argument names are the columns it needs. All prices are in quote
currency, the result is a fraction of the index (a positive premium means the perpetual is dear) unless the function says
otherwise: some venues fund an amount, an imbalance, a skew, or what somebody outside sets.

Source: the kinds are those collected from the venues' own documents, see the sources of each rule in the catalogue.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from perpscope.errors import CatalogueError, InputError
from perpscope.market.number import INF, TO_ZERO, Number, magnitude, rounded_to


def impact_band(impact_bid: Number, impact_ask: Number, index: Number) -> Number:
    """Distance of the index outside the impact spread: (max(0, IB - X) - max(0, X - IA)) / X; 0 inside.

    Source: the premium index of the clamp family, e.g. the 2019-2025 help pages of several venues.
    """
    above = impact_bid - index if impact_bid > index else 0
    below = index - impact_ask if index > impact_ask else 0
    return (above - below) / index


def impact_band_mark(impact_bid: Number, impact_ask: Number, mark: Number, index: Number) -> Number:
    """Distance of the mark outside the impact spread over the index: (max(0, IB - M) - max(0, M - IA)) / X.

    Source: the premium index of the first perpetual's guide, before its fair-basis term.
    """
    return impact_band(impact_bid, impact_ask, mark) * mark / index


def impact_band_mark_basis(impact_bid: Number, impact_ask: Number, mark: Number, index: Number, fair_basis: Number) -> Number:
    """`impact_band_mark` plus the fair basis the mark carries (a fraction).

    Source: the first perpetual's guide; whether the basis is the decayed one is disputed between documents.
    """
    return impact_band(impact_bid, impact_ask, mark) * mark / index + fair_basis


def impact_band_mark_rate(impact_bid: Number, impact_ask: Number, mark: Number, index: Number, rate_in_force: Number) -> Number:
    """`impact_band_mark` plus the rate of the current period as it stands (a fraction), not decayed.

    Source: a venue's staff on the same guide; the other reading of the disputed fair-basis term.
    """
    return impact_band(impact_bid, impact_ask, mark) * mark / index + rate_in_force


def mid(bid: Number, ask: Number, index: Number) -> Number:
    """Best-quote mid over the index: (bid + ask) / 2 / X - 1.

    Source: help pages of venues before they adopted impact prices.
    """
    return (bid + ask) / 2 / index - 1


def impact_mid(impact_bid: Number, impact_ask: Number, index: Number) -> Number:
    """Mean of the impact prices over the index: (IB + IA) / 2 / X - 1; 0 where neither side is there (a bid of 0, an infinite ask).

    Source: builder-deployed lists and hourly venues that take the impact mid.
    """
    if impact_bid == 0 and impact_ask == INF:
        return 0 * index
    return (impact_bid + impact_ask) / 2 / index - 1


def mark_premium(mark: Number, index: Number) -> Number:
    """Mark over index: (M - X) / X.

    Source: venues with continuous or time-averaged mark premium.
    """
    return (mark - index) / index


def mark_premium_basis(mark: Number, index: Number, fair_basis: Number) -> Number:
    """Mark over index plus the fair basis (a fraction).

    Source: early copies of the first perpetual's rule.
    """
    return (mark - index) / index + fair_basis


def execution_premium(execution: Number, mark: Number) -> Number:
    """Average price of what was executed, over the mark: (E - M) / M.

    Source: an on-chain order book that compares each block's trades with the mark.
    """
    return (execution - mark) / mark


def difference(mark: Number, index: Number) -> Number:
    """Mark less index, in quote units per base unit: for rules that decide an amount, not a fraction.

    Source: virtual market makers and order books that fund a price difference.
    """
    return mark - index


def imbalance(long_open: Number, short_open: Number) -> Number:
    """Excess of long over short open interest, over their sum; 0 where there is none.

    Source: pools that fund the difference of their open interests.
    """
    both = long_open + short_open
    return (long_open - short_open) / both if both else both


def utilisation(reserved: Number, pool: Number) -> Number:
    """Reserved amount over the amount in the pool.

    Source: the borrow fee of pools that lend to traders.
    """
    return reserved / pool


def skew(skew_base: Number) -> Number:
    """Open long less open short, in base units.

    Source: venues whose rate drifts with the skew.
    """
    return skew_base


def final_price(index: Number) -> Number:
    """Index itself, in quote units: what a contract that ends is worth at its end.

    Source: delivery prices of dated futures, an average of the index before expiry.
    """
    return index


def outside(rate_given: Number) -> Number:
    """Rate or amount that somebody outside sets: an operator, a dividend or rent index, another venue.

    Source: swap and stock-loan practice; the 1993 proposal of a perpetual claim on an index of dividends.
    """
    return rate_given


_PREMIUMS: tuple[Callable[..., Number], ...] = (
    impact_band,
    impact_band_mark,
    impact_band_mark_basis,
    impact_band_mark_rate,
    mid,
    impact_mid,
    mark_premium,
    mark_premium_basis,
    execution_premium,
)
_OTHERS: tuple[Callable[..., Number], ...] = (difference, imbalance, utilisation, skew, final_price, outside)
OBSERVATIONS: dict[str, Callable[..., Number]] = {f.__name__: f for f in (*_PREMIUMS, *_OTHERS)}
PREMIUM_KINDS = tuple(f.__name__ for f in _PREMIUMS)
"""Kinds that are a fraction of a price: the ones a series of published rates may be tried on."""
NOTHING, GIVEN, ORDERS, OPEN = "none", "given", "orders", "open"
MOST_POWER = 16
_EDGES: Mapping[str, Number] = {"bid": 0, "ask": INF, "impact_bid": 0, "impact_ask": INF}


@dataclass(frozen=True, slots=True)
class Observe:
    """How a venue looks at its market.

    Parameters
    ----------
    kind : a key of `OBSERVATIONS`, "none" for rules that use no premium, "orders" for rules that hold an auction, or "given"
        where it is not known how the venue looks: then only samples or averages that somebody else observed can be used.
    every_seconds : nominal spacing of the samples; 0 where the venue does not say (then coverage is unknown).
    bound : largest absolute premium a sample may take, a fraction; infinite where none is stated.
    grains : a sample is cut, towards zero, to whole 1/grains; 0 leaves it exact.
    exponent : power of the difference that an "imbalance" takes over the sum, > 0.
    absent : what an absent side of the book counts as: "open" (a bid of 0, an infinite ask), or "unknown".
    """

    kind: str
    every_seconds: Number = 0
    bound: Number = float("inf")
    grains: Number = 0
    absent: str = "unknown"
    exponent: Number = 1

    def __post_init__(self) -> None:
        """Refuse a kind nobody defined."""
        if self.absent not in {OPEN, "unknown"}:
            raise CatalogueError("a way to observe the premium", f"an absent side that is {self.absent!r}", "Known: open, unknown.")
        if not 0 < self.exponent <= MOST_POWER or (self.exponent != 1 and self.kind != imbalance.__name__):
            there = f"the exponent {float(self.exponent):g} of {self.kind}"
            raise CatalogueError(
                "a way to observe the premium", there, f"An imbalance has one above 0, up to {MOST_POWER}; other kinds have 1."
            )
        if self.kind not in {NOTHING, GIVEN, ORDERS} and self.kind not in OBSERVATIONS:
            known = ", ".join((NOTHING, GIVEN, ORDERS, *OBSERVATIONS))
            raise CatalogueError("a way to observe the premium", f"{self.kind!r}", f"Known: {known}.")

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns the observation reads."""
        return tuple(inspect.signature(OBSERVATIONS[self.kind]).parameters) if self.kind in OBSERVATIONS else ()

    def premium(self, **columns: Number) -> Number:
        """Premium of one instant (fraction).

        Raises
        ------
        InputError
            When the kind observes nothing.
        """
        if self.kind not in OBSERVATIONS:
            raise InputError("a premium from prices", f"this rule observes {self.kind!r}", "Give the premium samples themselves.")
        if self.absent == OPEN:
            columns = {**{name: edge for name, edge in _EDGES.items() if name in self.columns}, **columns}
        seen = OBSERVATIONS[self.kind](**columns)
        if self.exponent != 1:
            seen *= magnitude(columns["long_open"] - columns["short_open"]) ** (self.exponent - 1)
        found = rounded_to(seen, self.grains, TO_ZERO)
        if found > self.bound:
            return self.bound
        return max(found, -self.bound)

    def samples(self, rows: Mapping[str, Sequence[Number]]) -> list[Number]:
        """Premiums of a table of instants; `rows` maps each needed column to values of equal length."""
        edges = _EDGES if self.absent == OPEN and len(rows) and any(name in rows for name in _EDGES) else {}
        missing = [name for name in self.columns if name not in rows and name not in edges]
        if missing:
            raise InputError(
                f"premium samples of kind {self.kind}", f"no column {', '.join(missing)}", f"It needs {', '.join(self.columns)}."
            )
        named = [name for name in self.columns if name in rows]
        return [self.premium(**dict(zip(named, row, strict=True))) for row in zip(*(rows[name] for name in named), strict=True)]
