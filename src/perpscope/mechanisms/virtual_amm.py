"""Which price does a pool without owners quote, and what does its distance from the index cost?

A virtual market maker holds two reserves whose product stays constant; trades move its price, and funding pulls the price
back to the index. Numbers are floats, Fractions, or Fractions in whole grains as integer contracts hold them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.number import DOWN, INF, TO_ZERO, UP, Number, rounded_to
from perpscope.mechanisms.sample import clamp


@dataclass(frozen=True, slots=True)
class VirtualAmm:
    """Two virtual reserves of constant product.

    Parameters
    ----------
    quote, base : reserves, > 0, in quote and base units.
    grains : amounts are whole 1/grains, and what does not divide is to the trader's loss; 0 is exact.

    Examples
    --------
    >>> pool, bought = VirtualAmm(1000, 100).with_quote(600)
    >>> bought, pool.price
    (37.5, 25.6)
    """

    quote: Number
    base: Number
    grains: Number = 0

    def __post_init__(self) -> None:
        """Refuse reserves that are none."""
        if not (0 < self.quote < INF and 0 < self.base < INF):
            raise InputError("a virtual pool", f"reserves of {self.quote} and {self.base}", "Give two positive reserves.")

    @property
    def price(self) -> Number:
        """Quote units per base unit of an endless small trade.

        Source: the reserves of the first virtual market maker, quote over base.
        """
        return rounded_to(self.quote / self.base, self.grains, DOWN)

    @property
    def product(self) -> Number:
        """Invariant of the two reserves.

        Source: as `price`.
        """
        return rounded_to(self.quote * self.base, self.grains, DOWN)

    def with_quote(self, paid: Number) -> tuple[VirtualAmm, Number]:
        """Trade an amount of quote: `paid` > 0 buys base, < 0 sells it; return the pool after and the base bought (< 0: sold).

        Raises
        ------
        InputError
            When more is taken than the pool holds.
        """
        if paid == 0:
            return self, 0 * self.base
        after = replace(self, quote=self._left(self.quote + paid, "quote"), base=self._other(self.quote + paid))
        return after, self.base - after.base

    def with_base(self, bought: Number) -> tuple[VirtualAmm, Number]:
        """Trade an amount of base: `bought` > 0 takes it, < 0 gives it; return the pool after and the quote paid (< 0: received).

        Raises
        ------
        InputError
            When more is taken than the pool holds.
        """
        if bought == 0:
            return self, 0 * self.quote
        after = replace(self, base=self._left(self.base - bought, "base"), quote=self._other(self.base - bought))
        return after, after.quote - self.quote

    def scaled(self, times: Number) -> VirtualAmm:
        """Return the pool with `times` the reserves: the same price, another depth."""
        return replace(self, quote=rounded_to(self.quote * times, self.grains, DOWN), base=rounded_to(self.base * times, self.grains, DOWN))

    def _left(self, reserve: Number, name: str) -> Number:
        if reserve <= 0:
            raise InputError("a trade with a virtual pool", f"it would leave {reserve} {name}", "Take less than the pool holds.")
        return reserve

    def _other(self, reserve: Number) -> Number:
        """Return the other reserve beside `reserve`, up to the next grain."""
        if reserve <= 0:
            return reserve
        return rounded_to(self.product / reserve, self.grains, UP)


def time_weighted(at: Sequence[int], prices: Sequence[Number], now: int, length: int, grains: Number = 0) -> Number:
    """Time-weighted price over the last `length` ms before `now`, each price in force until the next.

    Parameters
    ----------
    at, prices : times (ms, rising, <= now) and prices (quote units). length : > 0; a shorter history is averaged over what there is.
    grains : the mean is cut to whole 1/grains; 0 is exact.

    Raises
    ------
    NotEnoughData
        When there is no price.

    Source: the price snapshots of a virtual market maker; see the catalogue.

    Examples
    --------
    >>> time_weighted([0, 900], [10, 20], 1000, 400)
    12.5
    """
    if not at or at[-1] > now:
        raise NotEnoughData("a time-weighted price", "no price up to the moment asked for", "Give the prices before it.")
    start = max(now - length, at[0])
    if at[-1] <= start:
        return prices[-1]
    total: Number = 0
    for (since, until), price in zip(pairwise([*at, now]), prices, strict=True):
        held = until - max(since, start)
        if held > 0:
            total = total + price * held
    return rounded_to(total / (now - start), grains, TO_ZERO)


@dataclass(frozen=True, slots=True)
class Growth:
    """Sum of (market - index) over time that a continuous payment is read off.

    Parameters
    ----------
    at : ms UTC of the last update. total : quote units per base unit, times seconds.
    """

    at: int
    total: Number = 0

    def grown(self, now: int, market: Number, index: Number, cap: Number = INF) -> Growth:
        """Return the sum at `now`, the difference of the two averages as they are now taken for all the time since `at`.

        Parameters
        ----------
        now : ms UTC, not before `at`. market, index : averages in quote units. cap : largest difference, a share of `index`.

        Raises
        ------
        InputError
            When `now` is in the past.

        Source: the growth of the second virtual market maker, premium times seconds since it was last settled.
        """
        if now < self.at:
            raise InputError("the growth of a premium", f"{now} is before {self.at}", "Update it in order of time.")
        widest = index * cap if cap < INF else INF
        return Growth(now, self.total + clamp(market - index, -widest, widest) * (now - self.at) / 1000)

    def owed_since(self, before: Growth, period: Number = 86_400) -> Number:
        """Quote units one base unit held long since `before` owes; `period` is the seconds a premium is paid over.

        Source: as `grown`; premiums are per day.
        """
        return (self.total - before.total) / period
