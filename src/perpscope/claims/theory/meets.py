"""Does what was found meet what is expected, within the tolerance stated?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from perpscope.claims.theory.checks import Check, Printed
from perpscope.claims.theory.expressions import Unreadable, evaluate, spelled, tokens
from perpscope.claims.theory.model import Alternatives


def meets(found: Any, check: Check) -> bool:  # noqa: ANN401 - numbers, lists or names of them
    """Whether a value is the expected one: number by number, truth only by truth; one of alternatives suffices.

    A number printed with ten digits or more is met by what rounds to it, whatever the tolerance.

    **Source**: "tol absolute unless tol_kind is relative", the conventions of `theory_checks.json`.

    Examples
    --------
    >>> meets(1.0004, Check("a", expected=1.0, tolerance=0.001)), meets(1.0, Check("a", expected=True))
    (True, False)
    """
    if isinstance(found, Alternatives):
        return any(meets(value, check) for value in found.values)
    return _same(found, check.expected, check)


def _same(found: Any, expected: Any, check: Check) -> bool:  # noqa: ANN401 - as above
    found = plainly(found)
    if isinstance(expected, bool) or isinstance(found, bool):
        return isinstance(expected, bool) and isinstance(found, bool) and expected == found
    if isinstance(expected, Mapping):
        return isinstance(found, Mapping) and all(_same(picked(found, name), value, check) for name, value in expected.items())
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(_same(a, b, check) for a, b in zip(found, expected, strict=True))
        )
    number = number_of(expected)
    if number is None or not isinstance(found, int | float):
        return isinstance(found, str) and found == expected
    width = check.tolerance * (abs(number) if check.relative else 1.0)
    half = expected.half if isinstance(expected, Printed) else 0.0
    return math.isfinite(found) and abs(found - number) <= max(width, half, 4 * math.ulp(number))


def number_of(expected: Any) -> float | None:  # noqa: ANN401 - whatever stands in the file
    """Return an expected number, or the value of an expression of numbers written as a text; None where it is neither.

    **Source**: definition.
    """
    if isinstance(expected, bool):
        return None
    if isinstance(expected, int | float):
        return float(expected)
    try:
        return float(evaluate(tokens(spelled(str(expected))), lambda _: None))
    except (Unreadable, TypeError, ValueError):
        return None


def picked(found: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - a part of what was found
    """Return the part of what was found under a name, however it is spelled; None where there is none.

    **Source**: definition.
    """
    plain = {key.replace("_", "").replace("*", "").lower(): value for key, value in found.items()}
    return found[name] if name in found else plain.get(name.replace("_", "").replace("*", "").lower())


def plainly(value: Any) -> Any:  # noqa: ANN401 - as above
    """Return numbers and lists of Python for those of numpy.

    **Source**: definition.
    """
    import numpy as np

    if isinstance(value, Alternatives):
        return plainly(value.values[0])
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [plainly(each) for each in value]
    return {str(name): plainly(each) for name, each in value.items()} if isinstance(value, Mapping) else value


def shape_of(value: Any) -> object:  # noqa: ANN401 - as above
    """Tell what kind of answer a value is: a truth, a number, a text, a list of some length, names.

    **Source**: definition.
    """
    value = plainly(value)
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, Mapping):
        return "names"
    if isinstance(value, list):
        return len(value)
    return "number" if isinstance(value, int | float) or (isinstance(value, str) and number_of(value) is not None) else "text"


def leaves(expected: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401 - as written
    """Numbers of an expected value, each with the names that lead to it; those of a list are counted from 0.

    **Source**: definition.

    Examples
    --------
    >>> list(leaves({"BTC": [0.42, 0.84]}))
    [(('BTC', '0'), 0.42), (('BTC', '1'), 0.84)]
    """
    if isinstance(expected, Mapping | list):
        for name, value in expected.items() if isinstance(expected, Mapping) else enumerate(expected):
            yield from leaves(value, (*path, str(name)))
    else:
        yield path, expected
