"""How do the samples of a window become one number?

A `Tally` of four numbers is all an average remembers: how many samples, their weight, their weighted sum, and a rate
that is carried from sample to sample where a venue lets it drift. Samples are added in the order of arrival: that one
stated order is what makes batch, stream and definition agree bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from perpscope.errors import CatalogueError
from perpscope.market.number import AWAY, INF, TO_ZERO, Number, rounded_to
from perpscope.mechanisms.sample import clamp

MEAN, LINEAR, TIME, LAST, DECAY, VELOCITY, ADAPTIVE = range(7)
AverageNumbers: TypeAlias = tuple[Number, Number, Number, Number, Number, Number]
_NONE: AverageNumbers = (0, 0, 0, 0, 0, 0)
_HALF_TRACE = 1_000_000_000_000_000
"""Twice divided by this, one is the trace that a faded rate leaves: 1e-30, which no integer of compiled text holds at once."""


class Tally(NamedTuple):
    """What an average remembers: count of samples, sum of weights, weighted sum (fractions), rate carried on."""

    seen: Number = 0
    weight: Number = 0
    total: Number = 0
    carry: Number = 0


@dataclass(frozen=True, slots=True)
class Mean:
    """Simple mean of the samples, padded with zeros up to `at_least` samples.

    Parameters
    ----------
    at_least : fewest samples; missing ones count as zero.
    grains : the mean is cut, towards zero, to whole 1/grains; 0 leaves it exact.
    """

    at_least: Number = 0
    grains: Number = 0
    kind = MEAN

    def numbers(self) -> AverageNumbers:
        """Flat numbers for `add`."""
        return _NONE


@dataclass(frozen=True, slots=True)
class LinearMean:
    """Weights 1, 2, ..., n in order of arrival: sum(i x_i) / sum(i)."""

    kind = LINEAR
    at_least = grains = 0

    def numbers(self) -> AverageNumbers:
        """Flat numbers for `add`."""
        return _NONE


@dataclass(frozen=True, slots=True)
class TimeMean:
    """Continuous integral: every sample weighs the hours it was in force."""

    kind = TIME
    at_least = grains = 0

    def numbers(self) -> AverageNumbers:
        """Flat numbers for `add`."""
        return _NONE


@dataclass(frozen=True, slots=True)
class Last:
    """The last sample alone; also "given from outside"."""

    kind = LAST
    at_least = grains = 0

    def numbers(self) -> AverageNumbers:
        """Flat numbers for `add`."""
        return _NONE


@dataclass(frozen=True, slots=True)
class DecayMean:
    """Exponentially weighted mean whose memory goes on across windows.

    Parameters
    ----------
    half_life_hours : hours after which a sample's weight has halved, > 0.
    """

    half_life_hours: Number
    kind = DECAY
    at_least = grains = 0

    def numbers(self) -> AverageNumbers:
        """Flat numbers for `add`."""
        return self.half_life_hours, 0, 0, 0, 0, 0


@dataclass(frozen=True, slots=True)
class MedianMean:
    """Median of each block of votes (padded with zeros up to `votes`), then the mean of the medians.

    Parameters
    ----------
    block_seconds : length of a block.
    votes : fewest votes of a block; missing ones count as zero.
    at_least : fewest medians of a window; missing ones count as zero.
    grains : whole 1/grains, to which a median between two votes is rounded away from zero and the mean is cut towards it.
    """

    block_seconds: Number
    votes: int = 0
    at_least: Number = 0
    grains: Number = 0
    kind = MEAN

    def numbers(self) -> AverageNumbers:
        """Flat numbers for `add`."""
        return _NONE

    @property
    def of_medians(self) -> Mean:
        """The second stage alone, for medians that somebody else took."""
        return Mean(self.at_least, self.grains)


@dataclass(frozen=True, slots=True)
class Velocity:
    """A rate that drifts with the skew: d(rate)/dt = clamp(skew / scale, -1, 1) x fastest; the samples are skews.

    The number of a window is the mean of the drifting rate, which goes on across windows.

    Parameters
    ----------
    scale : skew at which the velocity is largest, > 0, in the unit of the samples.
    fastest : largest velocity, fraction per day and day.
    """

    scale: Number
    fastest: Number
    kind = VELOCITY
    at_least = grains = 0

    def __post_init__(self) -> None:
        """Refuse what cannot drift."""
        if self.scale <= 0 or self.fastest < 0:
            raise CatalogueError(
                "a drifting rate", f"scale {self.scale}, fastest {self.fastest}", "Give a scale above zero, a speed not below."
            )

    def numbers(self) -> AverageNumbers:
        """Flat numbers for `add`."""
        return self.scale, self.fastest, 0, 0, 0, 0


@dataclass(frozen=True, slots=True)
class Adaptive:
    """A rate that grows while one side is larger, rests in a band and fades when sides are even; the samples are imbalances.

    An imbalance beyond `stable`, or against the rate, moves the rate by imbalance x increase per second; below `calm` it
    fades by `decrease` per second, never through zero: a trace of 1e-30 keeps its sign, so that a faded rate still counts as one
    along the imbalance. Even sides leave it as it is. The number of a window is the mean of the rate in force after each move,
    at least `floor` in size; the rate itself, bounded by `cap` only, goes on across windows.

    Parameters
    ----------
    increase, decrease : change of the rate (fraction per second) in a second.
    stable, calm : imbalances (fractions of the open interest), calm <= stable.
    floor, cap : smallest and largest size of the rate, fraction per second.
    """

    increase: Number
    decrease: Number
    stable: Number
    calm: Number
    floor: Number = 0
    cap: Number = INF
    kind = ADAPTIVE
    at_least = grains = 0

    def __post_init__(self) -> None:
        """Refuse bands that are none."""
        if not 0 <= self.calm <= self.stable or not 0 <= self.floor <= self.cap:
            there = f"calm {self.calm}, stable {self.stable}, floor {self.floor}, cap {self.cap}"
            raise CatalogueError("an adaptive rate", there, "Keep 0 <= calm <= stable and 0 <= floor <= cap.")

    def numbers(self) -> AverageNumbers:
        """Flat numbers for `add`."""
        return self.increase, self.decrease, self.stable, self.calm, self.floor, self.cap


Reducer: TypeAlias = Mean | LinearMean | TimeMean | Last | DecayMean | MedianMean | Velocity | Adaptive


def drifted(carry: Number, skew: Number, hours: Number, scale: Number, fastest: Number) -> Number:
    """Rate (fraction per day) after `hours` of a skew.

    Source: the velocity of a skew-funded venue, d(rate)/dt = clamp(skew / scale, -1, 1) x maximum a day; see the catalogue.
    """
    return carry + clamp(skew / scale, -1 + 0 * skew, 1 + 0 * skew) * fastest * hours / 24


def adapted(  # noqa: PLR0917 - compiled text: flat numbers only
    carry: Number, x: Number, seconds: Number, increase: Number, decrease: Number, stable: Number, calm: Number, cap: Number
) -> Number:
    """Rate (fraction per second) after `seconds` of an imbalance `x`.

    Source: the adaptive funding of one on-chain venue, whose rates are whole 1e-30; see the catalogue.
    """
    size = x if x >= 0 else -x
    along = (carry > 0 and x > 0) or (carry < 0 and x < 0)
    if not along or size > stable:
        return clamp(carry + x * increase * seconds, -cap, cap)
    if size < calm:
        held = carry if carry >= 0 else -carry
        step = decrease * seconds
        left = held - step if held > step else (1 + 0 * held) / _HALF_TRACE / _HALF_TRACE
        carry = left if carry >= 0 else -left
    return clamp(carry, -cap, cap)


def moved(  # noqa: PLR0917 - compiled text: flat numbers only
    kind: int, carry: Number, x: Number, hours: Number, n0: Number, n1: Number, n2: Number, n3: Number, n4: Number, n5: Number
) -> tuple[Number, Number]:
    """Rate paid over `hours` in which `x` was in force, and the rate carried on.

    Source: as `drifted` and `adapted`.
    """
    if kind == VELOCITY:
        after = drifted(carry, x, hours, n0, n1)
        return (carry + after) / 2, after
    after = adapted(carry, x, hours * 3600, n0, n1, n2, n3, n5)
    return at_least_in_size(after, n4), after


def at_least_in_size(rate: Number, floor: Number) -> Number:
    """Return `rate`, or `floor` with its sign where it is smaller than that; a rate of nothing counts as positive.

    Source: as `adapted`.
    """
    if rate >= floor or rate <= -floor:
        return rate
    return 0 * rate + (floor if rate >= 0 else -floor)


def add(  # noqa: PLR0917 - compiled text: flat numbers only, one exit for each kind
    kind: int,
    count: Number,
    weight: Number,
    total: Number,
    carry: Number,
    x: Number,
    hours: Number,
    n0: Number,
    n1: Number,
    n2: Number,
    n3: Number,
    n4: Number,
    n5: Number,
) -> tuple[Number, Number, Number, Number]:
    """One more sample `x`, in force for `hours`; n0..n5 are the reducer's numbers. The definition, and the text that is compiled.

    Source: the averages named in the venues' documents; see the sources of each rule in the catalogue.
    """
    if kind == MEAN:
        return count + 1, weight + 1, total + x, carry
    if kind == LINEAR:
        return count + 1, weight + (count + 1), total + (count + 1) * x, carry
    if kind == TIME:
        return count + 1, weight + hours, total + x * hours, carry
    if kind == DECAY:
        keep = 0.5 ** (hours / n0)
        return count + 1, weight * keep + (1 - keep), total * keep + (1 - keep) * x, carry
    if kind == LAST:
        return count + 1, weight * 0 + 1, x, carry
    rate, after = moved(kind, carry, x, hours, n0, n1, n2, n3, n4, n5)
    return count + 1, weight + hours, total + rate * hours, after


def average(weight: Number, total: Number, at_least: Number, grains: Number) -> Number:
    """Weighted sum over weight, padded with zeros up to `at_least`, cut to whole 1/grains; needs weight > 0 or at_least > 0.

    Source: as `add`.
    """
    return rounded_to(total / at_least if weight < at_least else total / weight, grains, TO_ZERO)


def median(votes: list[Number], at_least: int, grains: Number = 0) -> Number:
    """Middle of the votes padded with zeros; between two middle ones their mean, away from zero to whole 1/grains.

    Source: block votes of an on-chain order book; see the catalogue.
    """
    nothing: Number = 0 * votes[0] if votes else 0
    ranked = sorted([*votes, *[nothing] * (at_least - len(votes))])
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else rounded_to((ranked[half - 1] + ranked[half]) / 2, grains, AWAY)


def trimmed(samples: Sequence[Number], share: Number) -> list[Number]:
    """Return the samples without `share` (a fraction) of them at each end, rising; an odd one out is taken from the top.

    Where there is nothing to remove, or nothing would be left, they stay as they are, in their order.

    Source: the tails an on-chain order book may cut off its premium samples before their mean; see the catalogue.

    Examples
    --------
    >>> trimmed([0, -1, -3], 0.25)
    [-3, -1]
    """
    removed = int(len(samples) * 2 * share)
    if not 0 < removed < len(samples):
        return list(samples)
    bottom = removed // 2
    return sorted(samples)[bottom : len(samples) - (removed - bottom)]
