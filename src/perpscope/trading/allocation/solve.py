"""Which sizes are best, and what would one more unit of each limit earn?

The program is solved by Clarabel through cvxpy, in shares of the capital and with rewards near one, so that its tolerances mean the same
for every size of money.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.errors import NotEnoughData
from perpscope.trading.allocation.program import Program

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

TOLERANCE, ACCEPTED = 1e-10, 1e-8
"""Of the solver, on feasibility and the gap between both sides of duality, in shares of the capital and of the largest reward: what it aims
at, and what is taken where rounding lets it come no nearer."""
DIGITS = 10
"""Decimals of the capital's share that a size is told to; what lies behind them is the solver's."""
PAYS = 1e-9
"""Reward of a unit of notional below which everything is weighed as if the best earned so much: less is nothing beside any aversion."""
ULPS = 1e-14
"""Part of a limit that sums of numbers within it may be off by."""
NOTHING = 1e-7
"""Notionals below this share of the capital are none: they are the solver's distance from zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """What the program answers.

    Parameters
    ----------
    notional : (n,) money, >= 0. prices : (rows,) what one more unit of each limit would earn, >= 0. sd_price : of one more unit of standard
        deviation. worth : value of the objective, money. sd : standard deviation of what is received, money.
    marginal_risk : (n,) what one more unit of notional of each trade costs through the aversion and the limit of the sd.
    """

    notional: Floats
    prices: Floats
    sd_price: float
    worth: float
    sd: float
    marginal_risk: Floats


def solve(program: Program) -> Solution:
    """Solve it.

    Raises
    ------
    NotEnoughData
        When the solver does not find the optimum.
    """
    import numpy as np

    scale = max(float(np.abs(program.reward).max(initial=0.0)), PAYS)
    shares, prices, sd_price = _solved(program, scale) if program.owner.size else _nothing(program)
    inside = np.clip(shares, 0.0, program.width / program.capital)
    whole = np.asarray(np.bincount(program.owner, weights=inside, minlength=program.trades), dtype=np.float64)
    tops = np.bincount(program.owner, weights=program.width / program.capital, minlength=program.trades)
    share = _within(np.minimum(np.round(np.where(whole > NOTHING, whole, 0.0), DIGITS), tops), program)
    moved = share if program.factor is None else program.factor.T @ share
    sd = 0.0 if program.factor is None else float(np.linalg.norm(moved))
    risk: Floats = np.zeros(program.trades)
    if program.factor is not None:
        pull = np.asarray(program.factor @ moved, dtype=np.float64)
        risk = 2 * program.aversion * pull + (sd_price * pull / sd if sd > 0 else 0.0 * pull)
    earned = _earned(program, share) - program.aversion * sd**2
    money = program.capital
    return Solution(share * money, prices, sd_price, earned * money, sd * money, risk)


def _nothing(program: Program) -> tuple[Floats, Floats, float]:
    """Answer a program from which every trade was dropped."""
    import numpy as np

    return np.zeros(0), np.zeros(len(program.rows)), 0.0


def _solved(program: Program, scale: float) -> tuple[Floats, Floats, float]:
    """Segments in shares of the capital, and prices."""
    import cvxpy
    import numpy as np
    from scipy.sparse import csr_array

    cp: Any = cvxpy  # its atoms are not in its own list of names
    m = program.owner.size
    z, x = cp.Variable(m), cp.Variable(program.trades)
    gather = csr_array((np.ones(m), (program.owner, np.arange(m))), shape=(program.trades, m))
    rows: Any = csr_array(program.uses) @ x <= program.most / program.capital
    ends = np.flatnonzero(np.isfinite(program.width))
    constraints: list[Any] = [rows, z >= 0, gather @ z == x]
    if ends.size:
        constraints.append(z[ends] <= program.width[ends] / program.capital)
    gain = (program.reward / scale) @ z
    spread = None
    if program.factor is not None and program.factor.size:
        moved = program.factor.T @ x
        gain = gain - program.aversion / scale * cp.sum_squares(moved)
        if program.sd is not None:
            spread = cp.norm(moved) <= program.sd
            constraints.append(spread)
    problem = cp.Problem(cp.Maximize(gain), constraints)
    found = _run(problem)
    if found not in {cp.OPTIMAL, cp.OPTIMAL_INACCURATE}:
        there = f"the solver calls the program {found}"
        raise NotEnoughData("sizes within the limits", there, "Give fewer trades, or limits that are not nearly 0.")
    price = np.maximum(np.asarray(rows.dual_value, dtype=np.float64).reshape(-1), 0.0) * scale
    return np.asarray(z.value), price, 0.0 if spread is None else max(float(np.sum(spread.dual_value)), 0.0) * scale


def _run(problem: Any) -> str:  # noqa: ANN401 - cvxpy states no types
    import cvxpy as cp

    aims = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), TOLERANCE)
    least = {f"reduced_{name}": ACCEPTED for name in aims}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that the accuracy is the accepted one, not the one aimed at
        try:
            problem.solve(solver=cp.CLARABEL, max_iter=500, **aims, **least)
        except cp.SolverError as refused:
            return f"unsolved ({refused})"
    return str(problem.status)


def _within(share: Floats, program: Program) -> Floats:
    """Take back the last digits by which the solver, and rounding, may stand outside a limit."""
    import numpy as np

    used, most = program.uses @ share, program.most / program.capital
    if program.factor is not None and program.sd is not None:
        used, most = np.append(used, np.linalg.norm(program.factor.T @ share)), np.append(most, program.sd)
    over = used > most * (1 + ULPS)
    return share * float(np.min(most[over] / used[over])) if over.any() else share


def _earned(program: Program, share: Floats) -> float:
    """Net money of sizes, as a share of the capital; each trade fills its cheapest segments first."""
    import numpy as np

    total = 0.0
    for place in range(program.trades):
        mine = np.flatnonzero(program.owner == place)
        left = float(share[place])
        for segment in mine:
            step = min(left, float(program.width[segment]) / program.capital)
            total += float(program.reward[segment]) * step
            left -= step
    return total
