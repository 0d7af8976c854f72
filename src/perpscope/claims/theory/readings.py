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
from perpscope.claims.theory.measures import Unread, Wanting, joined
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
        Unread
            The check does not say which number it is.
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
        reading, found = max(tried, key=lambda each: (self._met(each[1]), _known(each[1])))
        self.said = ", ".join(f"{name}: {value}" for name, value in reading.items() if len(choices[name]) > 1)
        return found

    def _table(self, reading: Choice) -> dict[Path, float | Exception]:
        found: dict[Path, float | Exception] = {}
        for path, _ in leaves(self.market.check.expected):
            try:
                found[path] = self.kind.value(self.market, reading, path)
            except (Wanting, Unread, PerpscopeError) as problem:
                found[path] = problem
        return found

    def _met(self, found: Mapping[Path, float | Exception]) -> int:
        check = self.market.check
        return sum(
            not isinstance(found[path], Exception) and meets(found[path], replace(check, expected=expected))
            for path, expected in leaves(check.expected)
        )


def _known(found: Mapping[Path, float | Exception]) -> int:
    return sum(not isinstance(value, Exception) for value in found.values())


def which(name: str, path: Path, *options: tuple[str, ...]) -> int:
    """Tell which of several numbers a path asks for: by a word in it, by its place in a list, else by the check's own name.

    Parameters
    ----------
    name : of the check. path : names that lead to the number. options : of each number, in the order of a list, the words for it.

    Raises
    ------
    Unread
        When nothing says it.

    **Source**: definition.

    Examples
    --------
    >>> which("rho", ("BTC", "1"), ("mean",), ("std", "sd")), which("rho_std_BTC", (), ("mean",), ("std", "sd"))
    (1, 1)
    """
    said = [joined(part).strip("_") for part in path]
    named = [k for k, words in enumerate(options) if any(word in words for word in said)]
    if len(named) == 1:
        return named[0]
    if not named and said and said[-1].isdecimal() and int(said[-1]) < len(options):
        return int(said[-1])
    if not (said and said[-1].isdecimal()):
        own = [k for k, words in enumerate(options) if any(f"_{word}_" in joined(name) for word in words)]
        if len(own) == 1:
            return own[0]
    told = " or ".join(words[0] for words in options)
    raise Unread(f"the check does not say what {'.'.join(path) or 'its number'} is: {told}")
