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
    span : (low, high) where sources disagree or give a range; the value lies in it.

    Examples
    --------
    >>> Figure.given(0.0005, "my account").value
    0.0005
    >>> Figure.unknown("no fee is on record").needed("the taker fee")
    Traceback (most recent call last):
    ...
    perpscope.errors.CatalogueError: the taker fee: no fee is on record. Give it in a cost file, or do without --strict.
    """

    value: Number | None
    status: Status
    source: str = ""
    note: str = ""
    span: tuple[Number, Number] | None = None

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
        if self.span is not None and not (self.value is not None and self.span[0] <= self.value <= self.span[1]):
            raise InputError("a cost", f"{self.value} outside its span {self.span}", "Give a span that holds the value.")

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
            told = "cost file" in self.note
            raise CatalogueError(what, self.note, "Or do without --strict." if told else "Give it in a cost file, or do without --strict.")
        return self.value

    def times(self, factor: Number) -> Figure:
        """Return the same figure in another unit or of another quantity; a hole stays one."""
        if self.value is None:
            return self
        low, high = (end * factor for end in self.ends)
        span = None if self.span is None else (min(low, high), max(low, high))
        return Figure(self.value * factor, self.status, self.source, self.note, span)

    @property
    def ends(self) -> tuple[Number, Number]:
        """Lowest and highest number it may be; both 0 for an unknown."""
        return self.span or (self.value or 0, self.value or 0)

    def told(self) -> Mapping[str, object]:
        """Return it for a reader: value, status, source, note, and the range where there is one."""
        found = {"value": self.value, "status": self.status, "source": self.source or None, "note": self.note or None}
        return found if self.span is None else found | {"range": list(self.span)}


def first_known(*figures: Figure) -> Figure:
    """Return the first that is known; where none is, one hole with every reason."""
    known = next((figure for figure in figures if figure.known), None)
    return known or Figure.unknown("; ".join(dict.fromkeys(figure.note for figure in figures)))


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
    whole = sum(values[1:], start=values[0]) if values else 0
    if all(figure.span is None for figure in figures.values()):
        return Figure(whole, status, told)
    low, high = (sum(ends) for ends in zip(*(figure.ends for figure in figures.values()), strict=True))
    return Figure(whole, status, told, "", (min(low, whole), max(high, whole)))
