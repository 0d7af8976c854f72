"""Which numbers does the rule of an example run on?

The structure is the rule's; numbers the example states replace the rule's own, and feed its expressions. A number that
neither knows is neutral where the example can do without it, and is told; else the derivation that needs it says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from perpscope.catalogue.check.facts import Facts, Lacking
from perpscope.catalogue.check.names import plain_name, without_period
from perpscope.catalogue.check.words import CONTRACT_NUMBERS
from perpscope.catalogue.dated import DatedRule
from perpscope.catalogue.schema import Venue
from perpscope.catalogue.sourced import Sourced, evaluate
from perpscope.market.number import INF, Number

MOST_VOTES = 100_000
MARGINS = ("initial_margin", "maintenance_margin", "max_leverage")
CAPS = ("formula.cap", "formula.floor", "formula.change")
ADDITION = "formula.add"
_NEUTRAL: Mapping[str, Number | str] = {
    "formula.cap": INF,
    "formula.floor": -INF,
    "formula.change": INF,
    "formula.times": Fraction(1),
    "formula.decimals": -1,
    "observe.bound": INF,
    "each.bound": INF,
    "each.divide": Fraction(1),
    "reduce.kind": "last",
    "reduce.scale": Fraction(1),
    "reduce.cap": INF,
    "each.kind": "keep",
}
_CONSTANT = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])")


@dataclass(slots=True)
class Numbers:
    """Numbers to build a rule from.

    Parameters
    ----------
    given : by name of the contract's number or "part.name". missing : "part.name" -> why it is unknown; such numbers are
    neutral in `given`. notes : what was taken for granted.
    """

    given: dict[str, Number | str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)


def numbers_for(rule: DatedRule, venue: Venue | None, facts: Facts, native_id: str, moment: int) -> Numbers:
    """Return what a rule is built from: the contract's numbers, the example's, neutral ones for what nobody knows."""
    contract = contract_numbers(rule, facts)
    if venue is not None:
        contract = venue.contract(native_id, moment, contract)
    if venue is not None and any(facts.has(name) for name in MARGINS):
        contract = {name: value for name, value in contract.items() if name not in CAPS}  # the example's margins come first
        contract |= venue.by_margin(native_id, moment, contract)
    if "cap" in rule.needs and facts.has("cap"):
        contract["cap"] = facts.peek("cap")
    notes: set[str] = set()
    if "multiplier" in rule.needs and "multiplier" not in contract and not facts.has("times"):
        contract["multiplier"] = Fraction(1)
        notes.add("a multiplier that is not given is taken for 1")
    given: dict[str, Number | str] = {**contract, **_decimals(rule, facts, venue)}
    for own in (_interest, _damper, _limits, _factor, _scaling, _look):
        given |= own(rule, facts, given)
    found = Numbers(given, notes=notes)
    for unknown in rule.unknowns(given, averaged=True, sampled=True) + rule.unknowns(given):
        if unknown.part not in found.missing and unknown.part not in given:
            found.missing[unknown.part] = unknown.reason
    given |= {part: _NEUTRAL.get(part, Fraction(0)) for part in found.missing if part != "observe.kind"}
    return found


def contract_numbers(rule: DatedRule, facts: Facts) -> dict[str, Number]:
    """Return numbers of the contract that the example states, and those its rule asks for by name."""
    found = {c: facts.peek(c) for c in MARGINS if facts.has(c)}
    if "initial_margin" not in found and found.get("max_leverage"):
        found["initial_margin"] = 1 / found["max_leverage"]
    for name, value in facts.strange.items():
        needed, scale = plain_name(name)
        needed = needed if needed in rule.needs else without_period(needed)
        needed = needed if needed in rule.needs else CONTRACT_NUMBERS.get(needed, needed)
        if needed in rule.needs and not isinstance(value, str | list):
            facts.used.add(name)
            found[needed] = value * scale  # type: ignore[operator]  # neither a text nor a list: a number
    if "factor" in rule.needs and facts.has("factor"):
        found["factor"] = facts.number("factor")
    return found


def worked_out(venue: Venue | None, name: str, contract: Mapping[str, Number], native_id: str, moment: int, unit: Number | None) -> Number:
    """Work out a number of the contract from the venue's own expression, its only constant replaced by `unit` where one is given.

    Raises
    ------
    Lacking
        When the venue states none, several, or one that needs what is not given.
    """
    texts = stated(venue, name, native_id, moment)
    if unit is not None:
        texts = {_with_constant(text, unit) for text in texts if _CONSTANT.search(text)}
    usable = {text for text in texts if set(Sourced(text).names) <= set(contract)}
    if len(usable) != 1:
        there = "states none" if not texts else f"states {', '.join(sorted(texts))}"
        raise Lacking(f"{name}: the catalogue {there}")
    return evaluate(usable.pop(), contract)


def stated(venue: Venue | None, name: str, native_id: str, moment: int) -> set[str]:
    """Texts by which a venue states a number of the contract; of all its contracts where none is named."""
    if venue is None:
        return set()
    entries = [entry for entry in venue.contracts if entry.since <= moment < entry.until and name in entry.numbers]
    own = [entry for entry in entries if native_id and re.fullmatch(entry.pattern, native_id)]
    chosen = own[-1:] or entries
    return {entry.numbers[name].text for entry in chosen if entry.numbers[name].known}


def _with_constant(text: str, value: Number) -> str:
    constants = set(_CONSTANT.findall(text))
    if len(constants) != 1 or not isinstance(value, Fraction | int):
        raise Lacking(f"{text} has {len(constants)} constants, so it is not clear which one is replaced")
    exact = Fraction(value)
    return _CONSTANT.sub(f"({exact.numerator}/{exact.denominator})", text)


def _decimals(rule: DatedRule, facts: Facts, venue: Venue | None) -> dict[str, Number]:
    """Round as the example says, or as a protocol's integers do; published digits are not the subject of an example."""
    if facts.has("decimals"):
        return {"formula.decimals": Fraction(facts.places("decimals"))}
    rounding = rule.parts["formula"].get("rounding")
    source = venue.sources.get(rounding.source) if venue is not None and rounding is not None else None
    return {} if source is not None and source.read.startswith("protocol source") else {"formula.decimals": -1}


