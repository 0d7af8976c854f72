"""Which candidates do the rows of a scan name?

A row tells a trade's legs, what it is expected to receive, what it costs to enter and leave, and how large it may be. What a row does not
tell stands in its `why_null`, and the candidate is refused with that reason; a capacity nobody knows sets no limit, and says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from perpscope.errors import InputError
from perpscope.market.instrument import is_symbol, parse_symbol
from perpscope.market.number import INF, Number
from perpscope.trading.allocation.candidate import NO_OPPORTUNITY, Candidate, Charge, Stake
from perpscope.trading.allocation.stress import margin_of
from perpscope.trading.costs.figure import Figure
from perpscope.trading.trade import Leg

BP = 10_000
UNHELD = "nobody knows here whether it does"
"""Said of a leg on a market of which the store holds no price."""
_NOTHING = 1e-9
"""Ratio of a leg below which nothing is left of it."""
_PAYOFFS = {"spot": "{0}/USD", "linear": "{0}/USD:USD", "inverse": "{0}/USD:{0}", "quanto": "{0}/USD:*", "dated": "{0}/USD:USD-000101"}
"""Payoff -> a symbol with the same payoff, for legs whose own symbol a row does not tell."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the user says of all candidates.

    Parameters
    ----------
    leverage : of every leg but spot, >= 1; None leaves legs at what their row tells, and at 1 where it tells nothing.
    buffer : idle money, a fraction of the notional.
    move : adverse move that must liquidate no leg, a fraction; None asks for none. kept : leg name (`Leg.name`) -> maintenance and closing
        fee, fractions of the value; "" for all legs that are not named.
    opportunity : what capital would earn elsewhere, a fraction a year.
    """

    leverage: Number | None = None
    buffer: float = 0.0
    move: float | None = None
    kept: Mapping[str, Figure] = field(default_factory=dict)
    opportunity: Figure = field(default_factory=lambda: Figure.unknown(NO_OPPORTUNITY))

    def __post_init__(self) -> None:
        """Refuse terms nobody can trade on."""
        if self.leverage is not None and not 1 <= self.leverage < INF:
            raise InputError("a leverage", f"{float(self.leverage):g}", "Give 1 or more; 1 is paid in full.")
        if self.move is not None and not 0 <= self.move < 1:
            raise InputError("a stress move", f"{self.move:g}", "Give a fraction from 0 to below 1: 0.2 is 20 %.")
        if not 0 <= self.buffer < INF:
            raise InputError("a buffer", f"{self.buffer:g}", "Give a fraction of the notional, 0 or more.")

    def kept_of(self, leg: Leg) -> Figure:
        """Maintenance and closing fee of a leg, or a hole."""
        hole = Figure.unknown("no maintenance rate is known; give --maintenance, or ask for no --stress")
        return self.kept.get(leg.name, self.kept.get("", hole))


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is no candidate, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """What a trade costs, where more is known than the row tells: see `Candidate`."""

    charge: Charge
    held: Mapping[str, Figure]
    assumed: tuple[str, ...] = ()


def legs_of(row: Mapping[str, Any], leverage: Number | None = None) -> tuple[Leg, ...]:
    """Read the legs of a row; without a symbol of its own a leg takes the row's, or one of the payoff told.

    A contract that only its own margin in coins hedges keeps the leverage that the row tells.

    Raises
    ------
    InputError
        When a leg lacks its venue or side, or nothing says what is traded.
    """
    legs = row.get("legs")
    if not isinstance(legs, Sequence) or isinstance(legs, str) or not legs:
        raise InputError(f"the legs of {row.get('symbol', 'a row')}", f"{legs!r}", "Give a list of {venue, side, payoff}.")
    read = [_leg(leg, str(row.get("symbol", "")), leverage) for leg in legs]
    if len(read) == 1 and read[0].in_coin and row.get("kind") in {"cash_and_carry", "reverse_carry"}:
        read = [_leg(legs[0], str(row.get("symbol", "")), None)]
    return tuple(read)


@dataclass(frozen=True, slots=True)
class Held:
    """Legs of a row as a plan holds them.

    Parameters
    ----------
    legs : with their ratios. margins : put aside for each, a share of its notional. told : for a reader.
    why : what stops it, "" if nothing.
    """

    legs: tuple[Leg, ...]
    margins: tuple[Number, ...]
    told: tuple[str, ...] = ()
    why: str = ""


def held_of(row: Mapping[str, Any], terms: Terms) -> Held:
    """Put margin aside for the legs of a row, and hedge them again.

    Coins that are an inverse contract's margin are part of its hedge: where their number changes with the leverage or the stress, the spot
    leg changes by as much, so that no more of the coin stands open than the row has it.

    Raises
    ------
    InputError
        See `legs_of`.
    """
    legs = legs_of(row, terms.leverage)
    asked = [margin_of(leg, terms.move, terms.kept_of(leg)) for leg in legs]
    stopped = [words for margin, words in asked if margin is None]
    if stopped:
        return Held(legs, (), why="; ".join(stopped))
    margins = [margin for margin, _ in asked if margin is not None]
    before = [1 / leg.leverage for leg in legs_of(row)]
    more = sum(leg.ratio * (now - then) for leg, now, then in zip(legs, margins, before, strict=True) if leg.in_coin)
    hedged = [_hedged(leg, more) for leg in legs]
    kept = [(leg, margin) for leg, margin in zip(hedged, margins, strict=True) if leg is not None]
    return Held(tuple(leg for leg, _ in kept), tuple(margin for _, margin in kept), tuple(words for _, words in asked if words))


def _hedged(leg: Leg, more: Number) -> Leg | None:
    """Return a leg beside which more coins are held than the row has; None where nothing is left of it."""
    if leg.market != "spot" or not more:
        return leg
    ratio = leg.ratio - leg.sign * more
    return replace(leg, ratio=ratio) if ratio > _NOTHING else None


def _leg(told: object, symbol: str, leverage: Number | None) -> Leg:
    if not isinstance(told, Mapping) or not told.get("venue") or not told.get("side"):
        raise InputError("a leg of a candidate", f"{told!r}", "Give an object of venue, side and payoff.")
    payoff = str(told.get("payoff", ""))
    named = next((text for text in (str(told.get("symbol", "")), symbol) if is_symbol(text)), "")
    if not named:
        if payoff not in _PAYOFFS or not symbol:
            there = f"the payoff {payoff!r} of {symbol!r}"
            raise InputError("a leg of a candidate", there, f"Give its symbol, or one of {', '.join(_PAYOFFS)} and the row's coin.")
        named = _PAYOFFS[payoff].format(symbol)
    own = _number(told, "leverage") or 1
    used = own if leverage is None or ":" not in named else leverage
    return Leg(str(told["venue"]), named, told["side"], _number(told, "ratio") or 1, used)


def name_of(row: Mapping[str, Any], legs: Sequence[Leg]) -> str:
    """Name a row by its own name, else by its legs."""
    return str(row.get("name") or " / ".join(f"{leg.side} {leg.name}" for leg in legs))


def coin_of(row: Mapping[str, Any], legs: Sequence[Leg]) -> str:
    """Coin of a row: its own, else that of its symbol or first leg."""
    symbol = str(row.get("coin") or row.get("symbol") or legs[0].symbol)
    return parse_symbol(symbol)[0] if is_symbol(symbol) else symbol


def candidate_of(row: Mapping[str, Any], terms: Terms, priced: Priced | None = None) -> Candidate | Refused:
    """Read a row of a scan.

    Parameters
    ----------
    row : symbol, kind, legs, gross_apr, cost_bp, capacity, why_null; where they are there, lock_apr (what of gross_apr is a basis),
        hold_apr (cost of holding a year) and opportunity_apr; further keys play no part.
    priced : costs that are known by size; else cost_bp is taken at every size (assumed).

    Raises
    ------
    InputError
        When the row is no row of a scan.
    """
    held = held_of(row, terms)
    name, reasons = name_of(row, legs_of(row)), row.get("why_null") or {}
    gross = _number(row, "gross_apr")
    if gross is None:
        return Refused(name, f"gross_apr: {reasons.get('gross_apr', 'not told')}")
    if held.why:
        return Refused(name, held.why)
    told = [*held.told, *_caveats(row, name)]
    stakes = tuple(
        Stake(leg.venue, leg.symbol, leg.side, float(leg.ratio), float(leg.ratio) * float(margin))
        for leg, margin in zip(held.legs, held.margins, strict=True)
    )
    cost = priced or _flat(row, name, reasons)
    capacity = _number(row, "capacity")
    if capacity is None:
        told.append(f"{name}: no capacity is known ({reasons.get('capacity', 'not told')}), depth sets no limit")
    elif not capacity > 0:
        return Refused(name, f"a capacity of {capacity:g}" + (": it earns its costs back at no size" if capacity == 0 else ""))
    return Candidate(
        name,
        str(row.get("kind", "")),
        coin_of(row, held.legs),
        stakes,
        _carry(row, gross),
        cost.charge,
        cost.held,
        _elsewhere(row, terms),
        INF if capacity is None else capacity,
        terms.buffer,
        (*told, *cost.assumed),
    )


def _caveats(row: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield what a row takes for granted, or says beside its numbers, that a plan which takes the trade must repeat."""
    if row.get("expires"):
        yield f"{name}: its basis is taken to run off evenly until {row['expires']}, whatever the time held (assumed)"
    for leg in row["legs"]:
        if leg.get("on_record") is False:
            yield f"{name}: {leg['venue']} is assumed to trade {leg['symbol']}, {UNHELD}"
    yield from (f"{name}: {words}" for words in row.get("notes") or ())


