"""Which worked examples must a venue's rules reproduce?

The examples are data: inputs and expected values as decimal strings (or fractions where decimals do not end), each with
its source and how it was worked by hand. Nothing here computes a rate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from perpscope.catalogue.load import load_venue
from perpscope.catalogue.schema import DatedRule
from perpscope.market.number import Number, to_float
from perpscope.market.time import to_ms
from perpscope.mechanisms.rule import Fixing, Rule
from perpscope.mechanisms.window import Window

DATA = Path(__file__).parent / "data"
NUMBERS = ("premium", "bent", "interest", "clamped", "scaled", "added", "limited", "slowed", "rounded")


@dataclass(frozen=True)
class Example:
    """One worked example of one dated rule."""

    venue: str
    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    @property
    def end(self) -> int:
        return to_ms(self.raw["end"])

    @property
    def expected(self) -> dict[str, Fraction]:
        return {name: Fraction(value) for name, value in self.raw["expected"].items()}

    @property
    def contract(self) -> dict[str, Number]:
        """Numbers of the contract the example names, and those it gives."""
        given: dict[str, Number] = {name: Fraction(value) for name, value in self.raw.get("given", {}).items()}
        native_id = self.raw.get("native_id")
        return load_venue(self.venue).contract(native_id, self.end, given) if native_id else given

    def rule(self) -> DatedRule:
        return rules(self.venue)[self.raw["rule"]]

    @property
    def built_with(self) -> dict[str, bool]:
        rows = self.raw["rows"]
        return {"averaged": "premium_index" in rows, "sampled": "premium" in rows}

    def build(self, dated: DatedRule | None = None, *, exact: bool = True) -> Rule:
        return (dated or self.rule()).build(self.contract, exact=exact, **self.built_with)

    def window(self, *, exact: bool = True) -> Window:
        number = _exact if exact else lambda text: to_float(_exact(text))
        rows: dict[str, list[Any]] = {name: [number(value) for value in column] for name, column in self.raw["rows"].items()}
        start = self.end - round(Fraction(self.raw["length_seconds"]) * 1000)
        if "at_seconds" in self.raw:
            moments = [start + round(Fraction(s) * 1000) for s in self.raw["at_seconds"]]
            rows["at"] = [Fraction(m) for m in moments] if exact else moments
        level = number(self.raw["level"]) if "level" in self.raw else None
        return Window(start, self.end, rows, number(self.raw["hours"]), level=level)

    def fixing(self, rule: Rule, *, exact: bool = True) -> Fixing:
        before = self.raw.get("before")
        number: Number | None = None if before is None else Fraction(before) if exact else float(Fraction(before))
        return rule.fix(self.window(exact=exact), number)


def _exact(text: str) -> Number:
    """Read a decimal or a fraction; the limits of orders at any price are infinite."""
    return float(text) if text in {"inf", "-inf"} else Fraction(text)


def answers(fixing: Fixing) -> dict[str, Any]:
    """Everything an example may expect, by name."""
    return {**fixing.terms._asdict(), "rate": fixing.rate, "value": fixing.value, "coverage": fixing.coverage}


def wrong(example: Example, rule: Rule) -> dict[str, tuple[Any, Any]]:
    """Expected values that the rule misses, beyond the example's tolerance: name -> (expected, found)."""
    found = answers(example.fixing(rule))
    allowed = Fraction(example.raw["tolerance"])
    return {
        name: (value, found[name])
        for name, value in example.expected.items()
        if found[name] is None or not abs(Fraction(found[name]) - value) <= allowed
    }


@cache
def document(venue: str) -> dict[str, Any]:
    """Everything on file for one venue."""
    read: dict[str, Any] = json.loads((DATA / f"{venue}.json").read_text(encoding="utf-8"))
    return read


@cache
def examples(venue: str, rule: str = "") -> tuple[Example, ...]:
    """Examples of a venue, or of one of its rules."""
    return tuple(Example(venue, raw) for raw in document(venue)["examples"] if rule in ("", raw["rule"]))


@cache
def rules(venue: str) -> dict[str, DatedRule]:
    """Dated rules of a venue by their ids."""
    return {rule.id: rule for rule in load_venue(venue).rules}