def is_additive(rule: DatedRule) -> bool:
    """Whether the rule adds its interest at the end instead of pulling towards it."""
    parts = rule.parts["formula"]
    return "add" in parts and "interest" not in parts


def _interest(rule: DatedRule, facts: Facts, given: Mapping[str, Number | str]) -> dict[str, Number | str]:
    del given
    if facts.has("interest_quote", "interest_base"):
        per = facts.meaning("interest_quote").per or Fraction(24)
        return _stated(rule, facts.peek("interest_quote") - facts.peek("interest_base"), per)
    if not facts.has("interest"):
        return {}
    return _stated(rule, facts.peek("interest"), facts.meaning("interest").per)


def _stated(rule: DatedRule, value: Number, per: Fraction | None) -> dict[str, Number | str]:
    if is_additive(rule):
        through = rule.schedule is not None and rule.schedule.continuous  # there is no interval it could be for
        return {"formula.add": value} if per is None and through else {"formula.add": value, "formula.add_per": per or Fraction(0)}
    if _kind(rule, "each") == "whole":
        return {"each.interest": value * (rule_hours(rule) or per) / per if per else value}
    return {"formula.interest": value, "formula.interest_per": per or Fraction(0)}


def rule_hours(rule: DatedRule) -> Fraction | None:
    """Hours a transform of every sample is written for: the formula's period, else the rule's own interval."""
    period = rule.parts["formula"].get("period", rule.parts["schedule"].get("hours"))
    return Fraction(period.number({})) if period is not None and period.known and not period.names else None


