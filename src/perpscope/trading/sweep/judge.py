"""What of the best parameter set is luck? The search is put on trial together with its winner.

Three answers to one question. The deflated Sharpe ratio asks whether the winner beats what the best of as many worthless ones would show;
the reality check and Hansen's test ask the same of the mean, by resampling days in blocks; walking forward asks what choosing like that
would have earned afterwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.inference.bootstrap import block_length
from perpscope.analysis.inference.sharpe import Deflated, deflated_sharpe, effective_trials, moments
from perpscope.analysis.inference.superior import Superior, superior
from perpscope.errors import NotEnoughData
from perpscope.units import HOURS_PER_YEAR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.05
"""Chance of calling luck a skill that is put up with."""
FEWEST_DAYS = 30
"""Days below which no test of the search is made."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the whole history says of the search.

    Parameters
    ----------
    trials : sets tried. effective : independent ones they amount to. days : returns of each. a_year : days a year, which brings a daily
        ratio to a year's.
    deflated : of the best by Sharpe ratio. by_days : the same, with the scatter of days alone taken for luck.
    superior : of the best by mean. passed : sets that Romano and Wolf's step-down lets stand at `LEVEL`.
    """

    trials: int
    effective: float
    days: int
    a_year: float
    deflated: Deflated
    by_days: Deflated
    superior: Superior
    passed: int


def judge(returns: Floats, best: int, hours: float, *, draws: int, seed: int) -> Verdict:
    """Put the search on trial.

    Parameters
    ----------
    returns : (sets, days) daily returns, of the same days. best : the chosen set. hours : length of the window. draws, seed : of the
        resamples; the same seed gives the same answer.

    Raises
    ------
    NotEnoughData
        When there are fewer than `FEWEST_DAYS` days, or the best set's returns do not vary.
    """
    import numpy as np

    sets, days = returns.shape
    if days < FEWEST_DAYS:
        raise NotEnoughData("what of the best is luck", f"{days} days of returns", f"Give {FEWEST_DAYS} days or more.")
    of_best = moments(returns[best])
    if of_best is None:
        raise NotEnoughData("what of the best is luck", "the best set never trades", "Try sets that do, or a longer history.")
    varies = np.ptp(returns, axis=1) > 0
    ratios = np.zeros(sets)
    ratios[varies] = returns[varies].mean(axis=1) / returns[varies].std(axis=1, ddof=1)
    effective = effective_trials(returns.T)
    deflated, by_days = (deflated_sharpe(of_best, ratios, effective, days_alone=alone) for alone in (False, True))
    tested = superior(returns.T, block_length(returns[best]), draws, np.random.default_rng(seed))
    passed = int((tested.adjusted < LEVEL).sum())
    return Verdict(sets, effective, days, days / hours * HOURS_PER_YEAR, deflated, by_days, tested, passed)


@dataclass(frozen=True, slots=True)
class Walked:
    """What choosing forward would have earned.

    Parameters
    ----------
    sharpe_in, sharpe_out : of the choices, a year: mean over their training windows, and of their test windows laid end to end; NaN where
        there is none. apr_out : simple, of the test windows. folds : how many choices. below : in how many of them the choice did worse in
        its test than half of all sets.
    """

    sharpe_in: float
    sharpe_out: float
    apr_out: float
    folds: int
    below: int


def words(best_sharpe: float, found: Verdict | None, walked: Walked | None) -> tuple[str, ...]:
    """Say in plain words what of the best is luck.

    Parameters
    ----------
    best_sharpe : of the best set over the whole history, a year. found, walked : None where there was not enough data.
    """
    told = [] if found is None else list(_of_the_search(best_sharpe, found))
    return tuple(told + ([] if walked is None else list(_of_the_walk(walked))))


def _of_the_search(best_sharpe: float, found: Verdict) -> list[str]:
    tests, year = found.superior, math.sqrt(found.a_year)
    tried = f"{found.trials:,} sets were tried, which are as many as {found.effective:.3g} independent ones"
    expected = (
        f"the best of so many worthless ones would be expected to show a Sharpe ratio of {found.by_days.threshold * year:.2f} by chance"
    )
    first = f"{tried}: {expected}, the best here shows {best_sharpe:.2f}; the probability that it is truly above that is"
    spread = f"Where the whole spread between the sets is taken for luck, {found.deflated.threshold * year:.2f} would be expected, and the"
    resampled = f"White's reality check p = {_p(tests.reality_check, tests)}, Hansen's test p = {_p(tests.consistent, tests)}"
    mean = "the best mean is more than luck" if tests.consistent < LEVEL else "that the best mean is luck cannot be ruled out"
    stand = f"{found.passed:,} of the {found.trials:,} stand on their own after the step-down of Romano and Wolf (5 %)"
    return [
        f"{first} {found.by_days.probability:.1%}: {_skill(found.by_days)}",
        f"{spread} probability is {found.deflated.probability:.1%} (deflated Sharpe ratio): {_skill(found.deflated)}",
        f"{resampled}: {mean}; {stand}.",
    ]


def _skill(found: Deflated) -> str:
    return "more than luck." if found.probability > 1 - LEVEL else "it cannot be told from luck."


def _p(value: float, tests: Superior) -> str:
    return f"< {1 / tests.draws:.4g}" if value == 0 else f"{value:.3g}"


def _of_the_walk(walked: Walked) -> list[str]:
    lost = walked.sharpe_in - walked.sharpe_out
    text = f"Chosen {walked.folds} times without knowing what came after, the choices earned {walked.apr_out:.2%} a year"
    if math.isnan(lost):
        return [f"{text}; a Sharpe ratio cannot be told on one of the sides."]
    share = f"in {walked.below} of {walked.folds} tests the choice did worse than half of all sets"
    return [
        f"{text} with a Sharpe ratio of {walked.sharpe_out:.2f}, after {walked.sharpe_in:.2f} where they were chosen: "
        + ("nothing was lost on the way" if lost <= 0 else f"what is missing, {lost:.2f}, was the luck of the choice, or of the times")
        + f"; {share}."
    ]
