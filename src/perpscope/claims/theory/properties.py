"""Which properties may a check assert? Each is tried on a grid, or on the numbers given, and is a truth."""

from __future__ import annotations

from perpscope.analysis.pricing.clamped import clamped_rate
from perpscope.analysis.pricing.perpetual import inverse_price, linear_price, pegging_iota
from perpscope.analysis.pricing.validity import arrays, positive
from perpscope.claims.theory.expressions import Value
from perpscope.claims.theory.model import Model

CLOSE = 1e-9
WIDTHS, STEPS = 20, 4001


def _never_falls(interest: Value, width: Value) -> bool:
    """Whether a higher premium never leads to a lower rate."""
    rise, _ = _slopes(interest, width)
    return bool(rise >= -CLOSE)


def _never_jumps(interest: Value, width: Value) -> bool:
    """Whether the rate never changes by more than the premium does."""
    _, steepest = _slopes(interest, width)
    return bool(steepest <= 1 + CLOSE)


def _no_floor(interest: Value, width: Value) -> bool:
    """Whether the rate follows the premium below the plateau, instead of staying at the interest."""
    below = clamped_rate(interest - 4 * width, interest, width)
    return bool(below < interest)


def _slopes(interest: Value, width: Value) -> tuple[float, float]:
    import numpy as np

    positive("a clamp", width=arrays("a clamp", width=width)[0])
    premium = np.linspace(float(interest - WIDTHS * width), float(interest + WIDTHS * width), STEPS)
    slope = np.diff(np.asarray(clamped_rate(premium, interest, width))) / np.diff(premium)
    return float(slope.min()), float(slope.max())


def _pegged(spot: Value, kappa: Value, r_quote: Value, r_base: Value) -> bool:
    """Whether the price is the spot at the pegging interest, and not beside it."""
    peg = pegging_iota(r_quote, r_base)
    at, beside = (float(linear_price(spot, kappa, iota, r_quote, r_base)) for iota in (peg, peg + float(kappa) / 1000))
    return abs(at / float(spot) - 1) < CLOSE < abs(beside / float(spot) - 1)


def _no_convexity(spot: Value, kappa: Value) -> bool:
    """Whether inverse and linear prices are one where both rates are zero."""
    return abs(float(inverse_price(spot, kappa, 0.0, 0.0, 0.0)) / float(linear_price(spot, kappa, 0.0, 0.0, 0.0)) - 1) < CLOSE


PROPERTIES: tuple[Model, ...] = (
    Model("the clamped rate never falls", _never_falls, ("I", "g"), r"non-?decreas|monoton|neverfalls|increasinginp"),
    Model("the clamped rate never jumps", _never_jumps, ("I", "g"), r"continuous|lipschitz|neverjumps"),
    Model("the plateau is no floor", _no_floor, ("I", "g"), r"(?:not?|never)_?a?_?floor"),
    Model("the pegging interest pegs", _pegged, ("x", "kappa", "r_a", "r_b"), r"f=x(?:iff|if|when)|pegs"),
    Model("no convexity is left without rates", _no_convexity, ("x", "kappa"), r"convexity|inverse=linear|i=x"),
)
"""Models whose answer is a truth."""
