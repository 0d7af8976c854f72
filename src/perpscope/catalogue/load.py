"""Which venues and rules are there?

Reads the packaged TOML files once and checks them whole: unknown names, sources that do not exist, rules that
overlap without being marked disputed. What a user types is resolved here, visibly.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from itertools import combinations
from typing import Any

from perpscope.catalogue.schema import PARTS, ContractNumbers, DatedRule, Pattern, Source, Venue, part_names
from perpscope.catalogue.sourced import Sourced
from perpscope.errors import CatalogueError, InputError
from perpscope.market.instrument import Instrument, market_of, parse_symbol
from perpscope.market.time import FOREVER, to_ms

SIMULATED = "sim:"
_STATUS = ("verified", "stated", "inferred", "disputed")


@cache
def venue_ids() -> tuple[str, ...]:
    """Ids of all venues in the catalogue."""
    folder = resources.files("perpscope.catalogue").joinpath("venues")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


@cache
def load_venue(venue: str) -> Venue:
    """Load one venue by its id.

    Raises
    ------
    InputError
        When there is no such venue; the message lists what there is.
    CatalogueError
        When its file contradicts itself.
    """
    if venue.startswith(SIMULATED):
        real = load_venue(venue.removeprefix(SIMULATED))
        rules = tuple(replace(rule, venue=venue) for rule in real.rules)
        return replace(real, id=venue, name=f"{real.name} rules, SYNTHETIC market", rules=rules, aliases=())
    if venue not in venue_ids():
        raise InputError(f"the venue {venue!r}", f"the catalogue has {', '.join(venue_ids())}", "Give one of these, or an alias of one.")
    text = resources.files("perpscope.catalogue").joinpath("venues", f"{venue}.toml").read_text(encoding="utf-8")
    return parse_venue(text)


@cache
def _aliases() -> dict[str, str]:
    known: dict[str, str] = {}
    for venue in venue_ids():
        for name in (venue, load_venue(venue).name, *load_venue(venue).aliases):
            known[_plain(name)] = venue
    return known


def _plain(name: str) -> str:
    return re.sub(r"[\s_.\-]+", "", name).lower()


def resolve_venue(text: str) -> str:
    """Venue id of an id, name or alias, in any spelling of case, blanks, dots and dashes."""
    if text.startswith(SIMULATED):
        return SIMULATED + resolve_venue(text.removeprefix(SIMULATED))
    found = _aliases().get(_plain(text))
    if found is None:
        raise InputError(f"the venue {text!r}", f"the catalogue has {', '.join(venue_ids())}", "Give one of these, or an alias of one.")
    return found


def resolve_symbol(venue: str, text: str, known: tuple[Instrument, ...] = ()) -> Instrument | str:
    """Instrument meant by a unified symbol, native id or bare coin.

    Parameters
    ----------
    venue : venue id. text : what the user typed. known : instruments at hand (of a store, say), preferred.

    Returns
    -------
    The instrument, or the unified symbol where only that is known.

    Raises
    ------
    InputError
        When several instruments fit (they are listed) or none can.
    """
    for fits in (
        lambda i: text in (i.identity.native_id, i.symbol),
        lambda i: text.upper() in (i.identity.native_id.upper(), i.symbol.upper()),
        lambda i: text.upper() == i.base.upper(),
    ):
        found = [i for i in known if fits(i)]
        if len({i.symbol for i in found}) == 1:
            return found[0]
        if found:
            raise InputError(f"{venue} {text}", f"several contracts fit: {', '.join(sorted(i.symbol for i in found))}", "Name one of them.")
    read = load_venue(venue).instrument(text)
    if read is not None:
        return read
    if "/" in text:
        base, quote, settle = parse_symbol(text)
        market_of(base, quote, settle)
        return text
    held = f"; at hand are {', '.join(sorted(i.symbol for i in known)[:12])}" if known else ""
    raise InputError(f"{venue} {text}", f"no contract of that name{held}", "Give a unified symbol such as BTC/USDT:USDT, or the native id.")


def parse_venue(text: str) -> Venue:
    """Read one venue from the text of its TOML file, checked whole."""
    raw = tomllib.loads(text)
    head = raw["venue"]
    sources = {key: Source(key, **value) for key, value in raw.get("sources", {}).items()}
    venue = Venue(
        id=head["id"],
        name=head["name"],
        aliases=tuple(head.get("aliases", ())),
        about=head.get("about", ""),
        sources=sources,
        patterns=tuple(_pattern(entry) for entry in raw.get("symbols", ())),
        contracts=tuple(_contract(entry) for entry in raw.get("contract", ())),
        rules=tuple(_rule(head["id"], entry) for entry in raw.get("rule", ())),
        opened=_moment(head.get("opened"), 0),
        closed=_moment(head.get("closed"), FOREVER),
        unknown=tuple(head.get("unknown", ())),
    )
    _check(venue)
    return venue


def _moment(value: Any, default: int) -> int:  # noqa: ANN401 - a TOML datetime or nothing
    return default if value is None else to_ms(value)


def _pattern(entry: Mapping[str, Any]) -> Pattern:
    return Pattern(**{**entry, "rename": tuple(entry.get("rename", {}).items())})


def _contract(entry: Mapping[str, Any]) -> ContractNumbers:
    fixed = ("pattern", "since", "until")
    numbers = {name: Sourced.read(value) for name, value in entry.items() if name not in fixed}
    return ContractNumbers(entry["pattern"], _moment(entry.get("since"), 0), _moment(entry.get("until"), FOREVER), numbers)


def _rule(venue: str, entry: Mapping[str, Any]) -> DatedRule:
    for part in PARTS:
        foreign = set(entry.get(part, {})) - part_names(part)
        if foreign:
            there = f"{part} has {', '.join(sorted(foreign))}"
            raise CatalogueError(f"the rule {entry.get('id')}", there, f"{part} may hold {', '.join(sorted(part_names(part)))}.")
    return DatedRule(
        id=entry["id"],
        venue=venue,
        since=_moment(entry.get("since"), 0),
        until=_moment(entry.get("until"), FOREVER),
        market_list=entry.get("market_list", ""),
        markets=tuple(entry.get("markets", ())),
        status=entry["status"],
        reading=entry.get("reading", ""),
        about=entry.get("about", ""),
        parts={part: {name: Sourced.read(value) for name, value in entry.get(part, {}).items()} for part in PARTS},
        doubts=tuple(entry.get("doubts", ())),
    )


def _check(venue: Venue) -> None:
    """Refuse a file that contradicts itself: statuses, sources, overlapping rules."""
    cited = [v for rule in venue.rules for part in PARTS for v in rule.parts[part].values()]
    cited += [v for entry in venue.contracts for v in entry.numbers.values()]
    lost = sorted({v.source for v in cited if v.known} - set(venue.sources))
    if lost:
        raise CatalogueError(f"the catalogue of {venue.id}", f"no source {', '.join(lost)}", "Describe it under [sources].")
    for rule in venue.rules:
        if rule.status not in _STATUS or rule.since >= rule.until:
            raise CatalogueError(f"the rule {rule.id}", f"status {rule.status}, {rule.period}", f"Status is one of {', '.join(_STATUS)}.")
    for one, other in combinations(venue.rules, 2):
        shared = not one.markets or not other.markets or set(one.markets) & set(other.markets)
        overlap = one.since < other.until and other.since < one.until and one.market_list == other.market_list and shared
        if overlap and not (one.status == other.status == "disputed" and one.reading != other.reading):
            raise CatalogueError(
                f"the catalogue of {venue.id}", f"{one.id} and {other.id} overlap", "Date them apart, or mark both disputed readings."
            )
