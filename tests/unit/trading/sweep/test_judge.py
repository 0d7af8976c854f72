"""Does the trial of a search acquit skill and convict luck?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from perpscope.errors import NotEnoughData
from perpscope.trading.sweep.judge import Verdict, Walked, judge, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAYS, SETS = 400, 60
HOURS = 24.0 * DAYS


def returns(skill: float, seed: int = 3) -> NDArray[np.float64]:
    """Sets that share half of their days' luck; one of them has a mean of `skill` deviations."""
    rng = np.random.default_rng(seed)
    found: NDArray[np.float64] = 0.01 * (rng.standard_normal((SETS, DAYS)) + rng.standard_normal(DAYS)) / math.sqrt(2)
    found[7] += 0.01 * skill
    return found


def tried(skill: float) -> tuple[Verdict, float]:
    rows = returns(skill)
    ratios = rows.mean(axis=1) / rows.std(axis=1, ddof=1)
    best = int(ratios.argmax())
    return judge(rows, best, HOURS, draws=400, seed=1), float(ratios[best] * math.sqrt(365))


def test_luck_is_convicted() -> None:
    found, best = tried(0.0)
    assert 20 < found.effective < 45
    assert found.deflated.probability < 0.9 < found.deflated.alone
    assert found.superior.consistent > 0.05
    assert found.passed == 0
    # Half of each day's luck is common to all: the spread between them is less than the scatter of each, by the root of one half.
    assert found.by_days.threshold == pytest.approx(found.deflated.threshold * math.sqrt(2), rel=0.1)
    told = " ".join(words(best, found, None))
    assert "60 sets were tried" in told
    assert "it cannot be told from luck" in told
    assert "cannot be ruled out" in told


def test_skill_is_acquitted() -> None:
    found, best = tried(0.4)
    assert found.deflated.probability > 0.99
    assert found.by_days.probability > 0.99
    assert found.superior.best == 7
    assert found.superior.consistent < 0.01
    assert found.passed >= 1
    told = " ".join(words(best, found, None))
    assert "more than luck." in told
    assert "the best mean is more than luck" in told


def test_a_year_has_its_days() -> None:
    assert tried(0.0)[0].a_year == pytest.approx(365)


def test_too_few_days_and_a_best_that_never_trades_are_not_judged() -> None:
    with pytest.raises(NotEnoughData, match="29 days"):
        judge(returns(0.0)[:, :29], 0, 29 * 24.0, draws=50, seed=1)
    still = returns(0.0)
    still[0] = 0.0
    with pytest.raises(NotEnoughData, match="never trades"):
        judge(still, 0, HOURS, draws=50, seed=1)


@pytest.mark.parametrize(
    ("walked", "said"),
    [
        (Walked(3.0, 1.0, 0.02, 4, 1), "what is missing, 2.00, was the luck of the choice, or of the times; in 1 of 4 tests"),
        (Walked(1.0, 3.0, 0.02, 4, 0), "nothing was lost on the way; in 0 of 4 tests"),
        (Walked(math.nan, 1.0, 0.02, 4, 0), "a Sharpe ratio cannot be told on one of the sides"),
    ],
)
def test_the_walk_is_told(walked: Walked, said: str) -> None:
    (told,) = words(2.0, None, walked)
    assert "Chosen 4 times without knowing what came after, the choices earned 2.00% a year" in told
    assert said in told
