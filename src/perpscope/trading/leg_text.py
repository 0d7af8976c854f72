"""Which leg does a person mean by `short:VENUE:BTC/USDT:USDT:x3`?

A leg is written SIDE:VENUE:SYMBOL with options behind it, in any order: `x3` (leverage), `ratio=0.5`, `maker` or `taker`, `size=0.1`
(contract size) and `swap`. Names are resolved visibly, as everywhere: one meaning, or an error that lists them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from perpscope.catalogue.contracts import native_ids, perpetual_venue
from perpscope.catalogue.load import SIMULATED, load_venue, resolve_symbol, resolve_venue
from perpscope.catalogue.tariffs import tariff_venue
from perpscope.errors import InputError
from perpscope.market.instrument import Instrument, is_symbol
from perpscope.market.number import to_decimal
from perpscope.trading.trade import Kind, Leg

FORM = "Write SIDE:VENUE:SYMBOL, such as short:VENUE:BTC/USDT:USDT:x3; behind it x3, ratio=0.5, maker, taker, size=0.1, swap."
_NUMBER = r"(\d+(?:\.\d+)?(?:/\d+)?)"
_OPTIONS = {"leverage": re.compile(f"x{_NUMBER}"), "ratio": re.compile(f"ratio={_NUMBER}"), "multiplier": re.compile(f"size={_NUMBER}")}
_QUOTES = ("USDT", "USD", "USDC", "BUSD")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for every leg that does not say otherwise; spot held long is paid in full whatever this says."""

    leverage: Fraction = Fraction(1)
    liquidity: str = "taker"


def parse_leg(text: str, *, known: Iterable[Instrument] = (), venues: Collection[str] = (), defaults: Defaults | None = None) -> Leg:
    """Read one leg as a person writes it.

    Parameters
    ----------
    text : SIDE:VENUE:SYMBOL[:OPTION…]; venue an id, name or alias; symbol unified, a native id or a bare coin.
    known : instruments at hand (of a store, say), preferred. venues : ids at hand beyond the catalogue's (spot markets of a store).
    defaults : leverage and liquidity where the text says none.

    Raises
    ------
    InputError
        When the text is not of that form, or a name has no meaning or several.

    Examples
    --------
    >>> found = parse_leg("short:gate:BTC_USDT:x3:maker")
    >>> found.symbol, found.side, found.leverage, found.liquidity
    ('BTC/USDT:USDT', 'short', Fraction(3, 1), 'maker')
    """
    side, venue_text, words = _split(text)
    said, symbol_text = _options(text, words)
    venue = leg_venue(venue_text, symbol_text, venues)
    symbol = leg_symbol(venue, symbol_text, known)
    usual = defaults or Defaults()
    paid = ":" not in symbol and not said.get("swap")
    standard: dict[str, Any] = {"leverage": Fraction(1) if paid else usual.leverage, "liquidity": usual.liquidity}
    return Leg(venue, symbol, side, **(standard | said))  # type: ignore[arg-type]  # the leg itself refuses other sides


def _split(text: str) -> tuple[str, str, list[str]]:
    side, colon, rest = text.strip().partition(":")
    simulated = rest.startswith(SIMULATED)
    venue, second, rest = rest.removeprefix(SIMULATED).partition(":")
    if side.lower() not in {"long", "short"} or not (colon and second and venue and rest):
        raise InputError(f"the leg {text!r}", "not of the form SIDE:VENUE:SYMBOL", FORM)
    return side.lower(), (SIMULATED if simulated else "") + venue, rest.split(":")