def _flat(row: Mapping[str, Any], name: str, reasons: Mapping[str, Any]) -> Priced:
    """Cost of a row at every size, or the hole with its reason."""
    cost = _number(row, "cost_bp")
    if cost is None:
        hole = Figure.unknown(f"cost_bp: {reasons.get('cost_bp', 'not told')}")
        return Priced(lambda _: {"cost": hole}, {})
    figure = Figure(cost / BP, "given", "cost_bp of the scan's row")
    return Priced(lambda _: {"cost": figure}, _holding(row), (f"{name}: its cost_bp is taken at every size (assumed)",))


def _holding(row: Mapping[str, Any]) -> dict[str, Figure]:
    """Cost of holding, without what capital would earn elsewhere, which a row's hold_apr counts where it knows it."""
    whole, elsewhere, capital = (_number(row, key) for key in ("hold_apr", "opportunity_apr", "capital"))
    if whole is None:
        return {}
    return {"held": Figure(whole - (elsewhere or 0.0) * (capital or 0.0), "given", "hold_apr of the scan's row")}


def _carry(row: Mapping[str, Any], gross: float) -> dict[str, float]:
    lock = _number(row, "lock_apr") or 0.0
    return {"funding": gross - lock, "basis": lock} if lock else {"funding": gross}


def _elsewhere(row: Mapping[str, Any], terms: Terms) -> Figure:
    own = _number(row, "opportunity_apr")
    return terms.opportunity if terms.opportunity.known or own is None else Figure(own, "given", "opportunity_apr of the scan's row")


def _number(row: Mapping[str, Any], key: str) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise InputError(f"the {key} of a candidate", f"{value!r}", "Give a number, or null with a reason in why_null.")
    return float(value)
