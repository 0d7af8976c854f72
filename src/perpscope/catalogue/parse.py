"""Does this text describe a venue, whole and without contradiction?

Everything a file can get wrong is refused here with its name: broken TOML, unknown names and kinds, sources that do not
exist, numbers that cannot be read, rules that overlap without being marked disputed or doubtful.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from itertools import combinations
from typing import Any

from perpscope.catalogue.dated import EACH, PARTS, REDUCERS, WORDS, DatedRule, part_names
from perpscope.catalogue.schema import ContractNumbers, Pattern, Source, Venue
from perpscope.catalogue.sourced import Sourced
from perpscope.errors import CatalogueError, PerpscopeError
from perpscope.market.instrument import MARKETS
from perpscope.market.time import FOREVER, to_ms
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import GIVEN, Observe
from perpscope.mechanisms.settle import Settlement

STATUSES = ("verified", "stated", "inferred", "disputed")
_HEAD = {"id", "name", "aliases", "about", "opened", "closed", "unknown"}
_RULE = {
    "id",
    "since",
    "until",
    "surely_since",
    "surely_until",
    "market_list",
    "markets",
    "status",
    "reading",
    "preferred",
    "about",
    "doubts",
}
_KINDS: dict[str, Mapping[str, type[Any]]] = {"reduce": REDUCERS, "each": EACH}


def parse_venue(text: str) -> Venue:
    """Read one venue from the text of its TOML file, checked whole.

    Raises
    ------
    CatalogueError
        Saying where the file is wrong.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError("a venue file", f"broken TOML: {error}", "Mend the file at that line.") from None
    _only("a venue file", raw, {"venue", "sources", "symbols", "contract", "rule"}, {"venue"})
    head = raw["venue"]
    _only("[venue]", head, _HEAD, {"id", "name", "about"})
    where = f"the catalogue of {head['id']}"
    venue = Venue(
        id=head["id"],
        name=head["name"],
        aliases=tuple(head.get("aliases", ())),
        about=head["about"],
        sources={key: _source(where, key, value) for key, value in raw.get("sources", {}).items()},
        patterns=tuple(_pattern(where, entry) for entry in raw.get("symbols", ())),
        contracts=tuple(_contract(where, entry) for entry in raw.get("contract", ())),
        rules=tuple(_rule(head["id"], entry) for entry in raw.get("rule", ())),
        opened=_moment(where, head.get("opened"), 0),
        closed=_moment(where, head.get("closed"), FOREVER),
        unknown=tuple(head.get("unknown", ())),
    )
    _check(venue)
    return venue


def _only(where: str, entry: Mapping[str, Any], allowed: set[str], needed: set[str]) -> None:
    if foreign := sorted(set(entry) - allowed):
        raise CatalogueError(where, f"has {', '.join(foreign)}", f"It may hold {', '.join(sorted(allowed))}.")
    if missing := sorted(needed - set(entry)):
        raise CatalogueError(where, f"has no {', '.join(missing)}", "Write it.")


def _source(where: str, key: str, value: Mapping[str, str]) -> Source:
    _only(f"{where}, source {key}", value, {"title", "url", "read", "note"}, {"title", "read"})
    return Source(key, **value)


def _moment(where: str, value: Any, default: int) -> int:  # noqa: ANN401 - a TOML datetime or nothing
    if value is None:
        return default
    try:
        return to_ms(value)
    except (PerpscopeError, AttributeError, TypeError):
        raise CatalogueError(where, f"the date {value!r} is not a moment", "Write 2025-09-18T08:01:00Z, without quotes.") from None


def _pattern(where: str, entry: Mapping[str, Any]) -> Pattern:
    _only(f"{where}, [[symbols]]", entry, {f.name for f in fields(Pattern)}, {"pattern"})
    _compiled(where, entry["pattern"])
    return Pattern(**{**entry, "rename": tuple(entry.get("rename", {}).items())})