def _damper(rule: DatedRule, facts: Facts, given: Mapping[str, Number | str]) -> dict[str, Number | str]:
    del given
    out: dict[str, Number | str] = {}
    kind = _kind(rule, "each")
    if facts.has("dead") and kind == "band":
        out["each.dead"] = facts.peek("dead")
    if facts.has("damper"):
        out[{"whole": "each.damper", "band": "each.bound"}.get(kind, "formula.damper")] = facts.peek("damper")
    return out


def _limits(rule: DatedRule, facts: Facts, given: Mapping[str, Number | str]) -> dict[str, Number | str]:
    del given
    out: dict[str, Number | str] = {}
    if facts.has("cap") and "bound" in rule.parts["each"] and "cap" not in rule.parts["formula"]:
        return {"each.bound": facts.peek("cap")}  # the limit is one of every sample
    if facts.has("cap"):
        out |= {"formula.cap": facts.peek("cap"), "formula.floor": -facts.peek("cap")}
    if facts.has("floor"):
        out["formula.floor"] = facts.peek("floor")
    for name in ("cap", "floor"):
        if facts.has(name) and (per := facts.meaning(name).per) is not None:
            out["formula.limit_per"] = per
    if facts.has("change"):
        out["formula.change"] = facts.peek("change")
    return out


def _factor(rule: DatedRule, facts: Facts, given: Mapping[str, Number | str]) -> dict[str, Number | str]:
    """Put a factor in the place of the only constant in the rule's own expression of its caps."""
    if not facts.has("factor"):
        return {}
    known = {name: value for name, value in given.items() if not isinstance(value, str)}
    out: dict[str, Number | str] = {}
    for name in ("cap", "floor"):
        text = rule.parts["formula"].get(name, Sourced("", "", "unknown"))
        if text.known and text.names and set(text.names) <= set(known):
            out[f"formula.{name}"] = evaluate(_with_constant(text.text, facts.peek("factor")), known)
    return out


def multiplies_rate(rule: DatedRule) -> bool:
    """Whether the rule multiplies the rate by a number of the contract; elsewhere a multiplier is a size."""
    return "times" in rule.parts["formula"] or "multiplier" in rule.needs


def _scaling(rule: DatedRule, facts: Facts, given: Mapping[str, Number | str]) -> dict[str, Number | str]:
    del given
    out: dict[str, Number | str] = {}
    if facts.has("times") and multiplies_rate(rule):
        out["multiplier" if "multiplier" in rule.needs else "formula.times"] = facts.peek("times")
    if facts.has("divisor") and "period" in rule.parts["formula"]:
        out["formula.period"] = facts.peek("divisor")
    return out


def _look(rule: DatedRule, facts: Facts, given: Mapping[str, Number | str]) -> dict[str, Number | str]:
    """Bounds of a sample, fewest samples, and an offset that is switched off."""
    del given
    out: dict[str, Number | str] = {}
    if facts.has("premium_bound"):
        out["observe.bound"] = facts.number("premium_bound")
    if facts.has("exponent") and _kind(rule, "observe") == "imbalance":
        out["observe.exponent"] = facts.number("exponent")
    counts = [facts.number(name) for name in ("min_votes", "vote_count") if facts.has(name)]
    if counts and "votes" in rule.parts["reduce"]:
        if max(counts) > MOST_VOTES:
            raise Lacking(f"{float(max(counts)):g} votes are more than a block of any chain holds")
        out["reduce.votes"] = max(counts)
    if facts.has("at_least") and "at_least" in rule.parts["reduce"]:
        out["reduce.at_least"] = facts.number("at_least")
    if facts.has("offset") and is_additive(rule) and facts.text("offset").lower() in {"false", "0", "no"}:
        out["formula.add"] = Fraction(0)
    return out


def _kind(rule: DatedRule, part: str) -> str:
    kind = rule.parts[part].get("kind")
    return kind.text if kind is not None and kind.known else ""
