"""What does one dated rule say, and what does it leave open?

A `DatedRule` is a rule as written, with its unknowns and its doubts about dates. `build` turns it into a `Rule` of
numbers, or says what is missing; what a document leaves open may be given by the caller, never by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, TypeAlias

from perpscope.catalogue.sourced import Sourced
from perpscope.errors import CatalogueError
from perpscope.market.number import Number, to_exact, to_float
from perpscope.market.time import FOREVER, Schedule, to_text
from perpscope.mechanisms import auction, reduce, sample
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import GIVEN, NOTHING, Observe
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.settle import Settlement

Status = Literal["verified", "stated", "inferred", "disputed"]
Given: TypeAlias = Mapping[str, Number | str]
PARTS = ("observe", "each", "reduce", "formula", "schedule", "settle")
REDUCERS: dict[str, type[Any]] = {
    "mean": reduce.Mean,
    "linear": reduce.LinearMean,
    "time": reduce.TimeMean,
    "last": reduce.Last,
    "decay": reduce.DecayMean,
    "median_mean": reduce.MedianMean,
    "velocity": reduce.Velocity,
    "adaptive": reduce.Adaptive,
    "auction": auction.Auction,
}
EACH: dict[str, type[Any]] = {"keep": sample.Keep, "whole": sample.WholeFormula, "band": sample.Band}
WORDS = frozenset({"kind", "combine", "rounding", "price", "flow", "unit", "sides", "money_rounding", "to", "tie", "absent"})
"""Names whose values are words, not numbers."""
_WHOLE = {"decimals", "lag", "votes"}
_PAYMENT = ("price", "flow", "sides", "pool_share", "index_grains", "side_grains", "money_grains", "money_rounding", "grace_s", "to")
_HARMLESS = {"observe.every_seconds", "formula.decimals", "formula.rounding", *(f"settle.{name}" for name in _PAYMENT)}
"""What a fixing can do without: coverage stays unknown, the rate unrounded, the payment untold."""
_PAID_WHEN = "schedule"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A number the rule lacks: where it stands ("formula.cap") and why it is unknown."""

    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class DatedRule:
    """One rule as written, in force for since <= window end < until (ms UTC).

    Parameters
    ----------
    id : short name, unique in the catalogue. venue : venue id. market_list, markets : which contracts it governs
    (all market kinds where empty). status : how sure it is. reading : name of this reading where documents conflict.
    about : one sentence. parts : part -> name -> value as written. doubts : what a reader must know.
    surely_since, surely_until : the span in which it was certainly in force; outside it, but inside since..until, it is
        not established whether this rule or its neighbour was. None where the date itself is known.
    preferred : of disputed readings, the one whose document outranks the others; it gates no more than they do.
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
    surely_since: int | None = None
    surely_until: int | None = None
    preferred: bool = False

    def sure(self, ms: int) -> bool:
        """Whether it is established that this rule, and not its neighbour in time, was in force at `ms`."""
        first = self.since if self.surely_since is None else self.surely_since
        last = self.until if self.surely_until is None else self.surely_until
        return first <= ms < last

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of the contract's numbers the rule asks for."""
        known = (v for part in PARTS for name, v in self.parts[part].items() if v.known and name not in WORDS)
        return tuple(sorted({name for value in known for name in value.names}))

    @property
    def sources(self) -> dict[str, str]:
        """Return "part.name" -> key of its source, of everything known."""
        return {f"{part}.{name}": v.source for part in PARTS for name, v in self.parts[part].items() if v.known}

    def unknowns(self, contract: Given | None = None, *, averaged: bool = False, sampled: bool = False) -> tuple[Unknown, ...]:
        """Return what stands between this rule and a fixing.

        Parameters
        ----------
        contract : numbers of the contract by name ("cap"), or of the rule's own parts ("formula.cap").
        averaged, sampled : the averaged premium, or the premium samples, are given, not observed.
        """
        given = contract or {}
        skip = self._skipped(averaged=averaged, sampled=sampled)
        found: list[Unknown] = []
        for part in PARTS:
            for name, value in self.parts[part].items():
                where = f"{part}.{name}"
                if part in skip or where in _HARMLESS or where in given:
                    continue
                if not value.known:
                    found.append(Unknown(where, value.reason))
                elif name not in WORDS:
                    missing = [n for n in value.names if n not in given]
                    found.extend(Unknown(where, f"{value.text} needs {n} of the contract") for n in missing)
        return tuple(found)

    def _skipped(self, *, averaged: bool, sampled: bool) -> set[str]:
        if averaged and self.parts["each"].get("kind") is None:
            return {"observe", "each", "reduce", _PAID_WHEN}
        return {"observe", _PAID_WHEN} if sampled or averaged else {_PAID_WHEN}

    def build(self, contract: Given | None = None, *, averaged: bool = False, sampled: bool = False, exact: bool = False) -> Rule:
        """Build the rule of numbers; floats, or exact fractions.

        Parameters
        ----------
        contract, averaged, sampled : as in `unknowns`. A name with a dot replaces the rule's own value, known or not.
        exact : fractions instead of doubles.

        Raises
        ------
        CatalogueError
            When a number it needs is unknown, naming every one.
        """
        given = contract or {}
        unknown = self.unknowns(given, averaged=averaged, sampled=sampled)
        if unknown:
            there = "; ".join(f"{u.part} is unknown ({u.reason})" for u in unknown)
            raise CatalogueError(f"a fixing by the rule {self.id}", there, "Give these numbers with a source; none is assumed.")
        values = {part: self._values(part, given, exact=exact) for part in PARTS}
        look, average, each = values["observe"], values["reduce"], values["each"]
        lag = values[_PAID_WHEN].get("lag", 0)
        return Rule(
            observe=Observe(look.pop("kind", NOTHING) or GIVEN, **look),
            reduce=_reducer(average, given=averaged),
            formula=Formula(**values["formula"]),
            each=EACH[each.pop("kind", "keep")](**each),
            settle=Settlement(**values["settle"], lag=lag),
        )

    def settlement(self, contract: Given | None = None) -> Settlement:
        """Return how the rule pays, in exact numbers; what neither it nor the caller knows is left neutral."""
        values = self._values("settle", contract or {}, exact=True)
        lag = self.parts[_PAID_WHEN].get("lag")
        return Settlement(**values, lag=int(lag.number({})) if lag is not None and lag.known else 0)

    def _values(self, part: str, given: Given, *, exact: bool) -> dict[str, Any]:
        numbers = {name: value for name, value in given.items() if not isinstance(value, str)}
        told = {where.partition(".")[2]: value for where, value in given.items() if where.startswith(f"{part}.")}
        if foreign := set(told) - part_names(part):
            raise CatalogueError(f"the rule {self.id}", f"{part}.{min(foreign)} is no part of it", f"{part} has {_list(part_names(part))}.")
        out: dict[str, Any] = {}
        for name, value in self.parts[part].items():
            if name in WORDS:
                out[name] = value.text if value.known else "" if name == "kind" else "unknown"
            elif value.known and all(n in numbers for n in value.names):
                out[name] = value.number(numbers)
        return {name: _typed(name, value, exact=exact) for name, value in (out | told).items()}

    @property
    def schedule(self) -> Schedule | None:
        """Stamps the rule states for most contracts; None where it states none. An unknown lag is left at 0: ask `parts`."""
        parts = self.parts[_PAID_WHEN]
        numbers = {name: float(value.number({})) for name, value in parts.items() if value.known}
        if "hours" not in numbers or not all(parts[name].known for name in parts if name == "phase_hours"):
            return None
        return Schedule(numbers["hours"], numbers.get("phase_hours", 0.0), int(numbers.get("lag", 0)))

    def governs(self, market_list: str, market: str) -> bool:
        """Whether contracts of this list and kind live under this rule."""
        return market_list_matches(self.market_list, market_list) and (not self.markets or not market or market in self.markets)

    @property
    def lists(self) -> str:
        """Market lists it governs, in words; empty for the main one."""
        every, *but = self.market_list.split("!")
        if every == "*":
            return " and ".join(("every list but the main one", *but))
        return f"market list {self.market_list}" if self.market_list else ""

    @property
    def period(self) -> str:
        """Dates in words, with what is not established about them."""
        since = "the start" if self.since <= 0 else to_text(self.since)
        until = "today" if self.until >= FOREVER else to_text(self.until)
        if self.surely_since is not None:
            since += f" (surely since {to_text(self.surely_since)})" if self.surely_since < self.until else " (unproven)"
        if self.surely_until is not None:
            until += f" (surely until {to_text(self.surely_until)})" if self.surely_until > self.since else " (unproven)"
        return f"{since} to {until}"


