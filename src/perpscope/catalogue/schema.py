"""What does the catalogue say about one venue?

A `Venue` holds its dated rules, its sources, how its native ids name assets, and numbers of single contracts. A
`DatedRule` is a rule as written, with unknowns; `build` turns it into a `Rule` of numbers, or says what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from perpscope.catalogue.sourced import Sourced
from perpscope.errors import CatalogueError
from perpscope.market.instrument import Identity, Instrument
from perpscope.market.time import FOREVER, Schedule, to_text
from perpscope.mechanisms import reduce, sample
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.number import Number, to_float
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.rule import Rule, Settlement

Status = Literal["verified", "stated", "inferred", "disputed"]
PARTS = ("observe", "each", "reduce", "formula", "schedule", "settle")
_REDUCERS: dict[str, type[Any]] = {
    "mean": reduce.Mean,
    "linear": reduce.LinearMean,
    "time": reduce.TimeMean,
    "last": reduce.Last,
    "decay": reduce.DecayMean,
    "median_mean": reduce.MedianMean,
}
_EACH: dict[str, type[Any]] = {"keep": sample.Keep, "whole": sample.WholeFormula, "band": sample.Band}
_WORDS = {"kind", "combine", "rounding", "price", "flow"}
_WHOLE = {"decimals", "lag", "votes"}
_HARMLESS = {"observe.every_seconds", "schedule.hours", "schedule.phase_hours", "schedule.lag", "settle.price", "settle.lag", "settle.flow"}


@dataclass(frozen=True, slots=True)
class Source:
    """One document or measurement a rule leans on.

    Parameters
    ----------
    key : short name used in the file. title, url : what and where. read : how it was seen
    (official page, second hand, api observation, measured, protocol source, derived). note : anything a reader should know.
    """

    key: str
    title: str
    url: str = ""
    read: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """How native ids of one kind name their assets: a regular expression with base, quote, settle, or fixed values."""

    pattern: str
    base: str = ""
    quote: str = ""
    settle: str = ""
    market_list: str = ""
    rename: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """A number the rule lacks: where it stands and why it is unknown."""

    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class DatedRule:
    """One rule as written, in force for since <= window end < until (ms UTC).

    Parameters
    ----------
    id : short name, unique in the catalogue. venue : venue id. market_list, markets : which contracts it governs
    (all market kinds where empty). status : how sure it is. reading : name of this reading where documents conflict.
    about : one sentence. parts : part -> name -> value as written.
    """

    id: str
    venue: str
    since: int
    until: int
    market_list: str
    markets: tuple[str, ...]
    status: Status
    reading: str
    about: str
    parts: Mapping[str, Mapping[str, Sourced]]
    doubts: tuple[str, ...] = ()

    def unknowns(self, contract: Mapping[str, Number] | None = None, *, averaged: bool = False) -> tuple[Unknown, ...]:
        """Return what stands between this rule and a fixing; `averaged`: the averaged premium is given, not observed."""
        skip = ("observe", "each", "reduce") if averaged and self.parts["each"].get("kind") is None else ()
        found: list[Unknown] = []
        for part in PARTS:
            for name, value in self.parts[part].items():
                where = f"{part}.{name}"
                if part in skip or where in _HARMLESS:
                    continue
                if not value.known:
                    found.append(Unknown(where, value.reason))
                elif name not in _WORDS:
                    missing = [n for n in value.names if n not in (contract or {})]
                    found.extend(Unknown(where, f"{value.text} needs {n} of the contract") for n in missing)
        return tuple(found)

    def build(self, contract: Mapping[str, Number] | None = None, *, averaged: bool = False, exact: bool = False) -> Rule:
        """Build the rule of numbers; floats, or exact fractions.

        Raises
        ------
        CatalogueError
            When a number it needs is unknown, naming every one.
        """
        unknown = self.unknowns(contract, averaged=averaged)
        if unknown:
            there = "; ".join(f"{u.part} is unknown ({u.reason})" for u in unknown)
            raise CatalogueError(f"a fixing by the rule {self.id}", there, "Give these numbers with a source; none is assumed.")
        values = {part: self._values(part, contract or {}, exact=exact) for part in PARTS}
        average, each = values["reduce"], values["each"]
        return Rule(
            observe=Observe(**values["observe"]) if "kind" in values["observe"] else Observe("none"),
            reduce=_REDUCERS[average.pop("kind", "last")](**average),
            formula=Formula(**values["formula"]),
            each=_EACH[each.pop("kind", "keep")](**each),
            settle=Settlement(**values["settle"]),
        )

    def _values(self, part: str, contract: Mapping[str, Number], *, exact: bool) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name, value in self.parts[part].items():
            if name in _WORDS:
                out[name] = value.text or "unknown"
            elif value.known and all(n in contract for n in value.names):
                number = value.number(contract)
                out[name] = int(number) if name in _WHOLE else number if exact else to_float(number)
        return out

    @property
    def schedule(self) -> Schedule | None:
        """Stamps the rule states for most contracts; None where it states none."""
        parts = self.parts["schedule"]
        hours, phase, lag = (parts.get(name) for name in ("hours", "phase_hours", "lag"))
        if hours is None or not hours.known:
            return None
        known = {name: float(v.number({})) if v and v.known else 0.0 for name, v in (("phase_hours", phase), ("lag", lag))}
        return Schedule(float(hours.number({})), known["phase_hours"], int(known["lag"]))

    def governs(self, market_list: str, market: str) -> bool:
        """Whether contracts of this list and kind live under this rule."""
        return market_list_matches(self.market_list, market_list) and (not self.markets or not market or market in self.markets)

    @property
    def period(self) -> str:
        """Dates in words."""
        since = "the start" if self.since <= 0 else to_text(self.since)
        return f"{since} to {'today' if self.until >= FOREVER else to_text(self.until)}"


@dataclass(frozen=True, slots=True)
class ContractNumbers:
    """Dated numbers of single contracts: native ids matching `pattern` in since <= t < until (ms UTC)."""

    pattern: str
    since: int
    until: int
    numbers: Mapping[str, Sourced]


@dataclass(frozen=True, slots=True)
class Venue:
    """Everything the catalogue says about one venue."""

    id: str
    name: str
    aliases: tuple[str, ...]
    about: str
    sources: Mapping[str, Source]
    patterns: tuple[Pattern, ...]
    contracts: tuple[ContractNumbers, ...]
    rules: tuple[DatedRule, ...]
    opened: int
    closed: int
    unknown: tuple[str, ...]

    def at(self, ms: int, market_list: str = "", market: str = "") -> tuple[DatedRule, ...]:
        """Rules in force for a window that ends at `ms`: one, or every reading of a disputed one, or none."""
        return tuple(rule for rule in self.rules if rule.since <= ms < rule.until and rule.governs(market_list, market))

    def contract(self, native_id: str, ms: int) -> dict[str, Number]:
        """Return the known numbers of a contract at `ms`; later entries win."""
        found: dict[str, Number] = {}
        for entry in self.contracts:
            if entry.since <= ms < entry.until and re.fullmatch(entry.pattern, native_id):
                found |= {name: value.number({}) for name, value in entry.numbers.items() if value.known}
        return found

    def instrument(self, native_id: str) -> Instrument | None:
        """Read the assets off a native id; None where no pattern knows it."""
        for pattern in self.patterns:
            found = re.fullmatch(pattern.pattern, native_id)
            if found:
                said = {k: v for k, v in found.groupdict().items() if v}
                names = dict(pattern.rename)
                base, quote, settle = (said.get(k) or getattr(pattern, k) for k in ("base", "quote", "settle"))
                settle = {"=base": base, "=quote": quote}.get(settle, settle)
                base, quote, settle = (names.get(asset, asset) for asset in (base, quote, settle))
                return Instrument(Identity(self.id, native_id), base, quote, settle, market_list=said.get("list", pattern.market_list))
        return None


def market_list_matches(ruled: str, asked: str) -> bool:
    """Compare a rule's list with a contract's: equal, or any but the main one where the rule says "*"."""
    return asked != "" if ruled == "*" else ruled == asked


def part_names(part: str) -> frozenset[str]:
    """Names a part of a TOML rule may hold."""
    classes: dict[str, tuple[type[Any], ...]] = {
        "observe": (Observe,),
        "each": tuple(_EACH.values()),
        "reduce": tuple(_REDUCERS.values()),
        "formula": (Formula,),
        "schedule": (Schedule,),
        "settle": (Settlement,),
    }
    return frozenset({"kind"} | {f.name for c in classes[part] for f in fields(c)})
