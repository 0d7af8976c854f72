"""Which premium stands behind rates that a rule has flattened?

Where the rate is the interest term the premium was somewhere on the plateau; where it is at a limit, somewhere beyond. Elsewhere the rate
tells the premium. What is hidden is drawn, again and again, from what its neighbours leave possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.mechanisms.shape import Piece, pieces

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from perpscope.mechanisms.decide import Formula

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

EXACT = 5e-11
"""Rates this near are one number, as in `analysis.atoms`."""
SWEEPS = 40
"""Rounds of drawing; the lag-one autocorrelation of the drawn series settles in about ten."""
OUTSIDE = 1.0
"""A premium beyond a limit is looked for up to this size: one hundred per cent."""


def rates_of(premium: Floats, formula: Formula | None, hours: float, window_hours: float) -> Floats:
    """Rates per `hours` of averaged premiums (fractions); without a formula the latent number is the rate per window.

    **Source** the formula of the rule, as straight pieces (`mechanisms.shape`).
    """
    import numpy as np

    if formula is None:
        return premium * (hours / window_hours)
    found = pieces(formula, hours)
    place = np.searchsorted([piece.high for piece in found[:-1]], premium)
    slope, level = (np.array([getattr(piece, name) for piece in found]) for name in ("slope", "level"))
    return level[place] + slope[place] * premium


def premium_bounds(rates: Floats, formula: Formula | None, hours: float, limits: tuple[float, float]) -> tuple[Floats, Floats]:
    """Lowest and highest premium that lead to each rate; equal where the rate tells the premium.

    Parameters
    ----------
    rates : (n,) fraction per `hours`. formula : the map without limits. limits : floor and cap per `hours`.

    **Source** the inverse of the rule's formula.
    """
    import numpy as np

    low, high = rates.copy(), rates.copy()
    if formula is not None:
        found = pieces(formula, hours)
        for piece in found:
            if not piece.flat:
                inside = _on(piece, rates)
                low[inside] = high[inside] = (rates[inside] - piece.level) / piece.slope
        for piece in found:
            if piece.flat:
                at = np.abs(rates - piece.level) <= EXACT
                low[at], high[at] = max(piece.low, -OUTSIDE), min(piece.high, OUTSIDE)
    floor, cap = limits
    high[rates >= cap - EXACT], low[rates <= floor + EXACT] = OUTSIDE, -OUTSIDE
    return low, high


def _on(piece: Piece, rates: Floats) -> Flags:
    ends = sorted(piece.level + piece.slope * edge for edge in (piece.low, piece.high))
    found: Flags = (rates >= ends[0]) & (rates <= ends[1])
    return found


def drawn_premium(low: Floats, high: Floats, rng: np.random.Generator) -> Floats:
    """Draw what is hidden: a first-order autoregression, conditional on both neighbours and on the bounds.

    Parameters
    ----------
    low, high : (n,) bounds of each premium (fractions).

    Returns
    -------
    premium : (n,) inside the bounds; where they meet, exactly there.

    **Source** Gibbs sampling of a censored autoregression (data augmentation: Tanner and Wong 1987), parameters re-estimated each round.
    """
    import numpy as np

    known = low == high
    edge = np.where(high >= OUTSIDE, low, np.where(low <= -OUTSIDE, high, (low + high) / 2))
    x = edge.copy()
    hidden = np.flatnonzero(~known[1:-1]) + 1
    if not len(hidden):
        return x
    sides = [hidden[hidden % 2 == k] for k in (0, 1)]
    for _ in range(SWEEPS):
        centre = x.mean()
        before, after = x[:-1] - centre, x[1:] - centre
        phi = min(float(before @ after / max(before @ before, 1e-300)), 0.999)
        spread = float(np.sqrt(np.mean((after - phi * before) ** 2) / (1 + phi * phi)))
        for side in sides:
            middle = centre + phi / (1 + phi * phi) * (x[side - 1] + x[side + 1] - 2 * centre)
            x[side] = truncated(middle, max(spread, 1e-12), low[side], high[side], rng)
    return x


def truncated(middle: Floats, spread: float, low: Floats, high: Floats, rng: np.random.Generator) -> Floats:
    """Draw from normals cut off below and above; where nothing of the normal is inside, the nearer bound.

    **Source** inversion of the normal distribution function.
    """
    import numpy as np
    from scipy.special import ndtr, ndtri

    a, b = (low - middle) / spread, (high - middle) / spread
    flip = a > 0  # in the upper tail the distribution function has no digits left: mirror it
    a, b = np.where(flip, -b, a), np.where(flip, -a, b)
    below, above = ndtr(a), ndtr(b)
    z = ndtri(below + (above - below) * rng.random(len(middle)))
    z = np.clip(np.where(np.isfinite(z), z, b), a, b)
    return np.clip(middle + spread * np.where(flip, -z, z), low, high)
