"""Which rules are worth trying on this history?

The shapes are those of the one formula; the numbers are the usual ones and those the data itself returns to: piles
in the rates name interests and limits, piles in rate - premium name dampers and additive terms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from perpscope.audit.infer.piles import piles, simplest
from perpscope.market.number import INF
from perpscope.mechanisms.decide import Formula

if TYPE_CHECKING:
    from perpscope.audit.facts import Floats

USUAL_INTEREST = 0.0001
"""Interest per eight hours most rules of the catalogue state."""
USUAL_DAMPER = 0.0005
"""Half width of the pull most rules of the catalogue state."""
MOST_NUMBERS = 3
"""Numbers of one kind taken from the data."""
COARSE = (1.0, 100.0, 10_000.0)
"""Widths at which piles are looked for, in published units: inputs that are only nearly the venue's blur them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One rule to try.

    Parameters
    ----------
    look : how the premium was observed and averaged ("linear mean of samples"). lag : intervals from window end to payment.
    formula : what turns the average into the rate.
    """

    look: str
    lag: int
    formula: Formula

    def to_dict(self) -> dict[str, Any]:
        """Write the parts that differ from neutral."""
        f = self.formula
        said: dict[str, Any] = {"average": self.look, "lag": self.lag, "combine": f.combine, "scaled": scaling(f)}
        numbers = {"interest": f.interest, "interest_per": f.interest_per, "damper": f.damper, "add": f.add, "add_per": f.add_per}
        limits = {"floor": f.floor, "cap": f.cap, "change": f.change}
        said |= {name: "infinite" if value == INF else float(value) for name, value in numbers.items() if value != 0}
        said |= {name: float(value) for name, value in limits.items() if abs(value) != INF}
        return said | ({"decimals": f.decimals, "rounding": f.rounding} if f.decimals >= 0 else {})

    @property
    def words(self) -> str:
        """The rule as a sentence."""
        f = self.formula
        core = {
            "pull": f"P + clamp({f.interest:g} - P, +-{f.damper:g})" if f.damper else "P",
            "larger": f"max({f.interest:g}, P)",
            "clamped_premium": f"{f.interest:g} + clamp(P, +-{f.damper:g})",
        }[f.combine]
        per = f" (interest per {f.interest_per:g} h)" if f.interest_per and f.interest else ""
        tail = "".join(
            f", {name} {value:g}" for name, value in (("cap", f.cap), ("floor", f.floor), ("step", f.change)) if abs(value) != INF
        )
        added = f" + {f.add:g}" + (f" per {f.add_per:g} h" if f.add_per else "") if f.add else ""
        rounds = f", rounded {f.rounding} to {f.decimals} decimals" if f.decimals >= 0 else ""
        return f"{core}{per}{added}, {scaling(f)}; P the {self.look}, lag {self.lag}{tail}{rounds}"


def scaling(formula: Formula) -> str:
    """Say what is scaled to the interval."""
    if formula.period:
        return f"whole scaled by N/{formula.period:g}"
    return f"interest scaled by N/{formula.interest_per:g}" if formula.interest_per and formula.interest else "not scaled"


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """What is to be explained: rates (fraction per the row's hours), their hours, half a published unit of each."""

    rate: Floats
    hours: Floats
    half: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One way of observing and averaging.

    Parameters
    ----------
    name : in words. lag : intervals from the window's end to the payment.
    premium : (n,) averaged premium of each row's window (fraction), NaN where it is unknown. half : (n,) half a unit of its digits.
    whole : whether every sample went through the whole formula already, so that only scaling is left.
    """

    name: str
    lag: int
    premium: Floats
    half: Floats
    whole: bool = False


def formulas(look: Look, target: Target) -> list[Formula]:
    """Formulas to try on one averaged premium, the plainest first, without limits."""
    import numpy as np

    out: list[Formula] = []
    periods = (0.0,) if np.all(target.hours == 8) else (8.0, 0.0, 24.0)  # noqa: PLR2004 - at eight hours N/8 changes nothing
    for period in periods:
        share = target.hours / period if period else np.ones(len(target.hours))
        rest = target.rate / share - look.premium
        out.append(Formula(period=period))
        if look.whole:
            continue
        out += [Formula(period=period, add=add, add_per=period) for add in _numbers(rest, target)]
        dampers = _distinct([USUAL_DAMPER, *_numbers(np.abs(rest), target)])
        for interest, per in _interests(period, share, target):
            plain = Formula(period=period, interest=interest, interest_per=per)
            out += [replace(plain, damper=damper) for damper in dampers]
            out += [replace(plain, damper=INF), replace(plain, combine="larger")]
            out += [replace(plain, combine="clamped_premium", damper=damper) for damper in dampers]
    return list(dict.fromkeys(out))


def _interests(period: float, share: Floats, target: Target) -> list[tuple[float, float]]:
    """Interests to try with the hours each is stated for: usual, none, and those the rates return to."""
    import numpy as np

    found = [simplest(pile.value, 0.5 * _width(target)) for pile in piles(target.rate / share, 2 * _width(target), MOST_NUMBERS)]
    if period:
        return [(value, period) for value in _distinct([USUAL_INTEREST * period / 8, 0.0, *found])]
    if np.all(target.hours == 8):  # noqa: PLR2004 - as above
        return [(value, 0.0) for value in _distinct([USUAL_INTEREST, 0.0, *found])]
    per_eight = [
        simplest(pile.value, 4 * _width(target)) for pile in piles(target.rate * 8 / target.hours, 2 * _width(target), MOST_NUMBERS)
    ]
    scaled = [(value, 8.0) for value in _distinct([USUAL_INTEREST, *per_eight]) if value]
    return [*scaled, *((value, 0.0) for value in _distinct([USUAL_INTEREST, 0.0, *found]))]


def _width(target: Target) -> float:
    import numpy as np

    return float(2 * np.median(target.half))


def _numbers(rest: Floats, target: Target) -> list[float]:
    """Numbers other than zero that a column returns to, read at several widths."""
    found: list[float] = []
    for coarse in COARSE:
        width = coarse * 8 * _width(target)
        found += [simplest(pile.value, width) for pile in piles(rest, width, MOST_NUMBERS)]
    return [value for value in _distinct(found) if value]


def limits(target: Target) -> list[tuple[float, float]]:
    """(floor, cap) pairs to try: none, and those the largest and smallest rates stop at."""
    width = 2 * _width(target)
    found = [pile.value for pile in piles(target.rate, width)]
    highs = [INF, *_tops([v for v in found if v > 0], target)]
    lows = [-INF, *(-v for v in _tops([-v for v in found if v < 0], target, sign=-1))]
    pairs = [*product(lows[:1], highs), *product(lows, highs[:1]), *((-v, v) for v in highs), *zip(lows, highs, strict=False)]
    return list(dict.fromkeys(pairs))


def _tops(values: list[float], target: Target, sign: int = 1) -> list[float]:
    """Piles that no rate near them in time goes beyond: where a limit was in force."""
    import numpy as np

    rate, width = sign * target.rate, _width(target)
    out = []
    for value in sorted(set(values), reverse=True):
        at = np.flatnonzero(np.abs(rate - value) <= width)
        inside = rate[at[0] : at[-1] + 1] if len(at) else rate[:0]
        if len(inside) and inside.max() <= value + width and (inside < value - width).any():
            out.append(simplest(value, width / 2))
    return out[:MOST_NUMBERS]


def _distinct(values: list[float]) -> list[float]:
    return list(dict.fromkeys(float(value) for value in values))
