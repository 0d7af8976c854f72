"""Which share of its value must a position hold?

A bracket table asks more of larger positions. `initial` is the share that opens a position (1 / the highest leverage),
`maintenance` the share that keeps it alive. Marginal tables work like an income tax (each tier's rate on what lies in it,
written as rate x value - deduction); whole tables apply the rate of the reached tier to everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, get_args

from perpscope.errors import InputError
from perpscope.market.number import INF, Number, to_float

Measure = Literal["value", "contracts", "base"]
Valued = Literal["mark", "entry"]
MEASURES: tuple[str, ...] = get_args(Measure)
VALUED: tuple[str, ...] = get_args(Valued)


@dataclass(frozen=True, slots=True)
class Tier:
    """One line of a bracket table; x is what the table measures positions by.

    Parameters
    ----------
    upto : the tier holds x <= upto; infinite for the last one where it has no end.
    maintenance : share of the value that keeps a position alive, 0 <= share < 1.
    initial : share that opens one, maintenance <= share <= 1; None where unknown.
    deduction : taken off x * maintenance, in units of x; 0 in whole tables.
    ramp : rise of both shares per unit of x, >= 0; 0 where they are constant in the tier.
    """

    upto: Number
    maintenance: Number
    initial: Number | None = None
    deduction: Number = 0
    ramp: Number = 0

    def __post_init__(self) -> None:
        """Refuse tiers that cannot be."""
        if not self.upto > 0:
            raise InputError("a margin tier", f"it ends at {to_float(self.upto):g}", "Give the upper end, a positive number.")
        if not 0 <= self.maintenance < 1:
            raise InputError("a margin tier", f"a maintenance rate of {to_float(self.maintenance):g}", "Give a fraction: 0.005 is 0.5 %.")
        if self.initial is not None and not self.maintenance <= self.initial <= 1:
            there = f"an initial rate of {to_float(self.initial):g} with {to_float(self.maintenance):g} for maintenance"
            raise InputError("a margin tier", there, "The initial rate is a fraction, at least that of maintenance and at most 1.")
        if not self.ramp >= 0:
            raise InputError("a margin tier", f"a ramp of {to_float(self.ramp):g}", "Margins rise with the position; give 0 or more.")

    def required(self, x: Number) -> Number:
        """Maintenance of a position of `x`, in units of x."""
        return (self.maintenance + self.ramp * x) * x - self.deduction


@dataclass(frozen=True, slots=True)
class Brackets:
    """The margin table of one contract.

    Parameters
    ----------
    tiers : at least one, by rising upper end.
    measure : what decides the tier: the "value" of the position (in the settle asset), its number of "contracts", or its
        "base" units (of an inverse contract that is its value).
    valued : whether maintenance is asked of the value at the "mark" or at the "entry" price.

    Examples
    --------
    >>> table = Brackets.of([(50_000, 0.004, 1 / 125), (250_000, 0.005, 1 / 100)])
    >>> table.maintenance(100_000), table.tiers[1].deduction
    (450.0, 50.0)
    """

    tiers: tuple[Tier, ...]
    measure: Measure = "value"
    valued: Valued = "mark"

    def __post_init__(self) -> None:
        """Refuse tables that are none."""
        if not self.tiers:
            raise InputError("a margin table", "no tiers", "Give at least one.")
        ends = [tier.upto for tier in self.tiers]
        if any(a >= b for a, b in pairwise(ends)):
            raise InputError("a margin table", f"tiers that end at {', '.join(map(str, ends))}", "Sort them by their upper ends.")
        if self.measure not in MEASURES or self.valued not in VALUED:
            there = f"measured by {self.measure!r}, valued at {self.valued!r}"
            raise InputError("a margin table", there, f"Give one of {', '.join(MEASURES)} and one of {', '.join(VALUED)}.")

    @classmethod
    def of(
        cls,
        rows: Sequence[tuple[Number, Number, Number | None]],
        *,
        marginal: bool = True,
        measure: Measure = "value",
        valued: Valued = "mark",
    ) -> Brackets:
        """Build a table of (upto, maintenance, initial); of a marginal one the deductions follow from continuity.

        Source: deduction(n) = deduction(n-1) + lower end(n) x (rate(n) - rate(n-1)), as in the margin tables of several venues;
        see the files of `catalogue/margins`.
        """
        tiers: list[Tier] = []
        deduction: Number = 0
        for upto, maintenance, initial in rows:
            if marginal and tiers:
                deduction = deduction + tiers[-1].upto * (maintenance - tiers[-1].maintenance)
            tiers.append(Tier(upto, maintenance, initial, deduction))
        return cls(tuple(tiers), measure, valued)

    @classmethod
    def flat(cls, maintenance: Number, initial: Number | None = None, valued: Valued = "mark") -> Brackets:
        """Build a table of one rate for everything."""
        return cls((Tier(INF, maintenance, initial),), "value", valued)

    @property
    def largest(self) -> Number:
        """Largest position the table knows, in its own measure; infinite where it has no end."""
        return self.tiers[-1].upto

    def tier(self, x: Number) -> Tier:
        """Tier of a position of `x` (in the table's measure); beyond the largest, the last."""
        return next((tier for tier in self.tiers if x <= tier.upto), self.tiers[-1])

    def maintenance(self, x: Number) -> Number:
        """Maintenance of a position of `x`, in units of x."""
        return self.tier(x).required(x)

    def initial(self, x: Number) -> Number | None:
        """Share of the value that opens a position of `x`; None where unknown."""
        tier = self.tier(x)
        return None if tier.initial is None else tier.initial + tier.ramp * x

    def fixed(self, x: Number) -> Brackets:
        """Return the table of a position whose measure `x` does not move with the price: one effective rate for any value."""
        opens = self.initial(x)
        return Brackets((Tier(INF, self.maintenance(x) / x, opens),), "value", self.valued)

    def floats(self) -> Brackets:
        """Return the table in doubles."""
        return replace(self, tiers=tuple(_floats(tier) for tier in self.tiers))


def _floats(tier: Tier) -> Tier:
    opens = None if tier.initial is None else to_float(tier.initial)
    return Tier(to_float(tier.upto), to_float(tier.maintenance), opens, to_float(tier.deduction), to_float(tier.ramp))
