"""Does the batch know the level of amounts in quote units, and refuse to guess one?"""

from __future__ import annotations

import numpy as np
import pytest

from perpscope.errors import InputError
from perpscope.mechanisms.batch import fix_averages, fix_many
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import Last
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.settle import Settlement
from perpscope.mechanisms.window import Window

AMOUNT = Rule(
    Observe("difference"),
    Last(),
    Formula(period=24, floor=-0.1, cap=0.1, limit_per=24),
    settle=Settlement(price="none", unit="quote", level_grains=100),
)
LEVELS = np.array([150.0, 10.0, 33.337])


def test_every_window_is_limited_at_its_own_level() -> None:
    """Differences of 20, -20 and 20: held at 15, 1 and 3.33 (cut to whole hundredths) a day, an hour of it."""
    found = fix_averages(AMOUNT, np.array([20.0, -20.0, 20.0]), np.ones(3), levels=LEVELS)
    assert found.rates.tolist() == pytest.approx([15 / 24, -1 / 24, 3.33 / 24], rel=1e-15)
    for k, (difference, level) in enumerate(zip((20.0, -20.0, 20.0), LEVELS.tolist(), strict=True)):
        plain = AMOUNT.fix(Window(0, 3_600_000, {"premium_index": (difference,)}, level=level))
        assert list(plain.terms) == found.terms[k].tolist()
        assert plain.rate == plain.value / level


def test_without_levels_there_is_no_amount() -> None:
    with pytest.raises(InputError, match="levels"):
        fix_averages(AMOUNT, np.array([1.0]), np.ones(1))
    with pytest.raises(InputError, match="levels"):
        fix_many(AMOUNT, np.array([1.0]), np.array([0, 1]), np.ones(1))
