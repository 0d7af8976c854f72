"""Which venues and rules are there, and which of them does a user mean?

Reads the packaged TOML files once. What a user types is resolved here, visibly: one meaning, or an error that lists them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from importlib import resources

from perpscope.catalogue.parse import parse_venue
from perpscope.catalogue.schema import Venue
from perpscope.errors import CatalogueError, InputError
from perpscope.market.instrument import Instrument, market_of, parse_symbol

SIMULATED = "sim:"


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
    found = parse_venue(text)
    if found.id != venue:
        raise CatalogueError(f"the catalogue of {venue}", f"its file says {found.id}", "Name the file after the venue's id.")
    return found


@cache
def _aliases() -> dict[str, str]:
    known: dict[str, str] = {}
    for venue in venue_ids():
        for name in (venue, load_venue(venue).name, *load_venue(venue).aliases):
            if known.setdefault(_plain(name), venue) != venue:
                raise CatalogueError(f"the name {name!r}", f"{known[_plain(name)]} and {venue} both claim it", "Keep it in one file.")
    return known


def _plain(name: str) -> str:
    return re.sub(r"[\s_.\-]+", "", name).lower()


def resolve_venue(text: str) -> str:
    """Venue id of an id, name or alias, in any spelling of case, blanks, dots and dashes."""
    if text.startswith(SIMULATED):
        return SIMULATED + resolve_venue(text.removeprefix(SIMULATED))
    found = _aliases().get(_plain(text))
    if found is None:
        near = [venue for venue in venue_ids() if len(_plain(text)) > 1 and _plain(venue).startswith(_plain(text))]
        near = near or sorted({_aliases()[name] for name in get_close_matches(_plain(text), _aliases(), n=2, cutoff=0.75)})
        if near:
            raise InputError(f"the venue {text!r}", "the catalogue has none of that name", f"Give {' or '.join(near)}.")
        there = f"the catalogue has {', '.join(venue_ids())}"
        raise InputError(f"the venue {text!r}", there, "Give one of these, or an alias of one.")
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
