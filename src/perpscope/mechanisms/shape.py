"""Which rate does each premium lead to?

Without a rate-of-change cap the formula is a chain of straight pieces from the premium to the rate: a flat stretch
where the rate is the interest, flat ends at cap and floor, slopes between them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from perpscope.market.number import to_float
from perpscope.mechanisms.decide import Formula, decide

_FAR = 100.0
_SMALL = 1e-12


@dataclass(frozen=True, slots=True)
class Piece:
    """One straight piece: premiums low..high (fractions; infinite at the ends) lead to rate = level + slope x premium."""

    low: float
    high: float
    slope: float
    level: float

    @property
    def flat(self) -> bool:
        """Whether the premium plays no part here."""
        return abs(self.slope) < _SMALL


def pieces(formula: Formula, hours: float) -> tuple[Piece, ...]:
    """Straight pieces of the map from the averaged premium to the rate per `hours`, from low premiums to high ones.

    Rounding and the cap on changes are left out.

    Examples
    --------
    >>> [round(p.high, 6) for p in pieces(Formula(interest=0.0001, damper=0.0005), 8)]
    [-0.0004, 0.0006, inf]
    """
    plain = replace(formula, change=math.inf, decimals=-1)
    edges = [-_FAR]
    for edge in sorted((*_bends(plain, hours), _FAR)):
        if edge - edges[-1] > _SMALL:
            edges.append(edge)
    found = [piece for low, high in pairwise(edges) for piece in _bounded(plain, hours, low, high)]
    return tuple(_opened(_joined(found)))


def plateau(formula: Formula, hours: float) -> Piece | None:
    """Return the flat piece at the interest; None where the formula has none."""
    flat = [piece for piece in pieces(formula, hours) if piece.flat and math.isfinite(piece.low) and math.isfinite(piece.high)]
    return flat[0] if flat else None


def _bends(formula: Formula, hours: float) -> list[float]:
    interest = to_float(decide(0.0, hours, math.nan, *formula.numbers()).interest)
    damper = to_float(formula.damper)
    around = {
        "pull": (interest - damper, interest + damper),
        "larger": (_straightened(interest, formula),),
        "clamped_premium": (_straightened(-damper, formula), _straightened(damper, formula)),
    }[formula.combine]
    knees = [sign * to_float(knee) for knee in (formula.knee1, formula.knee2) for sign in (-1, 1)]
    return [x for x in (*around, *knees) if math.isfinite(x) and abs(x) < _FAR]


def _straightened(bent: float, formula: Formula) -> float:
    """Return the premium that bends to `bent`."""
    knee1, slope1, knee2, slope2 = (to_float(x) for x in (formula.knee1, formula.slope1, formula.knee2, formula.slope2))
    size = abs(bent)
    if size <= knee1:
        return bent
    premium = knee1 + (size - knee1) / slope1
    if premium > knee2:
        premium = knee2 + (size - knee1 - slope1 * (knee2 - knee1)) / slope2
    return math.copysign(premium, bent)


def _bounded(formula: Formula, hours: float, low: float, high: float) -> list[Piece]:
    """Cut one straight stretch of the unlimited formula at cap and floor."""
    free = replace(formula, floor=-math.inf, cap=math.inf)
    at_low, at_high = (to_float(decide(x, hours, math.nan, *free.numbers()).added) for x in (low, high))
    slope = (at_high - at_low) / (high - low)
    slope = 0.0 if abs(slope) < _SMALL else slope
    level = at_low - slope * low
    share = 1.0 if formula.limit_per == 0 else hours / to_float(formula.limit_per)
    floor, cap = to_float(formula.floor) * share, to_float(formula.cap) * share
    if slope == 0:
        return [Piece(low, high, 0.0, min(max(level, floor), cap))]
    crossings = sorted((bound - level) / slope for bound in (floor, cap))
    inside = [x for x in crossings if low < x < high]
    found = []
    for a, b in pairwise([low, *inside, high]):
        middle = level + slope * (a + b) / 2
        held = floor if middle < floor else cap if middle > cap else None
        found.append(Piece(a, b, slope, level) if held is None else Piece(a, b, 0.0, held))
    return found


def _joined(found: list[Piece]) -> list[Piece]:
    """Join neighbours that lie on one line."""
    out: list[Piece] = []
    for piece in found:
        last = out[-1] if out else None
        if last and abs(last.slope - piece.slope) < _SMALL and abs(last.level - piece.level) < _SMALL:
            out[-1] = replace(last, high=piece.high)
        else:
            out.append(piece)
    return out


def _opened(found: list[Piece]) -> list[Piece]:
    first = replace(found[0], low=-math.inf)
    rest = [first, *found[1:]]
    return [*rest[:-1], replace(rest[-1], high=math.inf)]
