"""Which position would a rule against deviations hold at each look?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, assert_never, get_args

from perpscope.analysis.pricing.clamped import deviation
from perpscope.analysis.pricing.costs import positions

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from perpscope.analysis.carry.arbitrage import Looks

    Floats = npt.NDArray[np.float64]

Strategy = Literal["correct", "no_clamp", "long_only", "carry"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
"""Deviation with the clamp, without it, with it and only long the coin; always long the coin."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The funding rule that a deviation is measured against.

    Parameters
    ----------
    interest, width : of one period, fractions. kappa : periods a year.
    """

    interest: float
    width: float
    kappa: float


def deviations(looks: Looks, terms: Terms, *, clamped: bool = True) -> Floats:
    """Return the deviation at each look, fractions a year; without the clamp the width is 0.

    **Source**: He et al. v7 eq. (17), `analysis.pricing.clamped.deviation`.
    """
    import numpy as np

    width = terms.width * terms.kappa if clamped else 0.0
    found = deviation(looks.perp, looks.spot, looks.carry, terms.interest * terms.kappa, width, terms.kappa)
    return np.asarray(found, dtype=np.float64)


def held_by(strategy: Strategy, looks: Looks, terms: Terms, opens: float = 0.0) -> npt.NDArray[np.int8]:
    """Return the position in the perpetual from each look on: -1 short with the coin long, 1 the reverse, 0 none.

    Parameters
    ----------
    opens : deviation a year beyond which a position is opened.

    **Source**: He et al. v7, section 4.4 and Tables 6 and 8 (`theory.md` 3.5 and 4).
    """
    import numpy as np

    match strategy:
        case "carry":
            return np.full(looks.at.size, -1, dtype=np.int8)
        case "no_clamp":
            return positions(deviations(looks, terms, clamped=False), opens)
        case "correct":
            return positions(deviations(looks, terms), opens)
        case "long_only":
            return np.minimum(positions(deviations(looks, terms), opens), 0)
        case _:
            assert_never(strategy)
