"""Which convex program is a plan?

Variables are the segments of every trade's cost, in money; all else is linear in them, but for the variance. A segment that does not pay
by itself is left out, even where it would hedge others. With C the capital, H the days held, x_i the notional of trade i:

    maximise    sum of carry_i H/365 x_i - cost_i(x_i) - held_i H/365 x_i - opportunity_i capital_i H/365 x_i - aversion x' S x / C
    where       each row of `Program.uses` times x is at most its limit, and the root of x' S x at most sd C.

**Source**: mean and variance, Markowitz (1952), with convex costs; S as in `risk`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from perpscope.trading.allocation.candidate import Candidate
from perpscope.trading.allocation.cost_curve import Segments
from perpscope.trading.allocation.limits import Aim, Limits
from perpscope.trading.allocation.risk import Risk, chains

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

DAYS_PER_YEAR = 365
What = Literal["capital", "venue", "venue notional", "coin", "together"]


@dataclass(frozen=True, slots=True)
class Row:
    """One linear limit.

    Parameters
    ----------
    name, what : for a reader. uses : what each trade takes of it per unit of notional. most : limit, money.
    share : the limit as a multiple of the capital, by which it grows with it.
    """

    name: str
    what: What
    uses: tuple[float, ...]
    most: float
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Data of the program; n trades, m segments.

    Parameters
    ----------
    capital, aversion, sd : C, and what the aim and the limits say of risk.
    owner : (m,) trade of each segment. width : (m,) money, infinite where only other limits end it. reward : (m,) net money per unit of
        notional over the time held.
    rows : linear limits. factor : (n, k) F with F F' the covariance S; None where risk plays no part.
    """

    capital: float
    aversion: float
    sd: float | None
    owner: npt.NDArray[np.int64]
    width: Floats
    reward: Floats
    rows: tuple[Row, ...]
    factor: Floats | None
    trades: int

    @property
    def uses(self) -> Floats:
        """(rows, n) what each trade takes of each limit per unit of notional."""
        import numpy as np

        return np.array([row.uses for row in self.rows], dtype=np.float64).reshape(len(self.rows), self.trades)

    @property
    def most(self) -> Floats:
        """(rows,) limits, money."""
        import numpy as np

        return np.array([row.most for row in self.rows], dtype=np.float64)


def yearly_cost(one: Candidate) -> float:
    """Cost of holding, a fraction of the notional a year: borrow and what the capital would earn elsewhere; holes count nothing."""
    held = sum(float(figure.value) for figure in one.held.values() if figure.value is not None)
    elsewhere = 0.0 if one.opportunity.value is None else float(one.opportunity.value)
    return held + elsewhere * one.capital


def build(candidates: Sequence[Candidate], costs: Sequence[Segments], limits: Limits, aim: Aim, risk: Risk | None) -> Program:
    """Write the program down.

    Parameters
    ----------
    candidates, costs : the same trades in the same order. risk : of them, in that order; None where neither aversion nor sd asks for it.
    """
    import numpy as np

    years = aim.days / DAYS_PER_YEAR
    segments = [
        (place, width, (one.gross - yearly_cost(one)) * years - slope)
        for place, (one, cost) in enumerate(zip(candidates, costs, strict=True))
        for width, slope in zip(cost.widths, cost.slopes, strict=True)
    ]
    owner, width, reward = ([segment[column] for segment in segments if segment[2] > 0] for column in range(3))
    return Program(
        limits.capital,
        aim.aversion,
        limits.sd,
        np.array(owner, dtype=np.int64),
        np.array(width, dtype=np.float64),
        np.array(reward, dtype=np.float64),
        _rows(candidates, limits, risk),
        None if risk is None else risk.factor,
        len(candidates),
    )


def _rows(candidates: Sequence[Candidate], limits: Limits, risk: Risk | None) -> tuple[Row, ...]:
    needs = tuple(one.capital for one in candidates)
    rows = [_row("capital", "capital", needs, 1.0, limits)]
    venues = sorted({venue for one in candidates for venue in one.venues})
    for venue in venues:
        share = limits.of_venue(venue)
        if share is not None:
            rows.append(_row(f"capital at {venue}", "venue", tuple(one.capital_at(venue) for one in candidates), share, limits))
        if limits.venue_notional is not None:
            uses = tuple(one.gross_at(venue) for one in candidates)
            rows.append(_row(f"notional at {venue}", "venue notional", uses, limits.venue_notional, limits))
    if limits.coin is not None:
        for coin in sorted({one.coin for one in candidates}):
            uses = tuple(need if one.coin == coin else 0.0 for one, need in zip(candidates, needs, strict=True))
            rows.append(_row(f"capital in {coin}", "coin", uses, limits.coin, limits))
    if limits.together is not None and risk is not None:
        for group in chains(risk.correlation, limits.correlated):
            uses = tuple(need if place in group else 0.0 for place, need in enumerate(needs))
            names = ", ".join(candidates[place].name for place in group)
            rows.append(_row(f"capital in what moves together ({names})", "together", uses, limits.together, limits))
    return tuple(rows)


def _row(name: str, what: What, uses: tuple[float, ...], share: float, limits: Limits) -> Row:
    return Row(name, what, uses, share * limits.capital, share)