def _reducer(average: dict[str, Any], *, given: bool) -> Any:  # noqa: ANN401 - one of the reducers
    """Build the reducer; where the average is given and a number of it is unknown, it plays no part."""
    kind = REDUCERS[average.pop("kind", "") or "last"]
    needed = {f.name for f in fields(kind) if f.default is MISSING}
    return reduce.Last() if given and needed - set(average) else kind(**average)


def _typed(name: str, value: Number | str, *, exact: bool) -> Number | str:
    if isinstance(value, str):
        return value
    return int(value) if name in _WHOLE else to_exact(value) if exact else to_float(value)


def market_list_matches(ruled: str, asked: str) -> bool:
    """Compare a rule's list with a contract's: equal, or any but the main one where the rule says `*`, and but x where it says `*!x`."""
    every, *but = ruled.split("!")
    return asked not in {"", *but} if every == "*" else ruled == asked


def part_names(part: str) -> frozenset[str]:
    """Names a part of a TOML rule may hold."""
    classes: dict[str, tuple[type[Any], ...]] = {
        "observe": (Observe,),
        "each": tuple(EACH.values()),
        "reduce": tuple(REDUCERS.values()),
        "formula": (Formula,),
        _PAID_WHEN: (Schedule,),
        "settle": (Settlement,),
    }
    kind = {"kind"} if part in {"observe", "each", "reduce"} else set()
    paid_twice = {"lag"} if part == "settle" else set()  # the lag stands once, in the schedule
    return frozenset(kind | {f.name for c in classes[part] for f in fields(c)} - paid_twice)


def _list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
