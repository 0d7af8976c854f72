"""Which numbers may a caller give to a rule, and where do they go?

A number given by the caller feeds the words of the rule's expressions (margins of the contract), fills an unknown, or
replaces a number of its formula; the structure of the rule stays what it is. What no part reads is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields

from perpscope.catalogue.dated import DatedRule
from perpscope.errors import InputError
from perpscope.market.number import Number
from perpscope.mechanisms.decide import Formula

FORMULA_NUMBERS = tuple(f.name for f in fields(Formula) if f.name not in {"combine", "rounding"})


def readable(rule: DatedRule, beside: Collection[str] = ()) -> tuple[str, ...]:
    """Names of numbers a caller may give to this rule: those of its contract, and of others `beside`, then those of its formula."""
    own = tuple(dict.fromkeys((*rule.needs, *beside)))
    return (*own, *(name for name in FORMULA_NUMBERS if name not in own))


def supplied(rule: DatedRule, numbers: Mapping[str, Number], beside: Collection[str] = ()) -> dict[str, Number]:
    """Return the caller's numbers under the names the rule builds from: "cap" of the formula becomes "formula.cap".

    A cap given without a floor bounds both sides alike. `beside` are numbers that the venue reads where its rules do not.

    Raises
    ------
    InputError
        When no part of the rule reads a number.
    """
    if foreign := sorted(set(numbers) - set(readable(rule, beside))):
        there = f"{', '.join(foreign)}, which no part reads"
        raise InputError(f"numbers of the contract under the rule {rule.id}", there, f"It reads {', '.join(readable(rule, beside))}.")
    found = {name if name in {*rule.needs, *beside} else f"formula.{name}": value for name, value in numbers.items()}
    if "formula.cap" in found and "formula.floor" not in found:
        found["formula.floor"] = -found["formula.cap"]
    return found
