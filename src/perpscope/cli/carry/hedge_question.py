"""Which hedge do the words of a command line ask for?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perpscope.cli.carry.given_costs import CostWords
    from perpscope.cli.carry.hedge_options import DatedWords, OtherWords, PositionWords, SwapWords
    from perpscope.runs.hedge import Question
    from perpscope.store import Store
    from perpscope.trading.costs.figure import Figure
    from perpscope.trading.hedge.offer import Quote, Terms
    from perpscope.trading.hedge.position import Position
    from perpscope.trading.trade import Leg, Side


@dataclass(frozen=True, slots=True)
class Words:
    """All that was said."""

    position: PositionWords
    dated: DatedWords
    swap: SwapWords
    other: OtherWords
    costs: CostWords


def position_of(store: Store | None, venue: str, symbol: str, words: PositionWords) -> Position:
    """Build the position: a perpetual, and what stands against it."""
    from perpscope.cli.amounts import number_of
    from perpscope.cli.carry.legs import legs_of
    from perpscope.errors import InputError
    from perpscope.trading.hedge.position import Position

    (perp,) = legs_of([f"{words.side}:{_held(store, venue, symbol)}"], leverage=words.leverage)
    if words.outright and words.spot:
        raise InputError("a position", "--outright beside --spot", "Give one of them.")
    against = None if words.outright else _coin(store, perp, words)
    return Position(perp, against, float(number_of("--notional", words.notional)), words.days, words.held)


def moment_of(store: Store | None, position: Position, text: str, now: int) -> int:
    """Moment as written; else now, or the end of what a store holds of the perpetual."""
    from perpscope.market.time import day_ms
    from perpscope.runs.daily import latest

    if text or store is None:
        return day_ms(text) if text else now
    return latest(store, position.perp.venue, position.perp.symbol, now)


def _held(store: Store | None, venue: str, symbol: str) -> str:
    """VENUE:SYMBOL of a perpetual: what the store holds of it, else as it was written."""
    from perpscope.audit.which import held_contract
    from perpscope.errors import NotEnoughData

    if store is None:
        return f"{venue}:{symbol}"
    try:
        found = held_contract(store, venue, symbol)
    except NotEnoughData:
        return f"{venue}:{symbol}"
    return f"{found.identity.venue}:{found.symbol}"


def _coin(store: Store | None, perp: Leg, words: PositionWords) -> Leg:
    from perpscope.cli.carry.legs import legs_of
    from perpscope.errors import InputError
    from perpscope.runs.hedge import refuse_other_coin
    from perpscope.runs.legs import spot_of

    opposite: Side = "long" if perp.side == "short" else "short"
    named = words.spot
    if not named:
        if store is None:
            there = "no store to look its market up in"
            raise InputError("the coin against the perpetual", there, "Name it with --spot VENUE:SYMBOL, or say --outright.")
        named = spot_of(store, perp).name
    (found,) = legs_of([f"{opposite}:{named}"], leverage=words.leverage)
    refuse_other_coin(perp, found.symbol, f"the coin {found.name}")
    return found


def question_of(position: Position, at: int, words: Words) -> Question:
    """Build the question about a position."""
    from perpscope.cli.carry.given_costs import rows_of
    from perpscope.cli.carry.tiers import tiers_of
    from perpscope.runs.hedge import Question

    dated, swap, other = words.dated, words.swap, words.other
    stated = bool(dated.dated_price or dated.spot_price or dated.expiry)
    swapped = swap != type(swap)()
    return Question(
        position,
        at,
        words.position.look,
        (_quote(position, at, dated),) if stated else (),
        _venue(dated.dated_venue),
        _terms(at, swap) if swapped else None,
        _contract(swap.swap_on) if swap.swap_on else None,
        _others(position.perp, other),
        rows_of(words.costs),
        tiers_of(words.costs.tier),
        words.position.seed,
    )


def _others(perp: Leg, words: OtherWords) -> tuple[tuple[str, str], ...] | None:
    """Other perpetuals as named; none, or all (None), where that is said or nothing is."""
    from perpscope.errors import InputError

    if words.no_others and words.other:
        raise InputError("other perpetuals", "--other beside --no-others", "Give one of them.")
    named = tuple(_contract(text) for text in words.other)
    if (perp.venue, perp.symbol) in named:
        raise InputError(f"the other perpetual {perp.venue}:{perp.symbol}", "it is the perpetual itself", "Name another.")
    return () if words.no_others else named or None


def _venue(text: str) -> str:
    from perpscope.audit.which import venue_named

    return venue_named(text) if text else ""


def _contract(text: str) -> tuple[str, str]:
    from perpscope.trading.leg_text import parse_leg

    leg = parse_leg(f"long:{text}")
    return leg.venue, leg.symbol


def _quote(position: Position, at: int, words: DatedWords) -> Quote:
    from datetime import UTC, datetime

    from perpscope.cli.amounts import number_of
    from perpscope.errors import InputError
    from perpscope.market.time import day_ms
    from perpscope.trading.hedge.offer import Quote
    from perpscope.trading.leg_text import leg_venue
    from perpscope.trading.trade import Leg
    from perpscope.units import MS_PER_DAY

    if not (words.dated_price and words.spot_price and words.expiry):
        raise InputError("a dated future", "not all of its price, spot and expiry", "Give --dated-price, --spot-price and --expiry.")
    perp, expires = position.perp, day_ms(words.expiry)
    symbol = f"{perp.symbol}-{datetime.fromtimestamp(expires / 1000, tz=UTC):%y%m%d}"
    venue = leg_venue(words.dated_venue, symbol) if words.dated_venue else perp.venue
    leg = Leg(venue, symbol, perp.side, leverage=perp.leverage)
    price, spot = float(number_of("--dated-price", words.dated_price)), float(number_of("--spot-price", words.spot_price))
    return Quote(leg, price, spot, (expires - at) / MS_PER_DAY, ("prices as given",))


def _terms(at: int, words: SwapWords) -> Terms:
    from perpscope.cli.amounts import number_of, share_of
    from perpscope.errors import InputError
    from perpscope.market.time import day_ms, to_text
    from perpscope.trading.costs.figure import Figure
    from perpscope.trading.hedge.offer import Terms
    from perpscope.units import MS_PER_DAY

    if not (words.swap_apr and words.swap_maturity):
        raise InputError("a swap of funding", "not both its rate and its maturity", "Give --swap-apr and --swap-maturity.")
    matures = day_ms(words.swap_maturity)
    return Terms(
        f"swap to {to_text(matures)[:10]}" + (f" on {words.swap_on}" if words.swap_on else ""),
        float(share_of("--swap-apr", words.swap_apr)),
        (matures - at) / MS_PER_DAY,
        _figure("--swap-fee", words.swap_fee, "the fee of opening the swap, which differs by market"),
        _figure("--swap-settlement-fee", words.swap_settlement_fee, "the fee as funding settles, which differs by market"),
        _figure("--swap-margin", words.swap_margin, "the margin of the swap, which depends on its market's rate floor and factors"),
        Figure.given(float(number_of("--swap-entrance", words.swap_entrance))),
    )


def _figure(option: str, text: str, what: str) -> Figure:
    from perpscope.cli.amounts import share_of
    from perpscope.trading.costs.figure import Figure

    return Figure.given(float(share_of(option, text))) if text else Figure.unknown(f"nothing says {what}; give {option}")
