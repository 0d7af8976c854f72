"""On what do the readings of a disputed rule agree?

Documents that conflict are kept as several rules with the same dates. Most of their numbers are the same: those hold
whichever reading is right; the others are unknown, and say what each reading makes of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from perpscope.catalogue.dated import PARTS, DatedRule
from perpscope.catalogue.sourced import Sourced
from perpscope.errors import CatalogueError


def agreed(readings: Iterable[DatedRule]) -> DatedRule:
    """Return the rule that all readings share; what differs between them is unknown.

    Parameters
    ----------
    readings : disputed rules of one venue with the same dates, at least one.

    Raises
    ------
    CatalogueError
        When there is none, or they are of different times or contracts.
    """
    found = tuple(readings)
    if not found or len({_scope(rule) for rule in found}) != 1:
        there = ", ".join(f"{rule.id} ({rule.period})" for rule in found) or "none"
        raise CatalogueError("one rule of several readings", there, "Give readings of the same time and contracts.")
    parts = {part: _shared(found, part) for part in PARTS}
    doubts = tuple(dict.fromkeys(doubt for rule in found for doubt in rule.doubts))
    return replace(found[0], id=" or ".join(rule.id for rule in found), reading="", parts=parts, doubts=doubts, preferred=False)


def grouped(rules: Iterable[DatedRule]) -> tuple[tuple[DatedRule, ...], ...]:
    """Return the rules in their order, the readings of each disputed one together."""
    found = groupby(rules, lambda rule: _scope(rule) if rule.status == "disputed" else (rule.id,))
    return tuple(tuple(group) for _, group in found)


def undisputed(rules: Iterable[DatedRule]) -> tuple[DatedRule, ...]:
    """Return the rules with the readings of each disputed one replaced by what they agree on."""
    return tuple(group[0] if len(group) == 1 else agreed(group) for group in grouped(rules))


def _scope(rule: DatedRule) -> tuple[object, ...]:
    return rule.venue, rule.since, rule.until, rule.market_list, rule.markets


def _shared(readings: tuple[DatedRule, ...], part: str) -> dict[str, Sourced]:
    names = dict.fromkeys(name for rule in readings for name in rule.parts[part])
    return {name: _one(readings, part, name) for name in names}


def _one(readings: tuple[DatedRule, ...], part: str, name: str) -> Sourced:
    values = [rule.parts[part].get(name) for rule in readings]
    first = values[0]
    if first is not None and all(v is not None and (v.text, v.known) == (first.text, first.known) for v in values):
        return first
    said = (f"{rule.reading}: {'no such part' if v is None else v.text or v.reason}" for rule, v in zip(readings, values, strict=True))
    return Sourced("", "", f"disputed; {'; '.join(said)}")
