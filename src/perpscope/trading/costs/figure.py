"""Which number is it, who says so, and what if nobody does?

A `Figure` is one number of a cost with its source, or the reason why there is none. It is never a typical value: what is
assumed says so. A strict run asks for `needed()` and stops at the first unknown; others carry the hole on, named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from perpscope.errors import CatalogueError, InputError
from perpscope.market.number import Number

Status = Literal["verified", "stated", "inferred", "measured", "given", "assumed", "unknown"]
STATUSES: tuple[str, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a cost, or the reason why it is not known.

    Parameters
    ----------
    value : the number, in the unit its place names; None where unknown.
    status : "verified", "stated" or "inferred" (the catalogue), "measured" (on recorded books), "given" (by the user), "assumed" or
        "unknown".
    source : who says so; for an assumption, why it was made.
    note : what a reader must know (its dates, its distance in days); for an unknown, why it is not known and what to do.

    Examples
    --------
    >>> Figure.given(0.0005, "my account").value
    0.0005
    >>> Figure.unknown("no fee is on record").needed("the taker fee")
    Traceback (most recent call last):
    ...
    perpscope.errors.CatalogueError: the taker fee: no fee is on record. Give it in a cost file (--costs), or do without --strict.
    """

    value: Number | None
    status: Status
    source: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse numbers that are none, and holes without a reason."""
        if self.status not in STATUSES:
            raise InputError("a cost", f"the status {self.status!r}", f"Give one of {', '.join(STATUSES)}.")
        if (self.value is None) != (self.status == "unknown"):
            raise InputError("a cost", f"the value {self.value} with the status {self.status}", "A number is known, or it is not.")
        if self.value is not None and not math.isfinite(self.value):
            raise InputError("a cost", f"{self.value}", "Give a finite number.")
        if self.value is None and not self.note:
            raise InputError("a cost", "nothing known and no reason", "Say why it is not known.")

    @classmethod
    def given(cls, value: Number, source: str = "given") -> Figure:
        """Build a number of the user's own."""
        return cls(value, "given", source)

    @classmethod
    def assumed(cls, value: Number, why: str) -> Figure:
        """Build an assumption; whoever shows it says the word."""
        return cls(value, "assumed", why)

    @classmethod
    def unknown(cls, why: str) -> Figure:
        """Build a hole with its reason."""
        return cls(None, "unknown", "", why)

    @property
    def known(self) -> bool:
        """Whether there is a number."""
        return self.value is not None

    def needed(self, what: str) -> Number:
        """Return the number.

        Raises
        ------
        CatalogueError
            When there is none; `what` says what was asked.
        """
        if self.value is None:
            raise CatalogueError(what, self.note, "Give it in a cost file (--costs), or do without --strict.")
        return self.value

    def times(self, factor: Number) -> Figure:
        """Return the same figure in another unit or of another quantity; a hole stays one."""
        return self if self.value is None else Figure(self.value * factor, self.status, self.source, self.note)

    def told(self) -> Mapping[str, object]:
        """Return it for a reader: value, status, source, note."""
        return {"value": self.value, "status": self.status, "source": self.source or None, "note": self.note or None}


_RANK: tuple[Status, ...] = ("verified", "measured", "given", "stated", "inferred", "assumed", "unknown")


def summed(figures: Mapping[str, Figure]) -> Figure:
    """Add figures of one unit: as sure as the least sure of them; unknown, with every reason, where one of them is.

    Examples
    --------
    >>> found = summed({"fee": Figure.given(2.0), "impact": Figure.assumed(1.0, "a deep book")})
    >>> found.value, found.status
    (3.0, 'assumed')
    """
    holes = {name: figure.note for name, figure in figures.items() if figure.value is None}
    if holes:
        return Figure.unknown("; ".join(f"{name}: {why}" for name, why in holes.items()))
    status: Status = max((figure.status for figure in figures.values()), key=_RANK.index, default="given")
    told = "; ".join(dict.fromkeys(f"{name}: {figure.source}" for name, figure in figures.items() if figure.source))
    values = [figure.value for figure in figures.values() if figure.value is not None]
    return Figure(sum(values[1:], start=values[0]) if values else 0, status, told)