def _compiled(where: str, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise CatalogueError(where, f"the pattern {pattern!r}: {error}", "Write a regular expression of the whole native id.") from None


def _contract(where: str, entry: Mapping[str, Any]) -> ContractNumbers:
    fixed = ("pattern", "since", "until", "initial_margin_from")
    _only(f"{where}, [[contract]]", entry, set(entry), {"pattern"})
    _compiled(where, entry["pattern"])
    numbers = {name: Sourced.read(value) for name, value in entry.items() if name not in fixed}
    for name, value in numbers.items():
        part, dot, own = name.partition(".")
        if dot and (part not in PARTS or own not in part_names(part)):
            raise CatalogueError(f"{where}, [[contract]] {entry['pattern']}", f"no part {name}", "Name part.name of a rule.")
        _readable(f"{where}, {name} of {entry['pattern']}", value)
    least = entry.get("initial_margin_from")
    try:
        margin_from = None if least is None else Fraction(least)
    except (ValueError, TypeError, ZeroDivisionError):
        raise CatalogueError(f"{where}, [[contract]]", f"initial_margin_from = {least!r}", 'Write a fraction such as "1/25".') from None
    since, until = _moment(where, entry.get("since"), 0), _moment(where, entry.get("until"), FOREVER)
    return ContractNumbers(entry["pattern"], since, until, numbers, margin_from)


def _readable(where: str, value: Sourced) -> None:
    """Refuse what is no arithmetic: every word is tried with a number in its place."""
    if value.known:
        try:
            value.number(dict.fromkeys(value.names, 1))
        except ZeroDivisionError:
            return
        except (PerpscopeError, ValueError, TypeError) as error:
            raise CatalogueError(where, str(error), "Write decimals, names, + - * / ** min max.") from None


def _rule(venue: str, entry: Mapping[str, Any]) -> DatedRule:
    where = f"the rule {entry.get('id', '?')} of {venue}"
    _only(where, entry, _RULE | set(PARTS), {"id", "status", "about"})
    for part in PARTS:
        foreign = set(entry.get(part, {})) - part_names(part)
        if foreign:
            raise CatalogueError(
                where, f"{part} has {', '.join(sorted(foreign))}", f"{part} may hold {', '.join(sorted(part_names(part)))}."
            )
    never = {"surely_since": FOREVER, "surely_until": 0}
    moments = {name: at if entry[name] == "never" else _moment(where, entry[name], 0) for name, at in never.items() if name in entry}
    rule = DatedRule(
        id=entry["id"],
        venue=venue,
        since=_moment(where, entry.get("since"), 0),
        until=_moment(where, entry.get("until"), FOREVER),
        market_list=entry.get("market_list", ""),
        markets=tuple(entry.get("markets", ())),
        status=entry["status"],
        reading=entry.get("reading", ""),
        about=entry["about"],
        parts={part: {name: Sourced.read(value) for name, value in entry.get(part, {}).items()} for part in PARTS},
        doubts=tuple(entry.get("doubts", ())),
        preferred=entry.get("preferred", False),
        **moments,
    )
    _check_rule(where, rule)
    return rule


def _check_rule(where: str, rule: DatedRule) -> None:
    if rule.status not in STATUSES or rule.since >= rule.until:
        raise CatalogueError(where, f"status {rule.status}, {rule.period}", f"Status is one of {', '.join(STATUSES)}; dates rise.")
    if foreign := set(rule.markets) - set(MARKETS):
        raise CatalogueError(where, f"markets {', '.join(sorted(foreign))}", f"Known: {', '.join(MARKETS)}.")
    if (rule.status == "disputed") != bool(rule.reading) or (rule.preferred and not rule.reading):
        raise CatalogueError(where, f"status {rule.status}, reading {rule.reading!r}", "A disputed rule names its reading, no other does.")
    for part, values in rule.parts.items():
        for name, value in values.items():
            if name not in WORDS:
                _readable(f"{where}, {part}.{name}", value)
    _check_words(where, rule)
    try:
        _ = rule.schedule
    except PerpscopeError as error:
        raise CatalogueError(f"{where}, schedule", str(error), "Give a grid of stamps.") from None


def _check_words(what: str, rule: DatedRule) -> None:
    """Refuse kinds nobody defined, and numbers that the kind does not have."""
    words = ((f"{part}.{name}", value) for part in PARTS for name, value in rule.parts[part].items() if name in WORDS)
    said: dict[str, Any] = {where: value.text for where, value in words if value.known}
    try:
        Observe(said.get("observe.kind", GIVEN))
        Formula(**{name: said[f"formula.{name}"] for name in ("combine", "rounding") if f"formula.{name}" in said})
    except PerpscopeError as error:
        raise CatalogueError(what, error.there, error.do) from None
    for part, known in _KINDS.items():
        kind = said.get(f"{part}.kind")
        if kind is None:
            continue
        if kind not in known:
            raise CatalogueError(f"{what}, {part}", f"the kind {kind!r}", f"Known: {', '.join(known)}.")
        if foreign := set(rule.parts[part]) - {"kind"} - {f.name for f in fields(known[kind])}:
            raise CatalogueError(f"{what}, {part}", f"{kind} has no {', '.join(sorted(foreign))}", "Remove it, or choose another kind.")
    try:
        Settlement(**{name: said[f"settle.{name}"] for name in ("flow", "unit", "sides", "money_rounding") if f"settle.{name}" in said})
    except PerpscopeError as error:
        raise CatalogueError(f"{what}, settle", error.there, error.do) from None


def _check(venue: Venue) -> None:
    """Refuse a file that contradicts itself: sources, names, overlapping rules."""
    cited = [v for rule in venue.rules for part in PARTS for v in rule.parts[part].values()]
    cited += [v for entry in venue.contracts for v in entry.numbers.values()]
    lost = sorted({v.source for v in cited if v.known} - set(venue.sources))
    if lost:
        raise CatalogueError(f"the catalogue of {venue.id}", f"no source {', '.join(lost)}", "Describe it under [sources].")
    ids = [rule.id for rule in venue.rules]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise CatalogueError(f"the catalogue of {venue.id}", f"two rules named {', '.join(twice)}", "Give every rule its own id.")
    for one, other in combinations(venue.rules, 2):
        if not _may_stand_together(one, other):
            raise CatalogueError(
                f"the catalogue of {venue.id}",
                f"{one.id} and {other.id} overlap",
                "Date them apart, mark both disputed readings, or say with surely_since and surely_until which dates are not known.",
            )


def _may_stand_together(one: DatedRule, other: DatedRule) -> bool:
    shared = not one.markets or not other.markets or set(one.markets) & set(other.markets)
    start, end = max(one.since, other.since), min(one.until, other.until)
    if start >= end or one.market_list != other.market_list or not shared:
        return True
    if one.status == other.status == "disputed" and one.reading != other.reading:
        return True
    return not any(rule.sure(start) or rule.sure(end - 1) or start < _first_sure(rule) < end for rule in (one, other))


def _first_sure(rule: DatedRule) -> int:
    """First moment the rule was surely in force; its end where there is none."""
    first = rule.since if rule.surely_since is None else rule.surely_since
    return first if rule.sure(first) else rule.until
