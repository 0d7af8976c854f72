"""What does a file of worked examples hold?

A JSON list of objects: id, venue, rule, inputs, expected, tolerance (one, or one per expected value), status, source, notes.
A tolerance wider than a billionth of the value counts only where the notes say that a printed figure is rounded, or its digits show it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import msgspec

from perpscope.catalogue.check.facts import number
from perpscope.catalogue.check.names import tokens_of
from perpscope.catalogue.check.words import SATOSHI
from perpscope.errors import InputError
from perpscope.market.number import Number

BILLIONTH = Fraction(1, 10**9)
_ROUNDED = re.compile(r"\bround(?:ed|ing|s)?\b", re.IGNORECASE)
_POSITIVE = re.compile(r"positive\s*(?:=|means|is)\s*(?:\w+\s+){0,2}?(pays|paid|receives|received)\b", re.IGNORECASE)
_SIGNED = re.compile(r"=\s*signed\s+(?:size|position)\s*[x*]", re.IGNORECASE)
DO = "Give a JSON list of {id, venue, rule, inputs, expected, tolerance}."


@dataclass(frozen=True, slots=True)
class Example:
    """One worked example, as written.

    Parameters
    ----------
    id, venue, rule : texts. inputs, expected : name -> value as written. tolerance : one text or number for all expected
    values, or one for each. disputed : whether its own source is disputed. rounded : whether its notes say that printed
    figures are rounded. sign : 1 where its words say that a positive amount is received, -1 that it is paid, 0 where they do not.
    """

    id: str
    venue: str
    rule: str
    inputs: Mapping[str, object]
    expected: Mapping[str, object]
    tolerance: object
    disputed: bool
    rounded: bool = False
    sign: int = 0

    def stated(self, name: str) -> Number:
        """Tolerance stated for one expected value."""
        stated = self.tolerance.get(name, 0) if isinstance(self.tolerance, Mapping) else self.tolerance
        return number(stated) or Fraction(0)

    def within(self, name: str) -> Number:
        """Tolerance of one expected value: the stated one, or a billionth of the value where that is smaller; 0 means equality."""
        width = self.stated(name)
        value = number(self.expected.get(name))
        if SATOSHI & set(tokens_of(name)) and isinstance(value, Fraction) and value.denominator == 1:
            return max(width, Fraction(1, 2))  # whole units of an asset, whose rounding is not the example's subject
        return width if self.rounded or not isinstance(value, Fraction) else min(width, abs(value) * BILLIONTH)


def read_examples(text: str | bytes) -> list[Example]:
    """Read a file of examples.

    Raises
    ------
    InputError
        When it is not JSON, or not of that shape; the message names the entry.
    """
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as problem:
        raise InputError("a file of examples", str(problem), DO) from None
    if isinstance(found, Mapping) and isinstance(found.get("examples"), list):
        found = found["examples"]
    if not isinstance(found, list):
        raise InputError("a file of examples", f"a {type(found).__name__}", DO)
    return [_example(k, entry) for k, entry in enumerate(found)]


def _example(k: int, entry: Any) -> Example:  # noqa: ANN401 - whatever stands in the file
    where = f"entry {k}" + (f" ({entry['id']})" if isinstance(entry, Mapping) and "id" in entry else "")
    if not isinstance(entry, Mapping):
        raise InputError(f"a file of examples, {where}", "it is no object", DO)
    for name, kind in (("id", str), ("venue", str), ("inputs", Mapping), ("expected", Mapping)):
        if not isinstance(entry.get(name), kind):
            raise InputError(f"a file of examples, {where}", f"no {name}", DO)
    tolerance = entry.get("tolerance", "0")
    for stated in tolerance.values() if isinstance(tolerance, Mapping) else [tolerance]:
        width = number(stated)
        if width is None or width < 0:
            raise InputError(f"a file of examples, {where}", f"the tolerance {stated!r}", "Give a number, 0 for equality.")
    return Example(
        id=entry["id"],
        venue=entry["venue"],
        rule=str(entry.get("rule", "")),
        inputs=entry["inputs"],
        expected=entry["expected"],
        tolerance=tolerance,
        disputed=entry.get("status") == "disputed",
        rounded=_ROUNDED.search(str(entry.get("notes", ""))) is not None,
        sign=_sign(f"{entry.get('rule', '')} {entry.get('notes', '')}"),
    )


def _sign(words: str) -> int:
    """Read what a positive amount is said to be: in words, or as a product with the signed size."""
    said = _POSITIVE.search(words)
    if said is None and _SIGNED.search(words):
        return 1
    return 0 if said is None else -1 if said[1].lower().startswith("pa") else 1
