"""Which reading of a table's text do its numbers follow from?

What a text leaves open (whose rate r is, of which window a volatility is) is tried in every reading, and one reading has to do for the
whole table: that which meets most of its numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from perpscope.claims.theory.lent import Market
from perpscope.claims.theory.measures import Wanting
from perpscope.claims.theory.meets import leaves, meets
from perpscope.errors import PerpscopeError

Choice: TypeAlias = Mapping[str, str]
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of table.

    Parameters
    ----------
    says : pattern of checks about it (words joined by bars). value : (market, choice, path of the number) -> the number.
    choices : what its text leaves open -> the readings of it. rated : whether it needs the lending rate.
    """

    says: str
    value: Callable[[Market, Choice, Path], float]
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rated: bool = True


@dataclass(slots=True)
class Readings:
    """Every reading of one table; the one that meets most of its numbers stands for it.

    Parameters
    ----------
    kind : of the table. market : its data.
    """

    kind: Kind
    market: Market
    _found: dict[Path, float | Exception] | None = None
    said: str = ""

    def value(self, path: Path) -> float:
        """Return a number of the table.

        Raises
        ------
        Wanting
            What it is made of is not held.
        """
        if self._found is None:
            self._found = self._best()
        found = self._found[path]
        if isinstance(found, Exception):
            raise found
        return found

    def _best(self) -> dict[Path, float | Exception]:
        choices = {**({"side": self.market.sides()} if self.kind.rated else {}), **self.kind.choices}
        readings = [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]
        tried = [(reading, self._table(reading)) for reading in readings]
        reading, found = max(tried, key=lambda each: self._met(each[1]))
        self.said = ", ".join(f"{name}: {value}" for name, value in reading.items() if len(choices[name]) > 1)
        return found

    def _table(self, reading: Choice) -> dict[Path, float | Exception]:
        found: dict[Path, float | Exception] = {}
        for path, _ in leaves(self.market.check.expected):
            try:
                found[path] = self.kind.value(self.market, reading, path)
            except (Wanting, PerpscopeError) as problem:
                found[path] = problem
        return found

    def _met(self, found: Mapping[Path, float | Exception]) -> int:
        check = self.market.check
        return sum(
            not isinstance(found[path], Exception) and meets(found[path], replace(check, expected=expected))
            for path, expected in leaves(check.expected)
        )
