"""How do the samples of a window become one number?

A `Tally` of three numbers is all an average remembers: how many samples, their weight, their weighted sum, added
in the order of arrival. That one stated order is what makes batch, stream and definition agree bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from perpscope.mechanisms.number import Number

MEAN, LINEAR, TIME, LAST, DECAY = 0, 1, 2, 3, 4


class Tally(NamedTuple):
    """What an average remembers: count of samples, sum of weights, weighted sum (fractions)."""

    seen: Number = 0
    weight: Number = 0
    total: Number = 0


@dataclass(frozen=True, slots=True)
class Mean:
    """Simple mean of the samples, padded with zeros up to `at_least` samples."""

    at_least: Number = 0
    kind = MEAN


@dataclass(frozen=True, slots=True)
class LinearMean:
    """Weights 1, 2, ..., n in order of arrival: sum(i x_i) / sum(i)."""

    kind = LINEAR


@dataclass(frozen=True, slots=True)
class TimeMean:
    """Continuous integral: every sample weighs the hours it was in force."""

    kind = TIME


@dataclass(frozen=True, slots=True)
class Last:
    """The last sample alone; also "given from outside"."""

    kind = LAST


@dataclass(frozen=True, slots=True)
class DecayMean:
    """Exponentially weighted mean whose memory goes on across windows.

    Parameters
    ----------
    half_life_hours : hours after which a sample's weight has halved, > 0.
    """

    half_life_hours: Number
    kind = DECAY


@dataclass(frozen=True, slots=True)
class MedianMean:
    """Median of each block of votes (padded with zeros up to `votes`), then the mean of the medians.

    Parameters
    ----------
    block_seconds : length of a block.
    votes : fewest votes of a block; missing ones count as zero.
    at_least : fewest medians of a window; missing ones count as zero.
    """

    block_seconds: Number
    votes: int = 0
    at_least: Number = 0
    kind = MEAN


Reducer: TypeAlias = Mean | LinearMean | TimeMean | Last | DecayMean | MedianMean


def add(  # noqa: PLR0917 - compiled text: flat numbers only
    kind: int, count: Number, weight: Number, total: Number, x: Number, hours: Number, half_life: Number
) -> tuple[Number, Number, Number]:
    """One more sample `x`, in force for `hours`. The definition, and the text that is compiled.

    Source: the averages named in the venues' documents; see the sources of each rule in the catalogue.
    """
    if kind == MEAN:
        return count + 1, weight + 1, total + x
    if kind == LINEAR:
        return count + 1, weight + (count + 1), total + (count + 1) * x
    if kind == TIME:
        return count + 1, weight + hours, total + x * hours
    if kind == DECAY:
        keep = 0.5 ** (hours / half_life)
        return count + 1, weight * keep + (1 - keep), total * keep + (1 - keep) * x
    return count + 1, weight * 0 + 1, x


def average(weight: Number, total: Number, at_least: Number) -> Number:
    """Weighted sum over weight, padded with zeros up to `at_least`; needs weight > 0 or at_least > 0.

    Source: as `add`.
    """
    if weight < at_least:
        return total / at_least
    return total / weight


def median(votes: list[Number], at_least: int) -> Number:
    """Middle of the votes padded with zeros; the mean of the two middle ones where their number is even.

    Source: block votes of an on-chain order book; see the catalogue.
    """
    ranked = sorted([*votes, *[0] * (at_least - len(votes))])
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2