def _options(text: str, words: list[str]) -> tuple[dict[str, Any], str]:
    """Take options off the end; what is left is the symbol."""
    found: dict[str, Any] = {}
    while len(words) > 1:
        read = _option(words[-1].strip().lower())
        if read is None:
            break
        if read[0] in found:
            raise InputError(f"the leg {text!r}", f"its {read[0]} is said twice", FORM)
        found[read[0]] = read[1]
        words = words[:-1]
    settled = 2  # words of a unified symbol, BASE/QUOTE and SETTLE
    if is_symbol(words[0]) and len(words) > 1 and not is_symbol(":".join(words)):
        odd = words[settled] if len(words) > settled and is_symbol(":".join(words[:settled])) else words[1]
        raise InputError(f"the leg {text!r}", f"nothing is known of {odd!r}", FORM)
    return found, ":".join(words).strip()


def _option(word: str) -> tuple[str, Any] | None:
    if word in {"maker", "taker"}:
        return "liquidity", word
    if word == "swap":
        return "swap", True
    for name, pattern in _OPTIONS.items():
        if fits := pattern.fullmatch(word):
            return name, to_decimal(fits[1])
    return None


def leg_venue(text: str, symbol: str, venues: Collection[str] = ()) -> str:
    """Venue id of a leg; a perpetual named under its house's spot market is found at the house's futures venue."""
    if text.strip().lower() in venues:
        return text.strip().lower()
    if _spot(symbol):
        return tariff_venue(text)
    return perpetual_venue(resolve_venue(text), symbol)


def _spot(symbol: str) -> bool:
    return "/" in symbol and ":" not in symbol


def leg_symbol(venue: str, text: str, known: Iterable[Instrument] = ()) -> str:
    """Unified symbol of what a person typed; of a bare coin the one perpetual of it that the venue's names allow.

    Raises
    ------
    InputError
        When it can be none, or several.
    """
    if is_symbol(text):
        base, slash, rest = text.partition("/")
        return f"{base.upper() if base.islower() else base}{slash}{rest.upper()}"
    here = tuple(each for each in known if each.identity.venue == venue)
    try:
        found = _resolved(venue, text, here)
    except InputError as problem:
        fits = () if here or not text.isalnum() else _perpetuals(venue, text)
        if len(fits) > 1:
            there = f"a coin alone, by the venue's names it may be {', '.join(fits)}"
            raise InputError(f"{venue} {text}", there, "Name one of them.") from None
        if not fits:
            raise problem from None
        return fits[0]
    return found.symbol if isinstance(found, Instrument) else found


def _resolved(venue: str, text: str, here: tuple[Instrument, ...]) -> Instrument | str:
    """Resolve a name as typed, else in capitals, as most venues write theirs."""
    try:
        return resolve_symbol(venue, text, here)
    except InputError:
        if text.upper() == text:
            raise
    try:
        return resolve_symbol(venue, text.upper(), here)
    except InputError:
        return resolve_symbol(venue, text, here)  # whose error names what was typed


def _perpetuals(venue: str, coin: str) -> tuple[str, ...]:
    """Perpetuals of a coin that the venue's own names can mean."""
    law, base = load_venue(venue), coin.upper()
    asked = [f"{base}/{quote}:{settle}" for quote in _QUOTES for settle in dict.fromkeys((quote, base, "USDC"))]
    return tuple(symbol for symbol in asked if native_ids(law, symbol))


def kind_of(legs: tuple[Leg, ...]) -> Kind:
    """Kind of trade that legs make, by what they are: `Trade.kind` where nobody says it.

    Examples
    --------
    >>> kind_of((parse_leg("long:gate:BTC/USDT"), parse_leg("short:gate:BTC/USDT:USDT")))
    'cash_and_carry'
    """
    if len(legs) == 1:
        return "naked_long" if legs[0].side == "long" else "naked_short"
    markets = {leg.market for leg in legs}
    if "swap" in markets:
        return "perp_swap"
    if "spot" in markets:
        if markets <= {"spot", "dated"}:
            return "dated_carry"
        return "cash_and_carry" if any(leg.market == "spot" and leg.side == "long" for leg in legs) else "reverse_carry"
    return "perp_dated" if "dated" in markets else "perp_perp"
