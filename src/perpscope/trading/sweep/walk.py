"""What would have been chosen without knowing the future? Windows to choose in, and later ones to judge in.

Test windows follow one another without overlap, each after a training window and a gap. The gap (the purge) is at least as long as what
a choice may know of the time after it: the longest look back and the longest holding, so that no fixing and no position counts on both
sides.
"""

from __future__ import annotations

from dataclasses import dataclass

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.time import to_text
from perpscope.units import MS_PER_DAY, MS_PER_HOUR

Span = tuple[int, int]
"""ms UTC, the first included, the second not."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One choice and its trial.

    Parameters
    ----------
    train, test : spans; `train[1] + purge <= test[0]`.
    """

    train: Span
    test: Span


def walk_forward(span: Span, train_ms: int, test_ms: int, purge_ms: int, *, anchored: bool = False) -> tuple[Fold, ...]:
    """Cut a history into training and test windows.

    Parameters
    ----------
    span : of the history. train_ms, test_ms : lengths, > 0. purge_ms : between them, >= 0.
    anchored : whether every training window begins with the history (and grows) instead of having one length.

    Raises
    ------
    InputError
        When a length is no length.
    NotEnoughData
        When not one pair of windows fits.

    **Source**: walk-forward analysis as in Pardo (2008), The Evaluation and Optimization of Trading Strategies; the purge as in Lopez de
    Prado (2018), Advances in Financial Machine Learning, chapter 7.

    Examples
    --------
    >>> walk_forward((0, 100), 40, 20, 5)
    (Fold(train=(0, 40), test=(45, 65)), Fold(train=(20, 60), test=(65, 85)))
    """
    if train_ms <= 0 or test_ms <= 0 or purge_ms < 0:
        there = f"training of {train_ms / MS_PER_DAY:g} days, tests of {test_ms / MS_PER_DAY:g}, {purge_ms / MS_PER_HOUR:g} hours between"
        raise InputError("walk-forward windows", there, "Give lengths above 0, and a gap of 0 or more.")
    start, end = span
    found = []
    at = start + train_ms + purge_ms
    while at + test_ms <= end:
        trained = at - purge_ms
        found.append(Fold((start if anchored else trained - train_ms, trained), (at, at + test_ms)))
        at += test_ms
    if not found:
        there = f"{to_text(start)} to {to_text(end)} is shorter than a training window, the gap and a test"
        raise NotEnoughData("walk-forward windows", there, "Give shorter windows, or a longer history.")
    return tuple(found)
