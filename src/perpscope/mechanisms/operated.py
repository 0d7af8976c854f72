"""What becomes of a rate that somebody sets, or of an update that comes late?

Some protocols leave the rate to an operator within bounds, and most leave the update to whoever calls it. These are the
rules that hold both to a schedule.
"""

from __future__ import annotations

from dataclasses import dataclass

from perpscope.errors import CatalogueError
from perpscope.market.number import INF, Number
from perpscope.mechanisms.sample import clamp


@dataclass(frozen=True, slots=True)
class Reins:
    """How far an operator may set a rate.

    Parameters
    ----------
    bound : largest size of the rate, in the unit of the rate.
    speed : largest change per second since it was last set. step : largest change of one setting.
    """

    bound: Number = INF
    speed: Number = INF
    step: Number = INF

    def __post_init__(self) -> None:
        """Refuse widths below zero."""
        if min(self.bound, self.speed, self.step) < 0:
            there = f"bound {self.bound}, speed {self.speed}, step {self.step}"
            raise CatalogueError("the reins of an operator", there, "Give widths, not below zero.")

    def held(self, asked: Number, before: Number, seconds: Number) -> Number:
        """Rate in force when `asked` is set `seconds` after `before` was; all in the unit of the rate.

        Source: the bounded setter of an operator's funding oracle; see the catalogue.

        Examples
        --------
        >>> Reins(bound=10, speed=2).held(9, 1, 3)
        7
        """
        reach = min(self.step, self.speed * seconds) if seconds else 0 * before
        return clamp(asked, max(before - reach, -self.bound), min(before + reach, self.bound))


def next_or_skip(last: int, period: int, patience: int) -> int:
    """When an update may follow one made at `last`: at the next slot, or at the one after where it came late.

    Parameters
    ----------
    last, period : ms UTC of the last update and ms between slots (multiples of `period`). patience : ms after a slot beyond which
        an update counts as late.

    Source: the on-the-hour updates of an on-chain venue; see the catalogue.

    Examples
    --------
    >>> next_or_skip(3_600_000 + 1_000, 3_600_000, 1_200_000) // 3_600_000
    2
    >>> next_or_skip(3_600_000 + 1_200_001, 3_600_000, 1_200_000) // 3_600_000
    3
    """
    late = last % period
    return last - late + period * (2 if late > patience else 1)


def next_or_wait(due: int, now: int, period: int, slot: int, buffer: int) -> int:
    """When a payment may follow one that was due at `due` and made at `now`: at the next slot, but not within `buffer` of this one.

    Parameters
    ----------
    due, now : ms UTC. period : ms between payments. slot : ms of the grid the next one is put on, downwards. buffer : ms.

    Source: the payments of a virtual market maker that anybody may call; see the catalogue.

    Examples
    --------
    >>> next_or_wait(3_600_000, 3_700_000, 3_600_000, 3_600_000, 1_800_000)
    7200000
    >>> next_or_wait(3_600_000, 6_000_000, 3_600_000, 3_600_000, 1_800_000)
    7800000
    """
    return max((due + period) // slot * slot, now + buffer)
