"""Which trades do two contracts of a coin make, or a contract and its coin, and which way round?

The side that receives is taken: of two perpetuals the one that pays its shorts more is sold, the other bought. A contract against
nothing makes cash and carry where shorts receive, and its reverse where longs do; unhedged it is shown only as a contrast.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perpscope.market.instrument import parse_symbol
from perpscope.market.number import Number
from perpscope.trading.scan.terms import Terms
from perpscope.trading.trade import Collateral, Kind, Leg, Trade
from perpscope.units import HOURS_PER_YEAR

QUOTE_DOLLARS = frozenset({"USD", "USDT", "USDC", "BUSD", "FDUSD", "DAI", "TUSD", "USDE", "USDD"})
"""Quotes that are compared with each other as if they were one; a row of two of them says so."""

COINS_HEDGE = "the coins of its own margin are the hedge: no spot is bought"

Pair = Mapping[str, Any]
"""One row of `analysis.pairs.table.pair_table`."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A spot market that could be a leg.

    Parameters
    ----------
    venue, symbol : where and what. held : whether the store holds prices of it.
    """

    venue: str
    symbol: str
    held: bool


@dataclass(frozen=True, slots=True)
class Formed:
    """A trade and what of a pair belongs to it.

    Parameters
    ----------
    trade : its legs and collateral. sign : +1 where it receives the pair's spread (a minus b), -1 where it receives the opposite.
    sides : for each leg "a", "b" or "" (the leg pays no funding). notes, assumed : for a reader.
    lock : annual rate fixed at the entry beside the funding: the basis of a dated leg. until : ms, when such a leg expires.
    told : more about the legs without funding, for a reader.
    """

    trade: Trade
    sign: int
    sides: tuple[str, ...]
    notes: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    lock: float = 0.0
    until: int | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dated:
    """A dated future that could be a leg, with the yearly rate its price implies.

    Parameters
    ----------
    venue, symbol : where and what; the symbol ends in the expiry. price, spot : of the future and of the coin, at `seen` (ms UTC).
    spot_of : whose spot price. expiry : ms UTC. apr : (price / spot - 1) x 365 / days to the expiry.
    assumed : what was taken for granted, for a reader.
    """

    venue: str
    symbol: str
    price: float
    spot: float
    spot_of: str
    seen: int
    expiry: int
    apr: float
    assumed: tuple[str, ...] = ()


def formed(
    pair: Pair, spots: Sequence[Spot], terms: Terms, deliverable: Collection[str] = (), ahead: float | None = None
) -> Iterator[Formed]:
    """Yield the trades of one pair, each in the direction that receives.

    Parameters
    ----------
    pair : fresh contract(s). spots : markets of the coin, for a contract against nothing. deliverable : names of contracts (`Leg.name`)
        that can be delivered. ahead : see `direction`.
    """
    sign = direction(pair, terms, ahead)
    for way in (sign, -sign) if terms.both_ways else (sign,):
        if pair["b_venue"] is None:
            yield from _against_coin(pair, spots, terms, way)
        elif terms.same_venue or pair["a_venue"] != pair["b_venue"]:
            yield _against_perpetual(pair, terms, way, deliverable)


def direction(pair: Pair, terms: Terms, ahead: float | None = None) -> int:
    """+1 where selling a and buying b receives, -1 where the opposite does; +1 where they are equal.

    Parameters
    ----------
    ahead : annual rate expected of a minus b, by which trades that stand on what is expected are turned; None where it is not known.
    """
    return 1 if _carry(pair, terms, ahead) >= 0 else -1


def _carry(pair: Pair, terms: Terms, ahead: float | None) -> float:
    """Annual rate that decides a direction: the expected one, or of the ranking window, else shorter ones, the history, the last rates."""
    if terms.by == "expected" and ahead is not None:
        return ahead
    lengths = sorted((int(name[4:-1]) for name in pair if name.startswith("apr_")), reverse=True)
    shorter = [pair[f"apr_{days}d"] for days in lengths if days < terms.window and terms.shorter]
    told = [value for value in (pair[f"apr_{terms.window}d"], *shorter, pair["mean_apr"]) if value is not None and not math.isnan(value)]
    if told:
        return float(told[0])
    return (_yearly(pair, "a") - (_yearly(pair, "b") if pair["b_venue"] is not None else 0.0)) * HOURS_PER_YEAR


def _yearly(pair: Pair, side: str) -> float:
    return float(pair[f"{side}_rate"] / pair[f"{side}_hours"])


def perpetual_leg(pair: Pair, side: str, way: int, terms: Terms) -> Leg:
    """Leg of one contract: sold where `way` is +1."""
    symbol = str(pair[f"{side}_symbol"])
    return Leg(str(pair[f"{side}_venue"]), symbol, "short" if way > 0 else "long", 1, terms.leverage, terms.liquidity, multiplier=None)


def _against_perpetual(pair: Pair, terms: Terms, way: int, deliverable: Collection[str]) -> Formed:
    legs = (perpetual_leg(pair, "a", way, terms), perpetual_leg(pair, "b", -way, terms))
    names = {leg.name for leg in legs}
    kind: Kind = "deliverable_cash" if len(names & set(deliverable)) == 1 else "perp_perp"
    return Formed(Trade(kind, legs, Collateral(terms.buffer)), way, ("a", "b"), tuple(_notes(legs)), tuple(_coins_bought(legs)))


def _against_coin(pair: Pair, spots: Sequence[Spot], terms: Terms, way: int) -> Iterator[Formed]:
    perp = perpetual_leg(pair, "a", way, terms)
    collateral = Collateral(terms.buffer)
    for spot in spots:
        share = spot_share(perp)
        if share == 0:
            yield Formed(Trade("cash_and_carry", (perp,), collateral), way, ("a",), (COINS_HEDGE,), tuple(_coins_bought((perp,))))
            return
        leg = Leg(spot.venue, spot.symbol, "long" if way > 0 else "short", share, 1, terms.liquidity)
        kind: Kind = "cash_and_carry" if way > 0 else "reverse_carry"
        assumed = [] if spot.held else [f"{spot.venue} is assumed to trade {spot.symbol}: the store holds no price of it"]
        if way < 0:
            assumed.append("the borrowed coin is secured in full (assumed)")
        assumed += _coins_bought((perp, leg))
        trade, told = Trade(kind, (perp, leg), collateral), {"on_record": spot.held}
        yield Formed(trade, way, ("a", ""), tuple(_notes((perp, leg))), tuple(assumed), told=told)
    if terms.naked:
        naked: Kind = "naked_short" if way > 0 else "naked_long"
        yield Formed(Trade(naked, (perp,), collateral), way, ("a",), ("not hedged: the price of the coin decides",))


def against_dated(pair: Pair, future: Dated, terms: Terms, ahead: float | None = None) -> Iterator[Formed]:
    """Yield the trade of a perpetual against a dated future held to its expiry: one receives funding, the other its basis.

    Short the perpetual and long the future receives funding and pays the basis; turned round where that is more.

    Parameters
    ----------
    ahead : as in `direction`.
    """
    sign = 1 if _carry(pair, terms, ahead) >= future.apr else -1
    for way in (sign, -sign) if terms.both_ways else (sign,):
        yield _dated_trade(pair, future, terms, way)


def _dated_trade(pair: Pair, future: Dated, terms: Terms, way: int) -> Formed:
    perp = perpetual_leg(pair, "a", way, terms)
    other = Leg(future.venue, future.symbol, "long" if way > 0 else "short", 1, terms.leverage, terms.liquidity)
    told = {"price": future.price, "spot": future.spot, "spot_of": future.spot_of, "seen": future.seen, "basis_apr": future.apr}
    held = f"held to the expiry of {other.name}, where its price meets the coin's"
    trade = Trade("perp_dated", (perp, other), Collateral(terms.buffer))
    assumed = (*future.assumed, *_coins_bought((perp, other)))
    return Formed(trade, way, ("a", ""), (held, *_notes((perp, other))), assumed, -way * future.apr, future.expiry, told)


def spot_share(perp: Leg) -> Number:
    """Spot that hedges a perpetual, a share of its notional: what the coins of an inverse contract's margin leave open.

    A short inverse contract at leverage L holds 1 / L of its notional in coins, so that 1 - 1 / L is left to buy; one held long has as much
    more to sell.
    """
    if perp.market != "inverse":
        return 1
    return 1 - 1 / perp.leverage if perp.side == "short" else 1 + 1 / perp.leverage


def _coins_bought(legs: Sequence[Leg]) -> Iterator[str]:
    """Say what coins put up as margin leave out: what buying them costs and, with no spot against them, how their price moves."""
    alone = all(leg.market != "spot" for leg in legs) and len(legs) > 1
    for leg in legs:
        if leg.in_coin:
            open_ = f", and the price of those coins, {1 / float(leg.leverage):.0%} of the notional, is not hedged" if alone else ""
            yield f"the coins of the margin of {leg.name} are bought and sold at no cost (assumed){open_}"


def _notes(legs: Sequence[Leg]) -> Iterator[str]:
    quotes = sorted({parse_symbol(leg.symbol)[1] for leg in legs})
    if len(quotes) > 1:
        known = set(quotes) <= QUOTE_DOLLARS
        yield f"quoted in {' and '.join(quotes)}: {'taken for one, their difference is not in it' if known else 'not one currency'}"
    bases = sorted({parse_symbol(leg.symbol)[0] for leg in legs})
    if len(bases) > 1:
        yield f"{' and '.join(bases)}: one coin in different units, compared per unit of coin"
    for leg in legs:
        if leg.market == "inverse":
            yield f"{leg.name} is inverse: its gain in coins is convex, and the hedge must follow the price"
        elif leg.market == "quanto":
            yield f"{leg.name} is a quanto: its gain depends on how the coin moves with {leg.asset}"
