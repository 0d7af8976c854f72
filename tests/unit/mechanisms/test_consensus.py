"""What do several venues agree on?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.mechanisms.consensus import weighted_median

OWN, OTHER = Fraction("3.5"), Fraction("1.2")


def bp(*values: int) -> list[Fraction]:
    return [Fraction(value, 10_000) for value in values]


@pytest.mark.parametrize(
    ("own", "others", "agreed"),
    [
        (9, (4, 5, 5, 6, 6), 6),  # 1.2, 3.6, 6.0 of 9.5: the half of 4.75 is passed at the first 6
        (0, (4, 5, 5, 6, 6), 5),  # its own 3.5 lies below; 4.7 at 4, and 5.9 at the first 5
        (5, (4, 5, 5, 6, 6), 5),
        (99, (4,), 99),  # alone with one other, its own weight decides
        (7, (), 7),
    ],
)
def test_the_weights_of_one_venue_against_five(own: int, others: tuple[int, ...], agreed: int) -> None:
    assert weighted_median(bp(own, *others), [OWN, *[OTHER] * len(others)]) == Fraction(agreed, 10_000)


def test_exactly_half_on_either_side_is_the_mean_of_the_two() -> None:
    assert weighted_median([1.0, 2.0, 4.0], [1, 1, 2]) == 3.0
    assert weighted_median([4.0, 1.0], [1, 1]) == 2.5


def test_the_smallest_majority_decides() -> None:
    assert weighted_median([1.0, 2.0], [51, 49]) == 1.0
    assert weighted_median([1.0, 2.0], [49, 51]) == 2.0


@pytest.mark.parametrize(("values", "weights"), [([], []), ([1.0], []), ([1.0], [0]), ([1.0], [-1]), ([1.0], [float("inf")])])
def test_nonsense_is_refused(values: list[float], weights: list[float]) -> None:
    with pytest.raises(InputError, match="weighted median"):
        weighted_median(values, weights)
