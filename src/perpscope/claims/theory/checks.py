"""What does a file of checks hold?

A JSON object {"checks": [...]}; a check has a name, a formula, inputs, an expected value and a tolerance. Entries that cannot be read
become checks with a fault, so that one bad line hides no other; a file that is none is refused.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from perpscope.errors import InputError

DO = 'Give a JSON object {"checks": [{name, cls, formula, inputs, expected, tol}]}.'
CLASSES = ("formula", "band", "data", "property")
FEWEST_DIGITS = 10
"""Digits from which a printed number is taken for one rounded from a computation."""
DEEPEST = 20
_LONE = re.compile(r"\\u[dD][89abAB]\w\w(?!\\u[dD][c-fC-F]\w\w)|(?<!\\u[dD][89abAB]\w\w)\\u[dD][c-fC-F]\w\w")
"""Halves of characters: no text, so that nothing could be printed of them."""
Found: TypeAlias = float | bool | str | list[Any] | dict[str, Any]


class Printed(float):
    """A number as it was printed: its value, and half a unit of its last digit."""

    half: float

    def __new__(cls, text: str) -> Printed:  # noqa: PYI034 - a float, built from its text
        """Read a JSON number."""
        made = super().__new__(cls, text)
        _, digits, exponent = Decimal(text).as_tuple()
        told = len(digits) >= FEWEST_DIGITS and isinstance(exponent, int)
        made.half = 0.5 * 10.0**exponent if told and isinstance(exponent, int) and exponent > -300 else 0.0  # noqa: PLR2004 - a double's range
        return made


@dataclass(frozen=True, slots=True)
class Check:
    """One check, as written.

    Parameters
    ----------
    name, cls, formula, told : texts; `told` is what else is said about it (group and source), `note` a remark.
    inputs : name -> value as written. expected : what it should come to. tolerance : > = 0. relative : whether of the expected value.
    fault : why it cannot be tried; empty where it can.
    """

    name: str
    cls: str = ""
    formula: str = ""
    told: str = ""
    note: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    expected: Any = None
    tolerance: float = 0.0
    relative: bool = False
    fault: str = ""

    @property
    def words(self) -> str:
        """Name, formula and note, in small letters."""
        return f"{self.name} {self.formula} {self.note}".lower()


def read_checks(text: str) -> list[Check]:
    """Read a file of checks.

    Raises
    ------
    InputError
        When it is not JSON, no object with a list of checks, or the list is empty.

    **Source**: the shape of `theory_checks.json`.

    Examples
    --------
    >>> read_checks('{"checks": [{"name": "a", "formula": "r*3*365", "inputs": {"r": 1e-4}, "expected": 0.1095, "tol": 1e-9}]}')[0].cls
    'formula'
    """
    try:
        found = json.loads(_LONE.sub(r"\\ufffd", text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")), parse_float=Printed, parse_int=_whole)
    except (ValueError, RecursionError) as problem:
        raise InputError("a file of checks", f"it is not JSON ({problem})" if text.strip() else "nothing was given", DO) from None
    if not isinstance(found, Mapping) or not isinstance(found.get("checks"), list):
        there = "a list" if isinstance(found, list) else "no list of checks" if isinstance(found, Mapping) else "no object"
        raise InputError("a file of checks", there, DO)
    if not found["checks"]:
        raise InputError("a file of checks", "the list is empty", DO)
    return [_check(k, entry) for k, entry in enumerate(found["checks"], 1)]


def _whole(text: str) -> int | float:
    """Read an integer; one beyond what a double holds is none."""
    return int(text) if len(text) < DEEPEST else Printed(text)


def _check(k: int, entry: Any) -> Check:  # noqa: ANN401 - whatever stands in the file
    if not isinstance(entry, Mapping):
        return Check(f"entry {k}", fault="it is no object")
    name = entry.get("name", entry.get("id"))
    shown = name if isinstance(name, str) and name else f"entry {k}"
    cls = entry.get("cls", entry.get("class", "formula"))
    formula, inputs = entry.get("formula", ""), entry.get("inputs", {})
    fault = _fault(entry, cls, formula, inputs)
    if fault:
        return Check(shown, cls if isinstance(cls, str) else "", expected=entry.get("expected"), fault=fault)
    told = " ".join(str(entry.get(part, "")) for part in ("group", "source"))
    expected = entry["expected"]
    tolerance = entry.get("tol", entry.get("tolerance"))
    relative = str(entry.get("tol_kind", "")).lower().startswith("rel") or tolerance is None
    return Check(
        shown, cls, formula, told, str(entry.get("note", "")), inputs, expected, 1e-9 if tolerance is None else float(tolerance), relative
    )


def _fault(entry: Mapping[str, Any], cls: object, formula: object, inputs: object) -> str:
    tolerance = entry.get("tol", entry.get("tolerance", 0))
    number = isinstance(tolerance, int | float) and not isinstance(tolerance, bool)
    kind = entry.get("tol_kind", "absolute")
    tests = (
        (cls not in CLASSES, f"the class {cls!r} is none of {', '.join(CLASSES)}"),
        (not isinstance(formula, str), "the formula is no text"),
        (not isinstance(inputs, Mapping), "the inputs are no object"),
        ("expected" not in entry, "no expected value"),
        (not _sound(entry.get("expected"), 0), f"the expected value {entry.get('expected')!r} is none"),
        (tolerance is not None and not (number and math.isfinite(tolerance) and tolerance >= 0), f"the tolerance {tolerance!r} is none"),
        (not isinstance(kind, str) or not kind.lower().startswith(("rel", "abs")), f"the kind of tolerance {kind!r} is unknown"),
    )
    return "; ".join(said for wrong, said in tests if wrong)


def _sound(value: object, depth: int) -> bool:
    """Whether a value can be compared with: numbers, truth, texts, and lists and objects of them, not empty."""
    if isinstance(value, Mapping | list):
        many = list(value.values()) if isinstance(value, Mapping) else value
        return bool(many) and depth < DEEPEST and all(_sound(each, depth + 1) for each in many)
    return isinstance(value, str) or (isinstance(value, int | float) and math.isfinite(value))
