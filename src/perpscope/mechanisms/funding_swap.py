"""What changes hands in a swap of a fixed rate against a venue's funding?

The holder of a long swap pays the fixed rate at once, for the whole time to maturity, and receives the floating rate as
the venue's funding is decided. The fixed leg is rounded up, the floating leg down, fees up: always against the holder.
"""

from __future__ import annotations

from perpscope.errors import InputError
from perpscope.market.number import DOWN, UP, Number, magnitude, rounded_to

YEAR_S = 365 * 24 * 3600


def upfront(quantity: Number, rate: Number, seconds: Number, grains: Number = 0) -> Number:
    """Return the fixed leg that the holder pays when the swap is made: quantity x rate x time to maturity; negative is received.

    Parameters
    ----------
    quantity : notional, > 0 long (pays fixed, receives floating), < 0 short.
    rate : fixed rate, fraction per year of 365 days. seconds : from the last floating payment to maturity, >= 0.
    grains : amounts are whole 1/grains of the asset, rounded up; 0 leaves them exact.

    Raises
    ------
    InputError
        When the time is negative.

    Source: settlement page and payment library of one on-chain market of funding swaps; see the catalogue.

    Examples
    --------
    >>> upfront(100, 0.08, 90 * 24 * 3600)
    1.9726027397260273
    """
    return _over_time(quantity * rate, seconds, grains, UP)


def floating(quantity: Number, index_move: Number, grains: Number = 0) -> Number:
    """Floating leg that the holder receives: quantity x move of the venue's funding index; negative is paid. Rounded down.

    `index_move` is a fraction: the sum of the funding rates since the last payment, > 0 where longs paid shorts.

    Source: as `upfront`.

    Examples
    --------
    >>> floating(-100, 0.0001)
    -0.01
    """
    return rounded_to(quantity * index_move, grains, DOWN)


def time_fee(quantity: Number, fee_rate: Number, seconds: Number, grains: Number = 0) -> Number:
    """Fee for holding or making a swap: size of the quantity x fee rate (fraction per year) x time, rounded up.

    Raises
    ------
    InputError
        When the time is negative.

    Source: as `upfront`.

    Examples
    --------
    >>> round(time_fee(50, 0.002, 8 * 3600), 7)
    9.13e-05
    """
    return _over_time(magnitude(quantity) * fee_rate, seconds, grains, UP)


def present_value(quantity: Number, mark_rate: Number, seconds: Number, grains: Number = 0) -> Number:
    """Worth of a swap to its holder at a mark rate (fraction per year) until maturity, rounded down.

    Raises
    ------
    InputError
        When the time is negative.

    Source: as `upfront`.
    """
    return _over_time(quantity * mark_rate, seconds, grains, DOWN)


def _over_time(yearly: Number, seconds: Number, grains: Number, rounding: int) -> Number:
    if seconds < 0:
        raise InputError("a swap on funding", f"{seconds} s to maturity", "A swap that has ended pays nothing more.")
    return rounded_to(yearly * seconds / YEAR_S, grains, rounding)
