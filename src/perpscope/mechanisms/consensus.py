"""Which one number do several venues agree on?

A venue that trusts no single book, its own included, lets each vote with a weight and takes the weighted median: nobody
with less than half of the weight can move the result beyond what somebody else said.
"""

from __future__ import annotations

from collections.abc import Sequence

from perpscope.errors import InputError
from perpscope.market.number import INF, Number


def weighted_median(values: Sequence[Number], weights: Sequence[Number]) -> Number:
    """Value at which half of the weight lies below and half above; the mean of two where exactly half lies on either side.

    Parameters
    ----------
    values : what each one says, in any one unit; a venue that is silent is left out with its weight.
    weights : one for each value, > 0.

    Raises
    ------
    InputError
        When nobody says anything, the lengths differ, or a weight is not positive.

    Source: the premium of one on-chain venue, made of its own and other venues' impact premiums; see the catalogue. That page
    leaves open what happens at exactly half: the mean is the usual median's.

    Examples
    --------
    >>> weighted_median([0.0010, 0.0004, 0.0005], [3.5, 1.2, 1.2])
    0.001
    """
    if not values or len(values) != len(weights):
        there = f"{len(values)} values and {len(weights)} weights"
        raise InputError("a weighted median", there, "Give one weight for each value, and at least one of both.")
    if any(not 0 < weight < INF for weight in weights):
        raise InputError("a weighted median", f"weights {list(weights)}", "Weights are positive; leave a silent venue out.")
    ranked = sorted(zip(values, weights, strict=True))
    half = sum(weights[1:], start=weights[0]) / 2
    passed: Number = 0
    for k, (value, weight) in enumerate(ranked):
        passed += weight
        if passed == half:
            return (value + ranked[k + 1][0]) / 2
        if passed > half:
            return value
    return ranked[-1][0]
